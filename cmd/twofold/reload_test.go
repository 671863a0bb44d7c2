package main

import (
	"context"
	"os"
	"strings"
	"testing"
)

// edit changes the configuration's text.
func edit(t *testing.T, st *stage, old, new string) {
	t.Helper()
	text, err := os.ReadFile(st.config)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), old, new, 1)
	if changed == string(text) {
		t.Fatalf("the configuration has no %q", old)
	}
	if err := os.WriteFile(st.config, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAReloadThatFailsLeavesEverythingAsItWas(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"a fault in the file", "state_dir", "state_dri", "state_dri"},
		{"an authority that is none", "insecure: true", "insecure: true\n    ca_file: twofold.yaml", "ca_file"},
		{"a certificate that is not there", "http: {", "http: {cert_file: gone.pem, key_file: gone.pem, ", "http.cert_file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st, log := stageFor(t), &logBuffer{}
			s := startFor(t, st, log)
			defer closeFor(t, s)
			before, cert := s.present.Load(), s.cert.Load()
			edit(t, st, c.old, c.new)
			s.reload(context.Background())
			if s.present.Load() != before || s.cert.Load() != cert {
				t.Error("something was exchanged")
			}
			if said := log.String(); !strings.Contains(said, "not reloaded") || !strings.Contains(said, c.want) {
				t.Errorf("log does not say why:\n%s", said)
			}
		})
	}
}

func TestWhatNeedsARestartIsToldAtEachReload(t *testing.T) {
	st, log := stageFor(t), &logBuffer{}
	s := startFor(t, st, log)
	defer closeFor(t, s)
	edit(t, st, "state_dir: state", "state_dir: other\nadmin_socket: else.sock\nlog: {format: json}")
	for range 2 {
		s.reload(context.Background())
	}
	if n := strings.Count(log.String(), "state_dir, log.format, admin_socket changed, which needs a restart"); n != 2 {
		t.Errorf("it was told %d times:\n%s", n, log.String())
	}
	if _, err := os.Stat(st.dir + "/other"); err == nil {
		t.Error("the other state directory was made")
	}
}

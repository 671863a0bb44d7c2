package conf

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheSocketIsFoundInAFileWithFaults(t *testing.T) {
	for _, c := range []struct {
		name, text, want string // want is below the file's folder, or absolute
		faults           bool
	}{
		{"no fault", "state_dir: state\n" + base, "state/admin.sock", false},
		{"a socket of its own", "admin_socket: run/x.sock\n" + base, "run/x.sock", false},
		{"neither", base, "/var/lib/twofold/admin.sock", false},
		{"a fault elsewhere", "state_dir: state\nlog: {level: loud}\n" + base, "state/admin.sock", true},
		{"a key that nobody knows", "state_dir: state\nstate_dri: x\n" + base, "state/admin.sock", true},
		{"a secret that cannot be read", "state_dir: state\n" + strings.Replace(base, "secrets/vpn", "secrets/none", 1), "state/admin.sock", true},
		{"no YAML behind it", "state_dir: state\n" + base + "\tx: [\n", "state/admin.sock", true},
		{"no YAML before it", "x: [}\nadmin_socket: run/x.sock # as ever\n" + base, "run/x.sock", true},
		{"not UTF-8", "state_dir: state\n# caf\xe9\n" + base, "state/admin.sock", true},
		{"a list", "- state_dir: state\n", "/var/lib/twofold/admin.sock", true},
		{"a bad state_dir that does not matter", "state_dir: [a]\nadmin_socket: run/x.sock\n" + base, "run/x.sock", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t)
			path := filepath.Join(dir, "twofold.yaml")
			write(t, dir, "twofold.yaml", c.text, 0o600)
			got, faults, err := Socket(path)
			if !filepath.IsAbs(c.want) {
				c.want = filepath.Join(dir, c.want)
			}
			if err != nil || got != c.want || len(faults) > 0 != c.faults {
				t.Errorf("%q, %v, %v; want %q", got, faults, err, c.want)
			}
		})
	}
}

func TestASocketThatIsNotWellNamedIsNotGuessed(t *testing.T) {
	for name, text := range map[string]string{
		"state_dir is a list":          "state_dir: [a, b]\n" + base,
		"state_dir is given twice":     "state_dir: a\nstate_dir: b\n" + base,
		"admin_socket is a list":       "admin_socket: [a]\n" + base,
		"state_dir twice, and no YAML": "state_dir: a\nstate_dir: b\nx: [}\n",
	} {
		dir := folder(t)
		write(t, dir, "twofold.yaml", text, 0o600)
		got, _, err := Socket(filepath.Join(dir, "twofold.yaml"))
		if !errors.As(err, new(Faults)) {
			t.Errorf("%s: %q, %v; want faults", name, got, err)
		}
	}
	if _, _, err := Socket(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

//go:build integration

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"twofold/core/otp"
	"twofold/internal/lab"
)

// TestTwentyThousandTokensAreImportedWithinAMinute runs the command against a
// server whose directory is slapd.
func TestTwentyThousandTokensAreImportedWithinAMinute(t *testing.T) {
	const people = 20_000
	slapd := lab.StartSlapd(t, lab.SlapdConfig{Bulk: people})
	dir := t.TempDir()
	config, tokens := filepath.Join(dir, "twofold.yaml"), filepath.Join(dir, "tokens.csv")
	writeFile(t, config, fmt.Sprintf(slapdConfig, slapd.URL(), slapd.CAFile, slapd.BaseDN, slapd.BindUser, slapd.BindPassword))
	writeFile(t, tokens, manyTokens(t, people))

	s, err := start(context.Background(), options{config: config, log: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	var out, errs bytes.Buffer
	began := time.Now()
	status := run(context.Background(), []string{"twofold", "token", "import", "--config", config, tokens}, nil, &out, &errs)
	took := time.Since(began)
	t.Logf("%d tokens in %v", people, took)
	if want := fmt.Sprintf("%d tokens imported, 0 lines refused\n", people); status != done || out.String() != want {
		t.Errorf("import ended with %d and said %q, %.500s", status, out.String(), errs.String())
	}
	if took > time.Minute {
		t.Errorf("import took %v, more than a minute", took)
	}
}

const slapdConfig = `state_dir: state
log: {level: warn}
directories:
  - name: slapd
    kind: ldap
    urls: ["%s"]
    ca_file: "%s"
    base_dn: "%s"
    bind_user: "%s"
    bind_password: "%s"
radius: {listen: []}
http: {listen: ""}
ops: {listen: ""}
`

func manyTokens(t *testing.T, n int) string {
	var b strings.Builder
	b.WriteString("user,secret\n")
	for i := range n {
		secret, err := otp.NewSecret(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		name, _ := lab.BulkUser(i)
		fmt.Fprintf(&b, "%s,%s\n", name, strings.ReplaceAll(otp.FormatKey(secret), " ", ""))
	}
	return b.String()
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

//go:build bench

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"twofold/internal/lab"
)

// startTwofold imports everybody's token and starts again, so that what is
// measured is a server that found its store on disk.
func startTwofold(t *testing.T, directory *lab.Slapd, people []person) *server {
	t.Helper()
	if _, err := os.Stat(*program); err != nil {
		t.Fatalf("%v: run make build", err)
	}
	s := &server{name: "Twofold", oneTime: true, version: versionOf(t, *program, "--version")}
	port, dir := freePort(t), *stateDir
	if dir == "" {
		dir = t.TempDir()
	}
	s.addr = "127.0.0.1:" + port
	write(t, dir, "ldap", directory.BindPassword)
	write(t, dir, "radius", secret)
	config := write(t, dir, "twofold.yaml", fmt.Sprintf(twofoldYAML, directory.PlainURL(), directory.BaseDN, directory.BindUser, port))
	s.start(t, *program, "serve", "--config", config)
	importTokens(t, config, write(t, dir, "tokens.csv", tokensCSV(people)))
	s.stop(t)
	s.start(t, *program, "serve", "--config", config)
	return s
}

func importTokens(t *testing.T, config, tokens string) {
	t.Helper()
	begin := time.Now()
	out, err := exec.Command(*program, "token", "import", "--config", config, tokens).CombinedOutput()
	if err != nil {
		t.Fatalf("importing tokens: %v\n%.2000s", err, out)
	}
	t.Logf("importing tokens took %v", time.Since(begin).Round(10*time.Millisecond))
}

func tokensCSV(people []person) string {
	var b strings.Builder
	b.WriteString("user,secret,algorithm,digits,period,label\n")
	for _, p := range people {
		fmt.Fprintf(&b, "%s,%s,SHA1,6,30,bench\n", p.name, p.secret)
	}
	return b.String()
}

// insecure, since FreeRADIUS is not asked for TLS either.
const twofoldYAML = `
state_dir: state
directories:
  - name: slapd
    kind: ldap
    urls: [%[1]q]
    insecure: true
    base_dn: %[2]q
    bind_user: %[3]q
    bind_password_file: ldap
radius: {listen: ["127.0.0.1:%[4]s"]}
clients:
  - {name: bench, networks: [127.0.0.1/32], secret_file: radius, mode: append}
http: {listen: ""}
ops: {listen: ""}
log: {level: warn}
`

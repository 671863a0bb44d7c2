//go:build integration

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"twofold/internal/lab"
)

// settings are what a test wants of a configuration. Each line of them is
// YAML; Top stands at the top level.
type settings struct {
	AD      *lab.AD
	URLs    []string  // instead of the AD's own
	Corp    []string  // more of the directory
	Also    []*lab.AD // further directories
	Clients []string  // one a line, beside the usual ones
	Without string    // leaves out this usual one
	Top     []string
}

// door is a RADIUS client of the servers here, known by its source address.
type door string

const (
	vpn       door = "127.0.0.1" // mode both
	appending door = "127.0.0.2"
	asking    door = "127.0.0.3" // mode challenge
	immediate door = "127.0.0.4" // mode challenge, the password is checked first
	strict    door = "127.0.0.5" // append, and no exclusion holds
	rejecting door = "127.0.0.6" // append, and outages are rejected
)

// secret is the one it shares with the server.
func (d door) secret() string { return "Qm7xkV2tR9wZ-" + string(d) }

var usual = []string{
	client("vpn", vpn, "mode: both"),
	client("append", appending, "mode: append"),
	client("challenge", asking, "mode: challenge"),
	client("immediate", immediate, "mode: challenge, password_check: immediate"),
	client("strict", strict, "mode: append, allow_exclusions: false"),
	client("rejecting", rejecting, "mode: append, on_failure: reject"),
}

// client is a line of clients. Keys come with it, over those that are usual.
func client(name string, d door, keys ...string) string {
	line := fmt.Sprintf("{name: %s, networks: [%s], secret: %s, %s", name, d, d.secret(), strings.Join(keys, ", "))
	for _, usual := range []string{"deadline: 3s", "reject_floor: 0s"} {
		if key, _, _ := strings.Cut(usual, " "); !strings.Contains(line, key) {
			line += ", " + usual
		}
	}
	return line + "}"
}

// write writes the configuration and its secrets into dir.
func (c settings) write(t *testing.T, dir string) (path string) {
	t.Helper()
	path = filepath.Join(dir, "twofold.yaml")
	for _, ad := range append(c.Also, c.AD) {
		put(t, filepath.Join(dir, "bind-"+ad.NetBIOS), ad.BindPassword+"\n")
	}
	put(t, path, c.text())
	return path
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (c settings) text() string {
	var b strings.Builder
	b.WriteString("state_dir: state\ndirectories:\n" + directory(c.AD, c.URLs))
	for _, line := range c.Corp {
		fmt.Fprintf(&b, "    %s\n", line)
	}
	for _, ad := range c.Also {
		b.WriteString(directory(ad, nil))
	}
	b.WriteString(`radius: {listen: ["127.0.0.1:0"]}
http: {listen: "127.0.0.1:0"}
ops: {listen: "127.0.0.1:0"}
otp: {issuer: End to End, window: 10}
clients:
`)
	for _, line := range slices.Concat(usual, c.Clients) {
		if c.Without == "" || !strings.HasPrefix(line, "{name: "+c.Without+",") {
			fmt.Fprintf(&b, "  - %s\n", line)
		}
	}
	for _, line := range c.Top {
		fmt.Fprintf(&b, "%s\n", line)
	}
	return b.String()
}

// directory is an entry of the list of directories.
func directory(ad *lab.AD, urls []string) string {
	if urls == nil {
		urls = []string{ad.URL()}
	}
	return fmt.Sprintf(`  - name: %s
    urls: [%s]
    ca_file: %s
    base_dn: %s
    bind_user: %s
    bind_password_file: bind-%s
`, strings.ToLower(ad.NetBIOS), strings.Join(urls, ", "), ad.CAFile, ad.BaseDN, ad.BindUser, ad.NetBIOS)
}

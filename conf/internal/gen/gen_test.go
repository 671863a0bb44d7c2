package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"twofold/conf"
)

const source = "../.."

func pages(t *testing.T) map[string]string {
	t.Helper()
	p, err := render(source)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheCommittedPagesAreThoseOfTheStructs(t *testing.T) {
	for name, want := range pages(t) {
		got, err := os.ReadFile(filepath.Join(source, "../doc", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("doc/%s is stale, run go generate ./conf (-want +got):\n%s", name, diff)
		}
	}
}

func TestTheSampleLoadsAndSaysTheDefaults(t *testing.T) {
	got := load(t, pages(t)["twofold.yaml.sample"])
	least := load(t, `directories: [{name: corp, urls: ["ldaps://dc1.corp.example.com", "ldaps://dc2.corp.example.com"],
  base_dn: "DC=corp,DC=example,DC=com", bind_user: svc-twofold@corp.example.com, bind_password_file: secrets/ldap,
  upn_suffixes: [corp.example.com, example.com], netbios_name: CORP}]
clients: [{name: vpn, networks: [10.1.0.0/24], secret_file: secrets/vpn}]
otp: {issuer: Example Corp}
http: {public_url: "https://otp.example.com"}
`)
	least.HTTP.TrustedProxies, least.HTTP.AdminNetworks = got.HTTP.TrustedProxies, got.HTTP.AdminNetworks // empty, not nil
	for _, c := range []*conf.Config{got, least} {
		dir := filepath.Dir(c.Path)
		c.Path, c.Directories[0].BindPasswordFile, c.Clients[0].SecretFile = "", strings.TrimPrefix(c.Directories[0].BindPasswordFile, dir), strings.TrimPrefix(c.Clients[0].SecretFile, dir)
	}
	if diff := cmp.Diff(least, got, cmp.Comparer(func(a, b interface{ IsValid() bool }) bool { return a == b })); diff != "" {
		t.Errorf("sample (-want +got):\n%s", diff)
	}
}

func TestTheSamplesExclusionIsGoodOnceItIsInForce(t *testing.T) {
	text := pages(t)["twofold.yaml.sample"]
	from := strings.Index(text, "# exclusions:")
	block, rest, _ := strings.Cut(text[from:], "\n\n")
	c := load(t, text[:from]+regexp.MustCompile(`(?m)^# `).ReplaceAllString(block, "")+"\n\n"+rest)
	if len(c.Exclusions) != 1 || c.Exclusions[0].Users[0] != "svc-*" {
		t.Errorf("exclusions: %+v", c.Exclusions)
	}
}

func load(t *testing.T, text string) *conf.Config {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"twofold.yaml": text, "secrets/ldap": "ldap-password", "secrets/vpn": "a-secret-of-twenty-four!"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, _, err := conf.Load(filepath.Join(dir, "twofold.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheManualHasEveryKey(t *testing.T) {
	root, err := describe(source)
	if err != nil {
		t.Fatal(err)
	}
	text := manual(root)
	var walk func([]key)
	walk = func(keys []key) {
		for _, k := range keys {
			if !strings.Contains(text, `\fB`+name(k.name)+`\fR`) && !strings.Contains(text, ".SS "+k.name+"\n") {
				t.Errorf("%s is missing", k.name)
			}
			walk(k.keys)
		}
	}
	walk(root)
}

func TestNoLineOfProseIsTakenForARequest(t *testing.T) {
	if got := prose(".SH\n'x\nDOMAIN\\user"); got != "\\&.SH\n\\&'x\nDOMAIN\\euser" {
		t.Errorf("got %q", got)
	}
}

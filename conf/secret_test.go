package conf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// planted stands where a secret belongs; nothing may ever print it.
const planted = "Xq7-planted-Zr9w"

func TestI10_NoFormatterPrintsASecret(t *testing.T) {
	text := strings.Replace(base, "secret_file: secrets/vpn", "secret: "+planted, 1)
	text = strings.Replace(text, "bind_password_file: secrets/ldap", "bind_password: "+planted, 1)
	c, _, faults := loadIn(t, folder(t), text)
	if faults != nil {
		t.Fatal(faults)
	}
	for name, got := range formatted(t, *c) {
		if strings.Contains(got, planted) || !strings.Contains(got, hidden) && name != "unexported %v" {
			t.Errorf("%s prints %s", name, got)
		}
	}
	if got := c.Clients[0].Secrets[0].Reveal(); got != planted {
		t.Error("Reveal does not reveal")
	}
}

func formatted(t *testing.T, c Config) map[string]string {
	t.Helper()
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", c.Clients[0].Secret, "client", c.Clients[0])
	type wrapped struct{ unexported Client }
	return map[string]string{
		"%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", c), "%#v": fmt.Sprintf("%#v", c), "String": c.Clients[0].Secret.String(),
		"%x": fmt.Sprintf("%x", c.Clients[0].Secret) + hidden, "%d": fmt.Sprintf("%d", c.Clients[0].Secret) + hidden,
		"unexported %v": fmt.Sprintf("%+v %#v", wrapped{c.Clients[0]}, wrapped{c.Clients[0]}),
		"JSON":          string(asJSON), "YAML": string(asYAML), "slog": log.String(),
	}
}

func TestI10_NoFaultOrWarningPrintsASecret(t *testing.T) {
	for _, c := range plants {
		t.Run(c.name, func(t *testing.T) {
			text := strings.ReplaceAll(c.text(), "PLANT", planted)
			if !strings.Contains(text, planted) {
				t.Fatal("nothing is planted")
			}
			_, warnings, faults := loadIn(t, folder(t), text)
			if len(faults) == 0 {
				t.Fatal("no fault")
			}
			if got := strings.ToLower(fmt.Sprint(warnings, faults)); strings.Contains(got, strings.ToLower(planted)) {
				t.Errorf("printed: %s", got)
			}
		})
	}
}

const (
	fileLine = "secret_file: secrets/vpn"
	modeLine = "mode: both"
)

var plants = []change{
	{"a mapping as secret", fileLine, "secret: {PLANT: PLANT}", nil},
	{"a list as secret", fileLine, "secret: [PLANT]", nil},
	{"a mapping among secrets", fileLine, "secrets: [{a: PLANT}]", nil},
	{"one secret for a list", fileLine, "secrets: PLANT", nil},
	{"a secret of two lines", fileLine, `secret: "PLANT\nPLANT"`, nil},
	{"a secret that is too long", fileLine, "secret: " + strings.Repeat("PLANT", 60), nil},
	{"a tag before a secret", fileLine, "secret: !PLANT PLANT", nil},
	{"a secret that starts like an alias", fileLine, "secret: *PLANT", nil},
	{"a secret that starts like an anchor", fileLine, "secret: &PLANT [", nil},
	{"a secret that starts like a tag", fileLine, "secret: !PLANT!", nil},
	{"a secret that starts with %", fileLine, "secret: %PLANT", nil},
	{"a secret that starts with @", fileLine, "secret: @PLANT", nil},
	{"a secret with a colon", fileLine, "secret: PLANT: PLANT", nil},
	{"a secret with an open quote", fileLine, "secret: \"PLANT", nil},
	{"a secret with an escape", fileLine, `secret: "PLANT\q"`, nil},
	{"a secret in the place of its file", fileLine, "secret_file: PLANT", nil},
	{"a secret with a slash in the place of its file", fileLine, "secret_file: PLANT/PLANT", nil},
	{"a secret with a line break in the place of its file", fileLine, `secret_file: "PLANT\n"`, nil},
	{"a secret under a misspelt key", fileLine, "sercet: PLANT", nil},
	{"a secret given twice", fileLine, "secret: PLANT\n    secret: PLANT", nil},
	{"two kinds of secret", fileLine, "secret: PLANT\n    secrets: [PLANT]", nil},
	{"a password in a URL", "ldaps://", "ldaps://svc:PLANT@", nil},
	{"a password in a URL that cannot be parsed", "ldaps://", "ldaps://svc:PLANT %@", nil},
	{"an alias to a secret", modeLine, "secret: &s PLANT\n    mode: *s", nil},
	{"an alias to a secret as name", fileLine, "secret: &s PLANT\n  - {name: *s}\n  - {name: *s}", nil},
	{"an alias to the mapping around a secret", fileLine, "secret: &m {level: PLANT}\nlog: *m", nil},
	{"an alias to a mapping with a secret as key", fileLine, "secret: &m {PLANT: a}\nlog: *m", nil},
	{"an alias to secrets", fileLine, "secrets: &l [PLANT]\nhttp: {admin_networks: *l, trusted_proxies: *l}", nil},
	{"an alias to a secret in an exclusion", fileLine, "secret: &s PLANT\n  - {name: *s}\nexclusions: [{clients: [Xq7-planted-Zr9]}]", nil},
	{"an alias to a secret as a path", fileLine, "secret: &s PLANT\nhttp: {cert_file: *s, key_file: *s}", nil},
}

func TestSecretFiles(t *testing.T) {
	cases := []struct {
		name, text     string
		mode           os.FileMode
		want           string
		warning, fault string
	}{
		{"a line end does not count", strong + "\n", 0o600, strong, "", ""},
		{"nor does that of another system", strong + "\r\n", 0o640, strong, "", ""},
		{"nor need there be one", strong, 0o600, strong, "", ""},
		{"a blank counts", strong + " \n", 0o600, strong + " ", "the secret starts or ends with white space, which counts", ""},
		{"everybody may read it", strong + "\n", 0o604, strong, "the file can be read by every user of this machine (chmod o-r)", ""},
		{"nothing in it", "\n", 0o600, "", "", "the file is empty (write the secret into it)"},
		{"two lines", strong + "\n" + other + "\n", 0o600, "", "", "the file's secret holds a line break or NUL"},
		{"a NUL", strong + "\x00", 0o600, "", "", "the file's secret holds a line break or NUL"},
		{"a byte order mark", "\ufeff" + strong + "\n", 0o600, "", "",
			"the file begins with a byte order mark (save it as UTF-8 without one: the mark would be part of the secret)"},
		{"as long as can be", strings.Repeat("x", 256), 0o600, strings.Repeat("x", 256), "", ""},
		{"too long", strings.Repeat("x", 257), 0o600, "", "", "the file's secret is longer than 256 octets"},
		{"much too long", strings.Repeat("x", maxSecretFile+1), 0o600, "", "", "is a file larger than 16KiB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t)
			write(t, dir, "secrets/vpn", c.text, c.mode)
			loaded, warnings, faults := loadIn(t, dir, base)
			expect(t, "warnings", warnings, "10: clients[0].secret_file: ", c.warning)
			expect(t, "faults", faults, "10: clients[0].secret_file: ", c.fault)
			if loaded != nil && loaded.Clients[0].Secrets[0].Reveal() != c.want {
				t.Error("another secret was read")
			}
		})
	}
}

func expect(t *testing.T, what string, got []string, prefix, want string) {
	t.Helper()
	var list []string
	if want != "" {
		list = []string{prefix + want}
	}
	if diff := cmp.Diff(list, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestASecretsFileHasOneSecretALine(t *testing.T) {
	dir := folder(t)
	write(t, dir, "secrets/vpn", strong+"\r\n"+other+"\n", 0o600)
	text := strings.Replace(base, "secret_file", "secrets_file", 1)
	c, _, faults := loadIn(t, dir, text)
	if faults != nil || len(c.Clients[0].Secrets) != 2 || !c.Clients[0].Secrets[1].Equal(NewSecret(other)) || !c.Clients[0].Secrets[0].Equal(NewSecret(strong)) {
		t.Fatalf("faults %q", faults)
	}
	write(t, dir, "secrets/vpn", strong+"\n\n"+other+"\n", 0o600)
	_, _, faults = loadIn(t, dir, text)
	expect(t, "faults", faults, "10: clients[0].secrets_file: ", "secret 2 of the file is an empty line")
	write(t, dir, "secrets/vpn", strings.Repeat(strong+"\n", 5), 0o600)
	_, _, faults = loadIn(t, dir, text)
	expect(t, "faults", faults, "10: clients[0].secrets_file: ", "the file has 5 secrets, at most 4 are allowed (one a line)")
}

func TestSecretsInAConfigurationForAllToReadBringAWarning(t *testing.T) {
	dir := folder(t)
	text := strings.Replace(base, fileLine, "secret: "+strong, 1)
	write(t, dir, "twofold.yaml", text, 0o644)
	_, w, err := load(dir+"/twofold.yaml", today)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "warnings", short(dir, w), "10: clients[0].secret: ", "the file can be read by every user of this machine (chmod o-r)")
}

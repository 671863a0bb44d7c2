package conf

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// today is the day on which the tests' configurations are loaded.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const (
	strong = "a-secret-of-twenty-four!"
	other  = "the-other-secret-of-many"
)

// base is a configuration without fault or warning.
const base = `directories:
  - name: corp
    urls: [ldaps://dc1.corp.example.com]
    base_dn: DC=corp,DC=example,DC=com
    bind_user: svc@corp.example.com
    bind_password_file: secrets/ldap
clients:
  - name: vpn
    networks: [10.1.0.0/24]
    secret_file: secrets/vpn
    mode: both
    deadline: 4s
`

// folder is a temporary folder with the files that base names.
func folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "secrets/ldap", "ldap-password\n", 0o600)
	write(t, dir, "secrets/vpn", strong+"\n", 0o600)
	return dir
}

func write(t testing.TB, dir, name, text string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// loadIn loads text as dir/twofold.yaml. The lines it returns have the path cut
// off, and {dir} for dir.
func loadIn(t testing.TB, dir, text string) (c *Config, warnings, faults []string) {
	t.Helper()
	write(t, dir, "twofold.yaml", text, 0o600)
	c, w, err := load(filepath.Join(dir, "twofold.yaml"), today)
	var fs Faults
	if err != nil && !errors.As(err, &fs) {
		t.Fatal(err)
	}
	return c, short(dir, w), short(dir, fs)
}

func short(dir string, fs []Fault) []string {
	var lines []string
	for _, f := range fs {
		s := strings.TrimPrefix(f.String(), filepath.Join(dir, "twofold.yaml")+":")
		lines = append(lines, strings.ReplaceAll(s, dir, "{dir}"))
	}
	return lines
}

func TestTheLeastConfigurationGetsEveryDefault(t *testing.T) {
	dir := folder(t)
	c, warnings, faults := loadIn(t, dir, base)
	if warnings != nil || faults != nil {
		t.Fatalf("warnings %q, faults %q", warnings, faults)
	}
	if diff := cmp.Diff(leastConfig(dir), c, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
		cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b })); diff != "" {
		t.Errorf("loaded (-want +got):\n%s", diff)
	}
}

func leastConfig(dir string) *Config {
	second := Duration(time.Second)
	return &Config{
		Path: filepath.Join(dir, "twofold.yaml"), StateDir: "/var/lib/twofold",
		Log: Log{"info", "text"}, Storage: Storage{"badger"},
		Directories: []Directory{{
			Name: "corp", Kind: "ad", URLs: []string{"ldaps://dc1.corp.example.com"},
			BaseDN: "DC=corp,DC=example,DC=com", BindUser: "svc@corp.example.com",
			BindPassword: NewSecret("ldap-password"), BindPasswordFile: filepath.Join(dir, "secrets/ldap"),
			Default: true, LoginNames: []string{"sam", "upn"}, UserAttribute: "uid", IDAttribute: "entryUUID",
			ConnectTimeout: second, Timeout: 2 * second, Cache: 30 * second,
		}},
		RADIUS: RADIUS{Listen: []netip.AddrPort{netip.MustParseAddrPort("0.0.0.0:1812")}},
		Clients: []Client{{
			Name: "vpn", Networks: prefixes("10.1.0.0/24"), SecretFile: filepath.Join(dir, "secrets/vpn"),
			Secrets: []Secret{NewSecret(strong)}, Mode: "both", PasswordCheck: "deferred", CodePosition: "suffix",
			RequireMessageAuthenticator: true, SecondFactor: "required", AllowExclusions: true,
			Deadline: 4 * second, OnFailure: "drop", RejectFloor: second, Unenrolled: "refuse",
		}},
		OTP:       OTP{"Twofold", 6, 30 * second, "SHA1", 1},
		Challenge: Challenge{120 * second, 3}, Unenrolled: "refuse",
		Enrolment: Enrolment{prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7", "::1/128"), "password"},
		Throttle:  Throttle{10, 100, 8, 3}, Events: Events{400 * 24 * 3600 * second, 1 << 30},
		HTTP: HTTP{Listen: netip.MustParseAddrPort("0.0.0.0:8443")},
		Ops:  Ops{netip.MustParseAddrPort("127.0.0.1:9812")},
	}
}

func prefixes(texts ...string) []netip.Prefix {
	var ps []netip.Prefix
	for _, s := range texts {
		ps = append(ps, netip.MustParsePrefix(s))
	}
	return ps
}

func TestAFileThatIsNotThereSaysHowToNameIt(t *testing.T) {
	_, _, err := Load(filepath.Join(t.TempDir(), "none.yaml"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "--config or TWOFOLD_CONFIG") {
		t.Errorf("error: %v", err)
	}
}

func TestAFileOfMoreThanOneMebibyteIsRefused(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "twofold.yaml", "#"+strings.Repeat("x", maxFile), 0o600)
	_, _, err := Load(filepath.Join(dir, "twofold.yaml"))
	if err == nil || !strings.Contains(err.Error(), "is larger than 1MiB") {
		t.Errorf("error: %v", err)
	}
}

func TestRelativePathsStartAtTheConfigurationFile(t *testing.T) {
	dir := folder(t)
	c, _, faults := loadIn(t, dir, base+"state_dir: state\nmaster_key_file: keys/master\nadmin_socket: /run/twofold.sock\n")
	if faults != nil {
		t.Fatal(faults)
	}
	got := []string{c.StateDir, c.MasterKeyFile, c.AdminSocket}
	want := []string{filepath.Join(dir, "state"), filepath.Join(dir, "keys/master"), "/run/twofold.sock"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestClientsInheritWhatTheyDoNotOverride(t *testing.T) {
	c, _, faults := loadIn(t, folder(t), base+`    unenrolled: refuse
  - {name: wifi, networks: [10.2.0.0/24], secret_file: secrets/vpn}
  - {name: door, networks: [10.3.0.0/24], secret_file: secrets/vpn, unenrolled_until: 2027-05-01}
unenrolled: allow
unenrolled_until: 2027-03-31
`)
	if faults != nil {
		t.Fatal(faults)
	}
	var got []string
	for _, cl := range c.Clients {
		got = append(got, cl.Unenrolled+" "+cl.UnenrolledUntil.String())
	}
	if diff := cmp.Diff([]string{"refuse 2027-03-31", "allow 2027-03-31", "allow 2027-05-01"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnAliasMayStandForARepeatedList(t *testing.T) {
	c, _, faults := loadIn(t, folder(t), base+"http: {trusted_proxies: &inside [10.9.0.0/16], admin_networks: *inside}\n")
	if faults != nil {
		t.Fatal(faults)
	}
	if diff := cmp.Diff([]string{"10.9.0.0/16"}, []string{c.HTTP.AdminNetworks[0].String()}); diff != "" {
		t.Error(diff)
	}
}

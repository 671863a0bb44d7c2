package systemd

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// settings reads a unit: each assignment of a key, in order.
func settings(t *testing.T, path string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && !strings.HasPrefix(key, "#") {
			all[key] = append(all[key], value)
		}
	}
	return all
}

func TestTheUnitKeepsWhatTheServiceReliesOn(t *testing.T) {
	unit := settings(t, "twofold.service")
	for _, c := range []struct{ why, key, value string }{
		{"the ready line is waited for", "Type", "notify"},
		{"a reload is SIGHUP", "ExecReload", "/bin/kill -HUP $MAINPID"},
		{"the store is where the configuration has it by default", "StateDirectory", "twofold"},
		{"the store is nobody else's", "StateDirectoryMode", "0700"},
		{"secrets are handed over", "LoadCredential", "secrets:/etc/twofold/secrets"},
		{"the witness can be written", "ReadWritePaths", "/etc/twofold"},
		{"the configuration cannot be replaced", "ConfigurationDirectoryMode", "1770"},
		{"no capability is left", "CapabilityBoundingSet", ""},
		{"it does not run as root", "User", "twofold"},
		{"no core dump holds a password", "LimitCORE", "0"},
		{"LDAP, RADIUS and the admin socket are reachable", "RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK"},
		{"a stranger's system call is an error", "SystemCallErrorNumber", "EPERM"},
	} {
		if !slices.Equal(unit[c.key], []string{c.value}) {
			t.Errorf("%s=%q, want %q: %s", c.key, unit[c.key], c.value, c.why)
		}
	}
}

func TestAccountUnitAndDirectoriesAgree(t *testing.T) {
	for path, line := range map[string]string{
		"twofold.sysusers": "u twofold - ",
		"twofold.tmpfiles": "d /etc/twofold              1770 root twofold",
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "\n"+line) {
			t.Errorf("%s has no line %q", path, line)
		}
	}
}

package demodir

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start serves the sample; change may alter the configuration.
func start(t *testing.T, change ...func(*Config)) *Server {
	t.Helper()
	site := Sample()
	c := Config{Suffix: site.Suffix, Entries: site.Entries, Fault: func(err error) { t.Errorf("fault: %v", err) }}
	for _, f := range change {
		f(&c)
	}
	s, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}

func dial(t *testing.T, s *Server) *ldap.Conn {
	t.Helper()
	conn, err := ldap.DialURL(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	conn.SetTimeout(5 * time.Second)
	t.Cleanup(func() {
		if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Errorf("closing the client: %v", err)
		}
	})
	return conn
}

func dialBound(t *testing.T, s *Server) *ldap.Conn {
	t.Helper()
	conn := dial(t, s)
	if err := conn.Bind(Sample().BindDN, Sample().BindPassword); err != nil {
		t.Fatal(err)
	}
	return conn
}

func code(err error) uint16 {
	var failed *ldap.Error
	if err == nil {
		return ldap.LDAPResultSuccess
	}
	if errors.As(err, &failed) {
		return failed.ResultCode
	}
	return 999
}

func TestOnlyTheRightPasswordOfTheRightNameBinds(t *testing.T) {
	conn := dial(t, start(t))
	alice, password := dn("alice", Sample().Suffix), Sample().Password("alice")
	tests := map[string]struct {
		name, password string
		want           uint16
	}{
		"the right password":           {alice, password, ldap.LDAPResultSuccess},
		"the name in another form":     {"UID=Alice, OU=people , DC=example,dc=COM", password, ldap.LDAPResultSuccess},
		"a wrong password":             {alice, password + "x", ldap.LDAPResultInvalidCredentials},
		"a password in another case":   {alice, strings.ToLower(password), ldap.LDAPResultInvalidCredentials},
		"the start of the password":    {alice, password[:4], ldap.LDAPResultInvalidCredentials},
		"a name nobody has":            {dn("mallory", Sample().Suffix), password, ldap.LDAPResultInvalidCredentials},
		"a name that is none":          {"alice", password, ldap.LDAPResultInvalidCredentials},
		"an entry without a password":  {Sample().Suffix, "x", ldap.LDAPResultInvalidCredentials},
		"another person's password":    {dn("bob", Sample().Suffix), password, ldap.LDAPResultInvalidCredentials},
		"a password without any name":  {"", password, ldap.LDAPResultInvalidCredentials},
		"a password that ends in NULs": {alice, password + "\x00", ldap.LDAPResultInvalidCredentials},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := code(conn.Bind(test.name, test.password)); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestANameWithoutAPasswordDoesNotBind(t *testing.T) {
	conn := dial(t, start(t))
	if got := code(conn.UnauthenticatedBind(dn("alice", Sample().Suffix))); got != ldap.LDAPResultUnwillingToPerform {
		t.Errorf("got %d", got)
	}
	if got := code(conn.UnauthenticatedBind("")); got != ldap.LDAPResultSuccess {
		t.Errorf("anonymous: got %d", got)
	}
	if _, err := conn.Search(people("(uid=alice)")); code(err) != ldap.LDAPResultInsufficientAccessRights {
		t.Errorf("anonymous search: %v", err)
	}
}

func TestAFailedBindEndsTheOneBefore(t *testing.T) {
	conn := dialBound(t, start(t))
	if code(conn.Bind(Sample().BindDN, "wrong")) != ldap.LDAPResultInvalidCredentials {
		t.Fatal("wrong password binds")
	}
	if _, err := conn.Search(people("(uid=alice)")); code(err) != ldap.LDAPResultInsufficientAccessRights {
		t.Errorf("still bound: %v", err)
	}
}

func TestEntriesAreTheSameInEveryRun(t *testing.T) {
	const alice = "8fd946a7-cbd2-55b4-8db0-c9c121848457"
	if got := uuidOf("uid=alice,ou=people,dc=example,dc=com"); got != alice {
		t.Errorf("alice's entryUUID is %s, was %s", got, alice)
	}
	site := Sample()
	one, two := mustTree(t, site), mustTree(t, site)
	for i := range one.entries {
		if diff := cmp.Diff(one.entries[i].values("entryUUID"), two.entries[i].values("entryUUID")); diff != "" {
			t.Error(diff)
		}
	}
	seen := map[string]bool{}
	for _, e := range one.entries {
		id := e.values("entryUUID")[0]
		if seen[id] || len(id) != 36 {
			t.Errorf("%s has the entryUUID %s", e.dn, id)
		}
		seen[id] = true
	}
}

func mustTree(t *testing.T, site Site) *tree {
	t.Helper()
	made, err := newTree(site.Suffix, site.Entries)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestI10_NoFormattingShowsAPassword(t *testing.T) {
	site := Sample()
	for _, text := range []string{fmt.Sprint(site), fmt.Sprintf("%+v %#v %v %s", site, site, site.Entries, site.Entries[4])} {
		if strings.Contains(text, site.BindPassword) || strings.Contains(text, site.Password("alice")) {
			t.Errorf("a password is in %q", text)
		}
	}
}

func TestStartRefusesWhatItCannotServe(t *testing.T) {
	site := Sample()
	tests := map[string]struct {
		change func(*Config)
		want   string
	}{
		"an address others reach":   {func(c *Config) { c.Listen = "0.0.0.0:0" }, "loopback"},
		"a host name":               {func(c *Config) { c.Listen = "localhost:0" }, "loopback"},
		"no port":                   {func(c *Config) { c.Listen = "127.0.0.1" }, "port"},
		"no suffix":                 {func(c *Config) { c.Suffix = "" }, "suffix"},
		"a suffix without an entry": {func(c *Config) { c.Suffix = "dc=example,dc=org" }, "suffix"},
		"an entry outside":          {func(c *Config) { c.Entries = append(c.Entries, Entry{DN: "dc=org"}) }, "not under"},
		"an entry twice":            {func(c *Config) { c.Entries = append(c.Entries, Entry{DN: "DC=example, dc=com"}) }, "twice"},
		"an entry without a name":   {func(c *Config) { c.Entries = append(c.Entries, Entry{DN: "alice"}) }, "not a distinguished name"},
		"a password to be read": {func(c *Config) {
			c.Entries = append(c.Entries, Entry{DN: "cn=x," + c.Suffix, Attributes: list("userpassword", "x")})
		}, "password"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := Config{Suffix: site.Suffix, Entries: append([]Entry(nil), site.Entries...)}
			test.change(&c)
			s, err := Start(c)
			if err == nil {
				t.Fatalf("started; closing: %v", s.Close())
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
		})
	}
}

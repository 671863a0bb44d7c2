package demodir

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
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

func people(filter string, attributes ...string) *ldap.SearchRequest {
	return ldap.NewSearchRequest(Sample().Suffix, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases,
		0, 0, false, filter, attributes, nil)
}

func names(found *ldap.SearchResult) []string {
	var names []string
	for _, e := range found.Entries {
		first, _, _ := strings.Cut(e.DN, ",")
		names = append(names, first)
	}
	return names
}

func TestFiltersFindWhatTheyDescribe(t *testing.T) {
	conn := dialBound(t, start(t))
	tests := map[string][]string{
		"(uid=alice)":                          {"uid=alice"},
		"(UID=ALICE)":                          {"uid=alice"},
		"(uid= alice )":                        {"uid=alice"},
		"(uid=alic)":                           nil,
		`(uid=\2a)`:                            nil,
		"(uid=*)":                              {"uid=alice", "uid=bob", "uid=carol", "uid=svc-backup"},
		"(|(uid=alice)(mail=bob@example.com))": {"uid=alice", "uid=bob"},
		"(&(objectClass=inetOrgPerson)(uid=alice))":       {"uid=alice"},
		"(&(objectClass=groupOfNames)(uid=alice))":        nil,
		"(&(uid=*)(!(uid=alice))(!(uid=svc-*)))":          {"uid=bob", "uid=carol"},
		"(cn=*Example)":                                   {"uid=alice", "uid=bob", "uid=carol"},
		"(cn=a*c*p*e)":                                    {"uid=alice"},
		"(cn=*lic*)":                                      {"uid=alice"},
		"(uid=a*alice)":                                   nil,
		"(uid~=bob)":                                      {"uid=bob"},
		"(member=uid=Alice, ou=people,dc=example,DC=com)": {"cn=staff"},
		"(memberOf=CN=staff,ou=groups,dc=example,dc=com)": {"uid=alice", "uid=bob"},
		"(member=cn=staff,ou=groups,dc=example,dc=com)":   {"cn=vpn-users"},
		"(memberOf=staff)":                                nil,
		"(&)":                                             nil, // filled in below: everything
		"(|)":                                             nil,
		"(entryUUID=" + strings.ToUpper(uuidOf("uid=carol,ou=people,dc=example,dc=com")) + ")": {"uid=carol"},
		"(userPassword=*)": nil,
		"(userPassword=" + Sample().Password("bob") + ")": nil,
	}
	everything, err := conn.Search(people("(objectClass=*)"))
	if err != nil || len(everything.Entries) != len(Sample().Entries) {
		t.Fatalf("%d entries in all, %v", len(everything.Entries), err)
	}
	tests["(&)"] = names(everything)
	for filter, want := range tests {
		t.Run(filter, func(t *testing.T) {
			found, err := conn.Search(people(filter))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, names(found)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScopesReachAsFarAsTheyShould(t *testing.T) {
	conn := dialBound(t, start(t))
	groups := "ou=groups," + Sample().Suffix
	inside := []string{"cn=staff", "cn=vpn-users", "cn=service-accounts"}
	for scope, want := range map[int][]string{
		ldap.ScopeBaseObject:   {"ou=groups"},
		ldap.ScopeSingleLevel:  inside,
		ldap.ScopeWholeSubtree: append([]string{"ou=groups"}, inside...),
	} {
		found, err := conn.Search(ldap.NewSearchRequest(groups, scope, 0, 0, 0, false, "(objectClass=*)", nil, nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, names(found)); diff != "" {
			t.Errorf("scope %d: %s", scope, diff)
		}
	}
}

func TestAServerTellsAnybodyWhereItsSuffixIs(t *testing.T) {
	conn := dial(t, start(t))
	found, err := conn.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)",
		[]string{"namingContexts", "supportedLDAPVersion"}, nil))
	if err != nil || len(found.Entries) != 1 {
		t.Fatalf("%v", err)
	}
	if got := found.Entries[0].GetAttributeValue("namingContexts"); got != Sample().Suffix {
		t.Errorf("namingContexts is %q", got)
	}
	if got := found.Entries[0].GetAttributeValue("supportedLDAPVersion"); got != "3" {
		t.Errorf("supportedLDAPVersion is %q", got)
	}
}

func TestOnlyTheAttributesAskedForAreSent(t *testing.T) {
	conn := dialBound(t, start(t))
	for asked, want := range map[string]string{
		"":                    "objectClass uid cn givenName sn displayName mail",
		"*":                   "objectClass uid cn givenName sn displayName mail",
		"+":                   "entryUUID memberOf",
		"1.1":                 "",
		"ENTRYUUID mail":      "mail entryUUID",
		"userPassword":        "",
		"* memberOf nonsense": "objectClass uid cn givenName sn displayName mail memberOf",
	} {
		found, err := conn.Search(people("(uid=alice)", strings.Fields(asked)...))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range found.Entries[0].Attributes {
			got = append(got, a.Name)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q: %s", asked, diff)
		}
	}
}

func TestTypesOnlySendsNoValues(t *testing.T) {
	conn := dialBound(t, start(t))
	s := people("(uid=alice)", "mail")
	s.TypesOnly = true
	found, err := conn.Search(s)
	if err != nil || len(found.Entries[0].Attributes) != 1 || len(found.Entries[0].Attributes[0].Values) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestLargerAnswersThanAllowedAreCut(t *testing.T) {
	conn := dialBound(t, start(t, func(c *Config) { c.MaxEntries = 3 }))
	for asked, want := range map[int]int{0: 3, 2: 2, 100: 3} {
		s := people("(objectClass=*)")
		s.SizeLimit = asked
		found, err := conn.Search(s)
		if code(err) != ldap.LDAPResultSizeLimitExceeded || len(found.Entries) != want {
			t.Errorf("limit %d: %d entries, %v", asked, len(found.Entries), err)
		}
	}
}

func TestWhatIsNotSupportedIsRefusedByItsProperResult(t *testing.T) {
	s := start(t)
	conn := dialBound(t, s)
	search := func(change func(*ldap.SearchRequest)) error {
		r := people("(uid=alice)")
		change(r)
		_, err := conn.Search(r)
		return err
	}
	tests := map[string]struct {
		got  error
		want uint16
	}{
		"adding":                     {conn.Add(&ldap.AddRequest{DN: "dc=x"}), ldap.LDAPResultUnwillingToPerform},
		"deleting":                   {conn.Del(&ldap.DelRequest{DN: "dc=x"}), ldap.LDAPResultUnwillingToPerform},
		"modifying":                  {conn.Modify(&ldap.ModifyRequest{DN: "dc=x"}), ldap.LDAPResultUnwillingToPerform},
		"renaming":                   {conn.ModifyDN(ldap.NewModifyDNRequest("dc=x", "dc=y", true, "")), ldap.LDAPResultUnwillingToPerform},
		"comparing":                  {second(conn.Compare("dc=x", "dc", "x")), ldap.LDAPResultUnwillingToPerform},
		"who am I":                   {second(conn.WhoAmI(nil)), ldap.LDAPResultProtocolError},
		"StartTLS":                   {dial(t, s).StartTLS(nil), ldap.LDAPResultProtocolError},
		"SASL":                       {dial(t, s).ExternalBind(), ldap.LDAPResultAuthMethodNotSupported},
		"an ordering filter":         {search(func(r *ldap.SearchRequest) { r.Filter = "(uid>=a)" }), ldap.LDAPResultUnwillingToPerform},
		"one within a not":           {search(func(r *ldap.SearchRequest) { r.Filter = "(!(uid<=a))" }), ldap.LDAPResultUnwillingToPerform},
		"an extensible filter":       {search(func(r *ldap.SearchRequest) { r.Filter = "(&(uid=alice)(memberOf:1.2.840.113556.1.4.1941:=cn=x))" }), ldap.LDAPResultUnwillingToPerform},
		"a base that is not there":   {search(func(r *ldap.SearchRequest) { r.BaseDN = "dc=example,dc=org" }), ldap.LDAPResultNoSuchObject},
		"a base that is no name":     {search(func(r *ldap.SearchRequest) { r.BaseDN = "example" }), ldap.LDAPResultInvalidDNSyntax},
		"a base that only ends so":   {search(func(r *ldap.SearchRequest) { r.BaseDN = `cn=x\,dc=example,dc=com` }), ldap.LDAPResultNoSuchObject},
		"everything of all suffixes": {search(func(r *ldap.SearchRequest) { r.BaseDN = "" }), ldap.LDAPResultNoSuchObject},
		"a critical control": {search(func(r *ldap.SearchRequest) {
			r.Controls = []ldap.Control{ldap.NewControlString("1.2.3", true, "")}
		}), ldap.LDAPResultUnavailableCriticalExtension},
		"a control that is not critical": {search(func(r *ldap.SearchRequest) {
			r.Controls = []ldap.Control{ldap.NewControlString("1.2.3", false, "")}
		}), ldap.LDAPResultSuccess},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if code(test.got) != test.want {
				t.Errorf("got %v, want result %d", test.got, test.want)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func TestManyClientsAreServedAtOnce(t *testing.T) {
	s := start(t)
	var clients sync.WaitGroup
	for i := range 8 {
		conn := dialBound(t, s)
		clients.Go(func() {
			for range 50 {
				login := []string{"alice", "bob", "carol"}[i%3]
				found, err := conn.Search(people("(uid=" + login + ")"))
				if err != nil || len(found.Entries) != 1 || found.Entries[0].GetAttributeValue("uid") != login {
					t.Errorf("%s: %v", login, err)
				}
			}
		})
	}
	clients.Wait()
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

// raw connects without LDAP.
func raw(t *testing.T, s *Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return conn
}

func TestWhatIsNotLDAPIsAnsweredByANoticeOfDisconnection(t *testing.T) {
	for name, sent := range map[string]string{
		"a web request":          "GET / HTTP/1.1\r\n\r\n",
		"a message too long":     "\x30\x83\xff\xff\xff",
		"a length in too many":   "\x30\x88\xff\xff",
		"an indefinite length":   "\x30\x80",
		"an empty message":       "\x30\x00",
		"an unknown operation":   "\x30\x05\x02\x01\x01\x69\x00",
		"a message id of nought": "\x30\x05\x02\x01\x00\x42\x00",
	} {
		t.Run(name, func(t *testing.T) {
			conn := raw(t, start(t))
			if _, err := io.WriteString(conn, sent); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(conn)
			if !strings.Contains(string(got), "1.3.6.1.4.1.1466.20036") && !strings.Contains(fmt.Sprint(err), "reset") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestConnectionsAreBoundedInNumber(t *testing.T) {
	s := start(t, func(c *Config) { c.MaxConns = 2 })
	one, two := dialBound(t, s), dialBound(t, s)
	if _, err := raw(t, s).Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("a third connection stays: %v", err)
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Search(people("(uid=bob)")); err != nil {
		t.Errorf("the second suffers: %v", err)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if conn, err := ldap.DialURL(s.URL()); err == nil {
			bound := conn.Bind(Sample().BindDN, Sample().BindPassword)
			if err := conn.Close(); err != nil {
				t.Error(err)
			}
			if bound == nil {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("the place of a connection that left is not given away")
		}
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	s := start(t, func(c *Config) { c.Idle = 50 * time.Millisecond })
	conn := raw(t, s)
	if _, err := io.WriteString(conn, "\x30\x05\x02"); err != nil { // the start of a request
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || len(got) > 0 {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAPanicEndsOneConnectionOnly(t *testing.T) {
	faults := make(chan error, 1)
	s := start(t, func(c *Config) { c.Fault = func(err error) { faults <- err } })
	good, bad := dialBound(t, s), dialBound(t, s)
	s.tree.entries = append(s.tree.entries, nil)
	if _, err := bad.Search(people("(uid=alice)")); err == nil {
		t.Error("the search that panicked has an answer")
	}
	if err := <-faults; !strings.Contains(err.Error(), "nil pointer") {
		t.Errorf("fault is %v", err)
	}
	if err := good.Bind(Sample().BindDN, Sample().BindPassword); err != nil {
		t.Errorf("the other connection suffers: %v", err)
	}
}

func TestCloseEndsEverythingAndMayComeTwice(t *testing.T) {
	s := start(t)
	conn, silent := dialBound(t, s), raw(t, s)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := silent.Read(make([]byte, 1)); err == nil {
		t.Error("a connection outlives the server")
	}
	if _, err := conn.Search(people("(uid=alice)")); err == nil {
		t.Error("a search outlives the server")
	}
	if c, err := net.Dial("tcp", s.Addr()); err == nil {
		t.Errorf("still listening; closing: %v", c.Close())
	}
}

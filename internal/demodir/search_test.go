package demodir

import (
	"strings"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
)

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

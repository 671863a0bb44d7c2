//go:build integration

package lab

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

const password = "correct horse"

// subCode is AD's reason for a refused bind, which stands in the text only.
func subCode(err error) string {
	if err == nil {
		return "bound"
	}
	if m := regexp.MustCompile(`data ([0-9a-f]+)`).FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return err.Error()
}

func TestADBindsNames(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	ad.AddUPNSuffix(t, "example.com")
	dn := ad.AddUser(t, User{Name: "alice", Password: password, UPN: "alice@example.com"})
	for name, want := range map[string]string{
		"alice":                   "52e",
		`CORP\alice`:              "bound",
		`corp\ALICE`:              "bound",
		`CORP.EXAMPLE.COM\alice`:  "52e",
		"alice@example.com":       "bound",
		"alice@example.com ":      "bound",
		"ALICE@corp.example.com":  "bound",
		"alice@corp":              "bound",
		"alice@elsewhere.example": "52e",
		"alıce@example.com":       "52e",
		"nobody@example.com":      "52e",
		dn:                        "bound",
		guidName(ad.Attr(t, "alice", "objectGUID")): "bound",
	} {
		if got := subCode(ad.Bind(t, name, password)); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

// guidName writes an objectGUID as a bind name. Its first three fields are
// stored with the least octet first.
func guidName(guid string) string {
	g := []byte(guid)
	return fmt.Sprintf("<GUID=%08x-%04x-%04x-%x-%x>", binary.LittleEndian.Uint32(g),
		binary.LittleEndian.Uint16(g[4:]), binary.LittleEndian.Uint16(g[6:]), g[8:10], g[10:])
}

func TestADTakesThePreviousPasswordForAWhile(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	dn := ad.AddUser(t, User{Name: "alice", Password: password})
	ad.SetPassword(t, "alice", "second")
	if got := subCode(ad.Bind(t, dn, password)); got != "bound" {
		t.Errorf("the previous password: %s", got)
	}
	ad.SetPassword(t, "alice", "third")
	if got := subCode(ad.Bind(t, dn, password)); got != "52e" {
		t.Errorf("the one before it: %s", got)
	}
}

func TestADCountsNothingWithoutAThreshold(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	dn := ad.AddUser(t, User{Name: "alice", Password: password})
	if got := subCode(ad.Bind(t, dn, "wrong")); got != "52e" {
		t.Error(got)
	}
	if n := ad.Attr(t, "alice", "badPwdCount"); n != "0" {
		t.Errorf("badPwdCount is %s: say so in AD's comment and let BadPwdCount read it", n)
	}
}

func TestADTellsStatesToTheRightPasswordOnly(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	for _, tt := range []struct {
		name string
		make func(testing.TB, string)
		want string
	}{
		{"disabled", ad.Disable, "533"},
		{"expired", ad.Expire, "701"},
		{"mustchange", ad.MustChange, "773"},
		{"oldpassword", ad.ExpirePassword, "532"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dn := ad.AddUser(t, User{Name: tt.name, Password: password})
			tt.make(t, tt.name)
			if got := subCode(ad.Bind(t, dn, password)); got != tt.want {
				t.Errorf("right password: %s, want %s", got, tt.want)
			}
			if got := subCode(ad.Bind(t, dn, "wrong")); got != "52e" {
				t.Errorf("wrong password: %s, want 52e", got)
			}
		})
	}
}

func TestADLocks(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	ad.Lockout(t, 2, 3*time.Second)
	dn := ad.AddUser(t, User{Name: "alice", Password: password})
	steps := []struct {
		password, want string
		count          int
	}{
		{"wrong", "52e", 1}, {password, "bound", 0}, {"wrong", "52e", 1}, {"wrong", "52e", 2},
		{"wrong", "775", 2}, {password, "775", 2},
	}
	for i, s := range steps {
		if got, n := subCode(ad.Bind(t, dn, s.password)), ad.BadPwdCount(t, "alice"); got != s.want || n != s.count {
			t.Errorf("step %d: %s and %d, want %s and %d", i, got, n, s.want, s.count)
		}
	}
	if !ad.LockedOut(t, "alice") {
		t.Error("not locked")
	}
	for ad.Attr(t, "alice", "msDS-User-Account-Control-Computed") != "0" {
		time.Sleep(100 * time.Millisecond) // 16 while locked; in whole seconds
	}
	if n := ad.BadPwdCount(t, "alice"); n != 2 {
		t.Errorf("after the window: %d, want the stale 2", n)
	}
	if got, n := subCode(ad.Bind(t, dn, "wrong")), ad.BadPwdCount(t, "alice"); got != "52e" || n != 1 {
		t.Errorf("after the window, once more: %s and %d, want 52e and 1", got, n)
	}
}

func TestADPasswordSettingsObject(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	dn := ad.AddUser(t, User{Name: "alice", Password: password})
	ad.AddGroup(t, "strict")
	ad.AddMember(t, "strict", "alice")
	pso := ad.AddPSO(t, PSO{Name: "two", LockoutThreshold: 2, AppliesTo: []string{"strict"}})
	service := bound(t, ad)
	if got := base(t, service, dn, "msDS-ResultantPSO").GetAttributeValue("msDS-ResultantPSO"); got != pso {
		t.Errorf("resultant: %q, want %q", got, pso)
	}
	if got := base(t, service, pso, "msDS-LockoutThreshold").GetAttributeValue("msDS-LockoutThreshold"); got != "" {
		t.Errorf("threshold before the grant: %q, want none", got)
	}
	ad.GrantPSORead(t)
	if got := base(t, bound(t, ad), pso, "msDS-LockoutThreshold").GetAttributeValue("msDS-LockoutThreshold"); got != "2" {
		t.Errorf("threshold after the grant: %q, want 2", got)
	}
	for _, want := range []string{"52e", "52e", "775"} {
		if got := subCode(ad.Bind(t, dn, "wrong")); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestADGroups(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	bob := ad.AddUser(t, User{Name: "bob", Password: password})
	for _, g := range []string{"inner", "outer", "primary", "above primary"} {
		ad.AddGroup(t, g)
	}
	ad.AddMember(t, "inner", "bob")
	ad.AddMember(t, "outer", "inner")
	ad.SetPrimaryGroup(t, "bob", "primary")
	ad.AddMember(t, "above primary", "primary")
	service := bound(t, ad)
	tokens := base(t, service, bob, "tokenGroups").GetAttributeValues("tokenGroups")
	for _, g := range []string{"inner", "outer", "primary", "above primary", "Domain Users"} {
		if !strings.Contains(strings.Join(tokens, "\n"), ad.Attr(t, g, "objectSid")) {
			t.Errorf("tokenGroups lacks %s", g)
		}
	}
	if got := search(t, service, ad, "(member:1.2.840.113556.1.4.1941:="+bob+")"); got != 4 {
		t.Errorf("%d groups by chain, want inner, outer, Domain Users and Users", got)
	}
	_, err := service.Search(ldap.NewSearchRequest(ad.BaseDN, ldap.ScopeWholeSubtree, 0, 0, 0, false,
		"(sAMAccountName=bob)", []string{"tokenGroups"}, nil))
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultOperationsError) {
		t.Errorf("tokenGroups in a subtree search: %v", err)
	}
	if got := search(t, service, ad, "(sAMAccountName=BOB )"); got != 1 {
		t.Errorf("%d entries for a name with a trailing space, want 1", got)
	}
}

func TestADIdentitySurvivesARenameOnly(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	ad.AddUser(t, User{Name: "bob", Password: password})
	guid := ad.Attr(t, "bob", "objectGUID")
	ad.Rename(t, "bob", "robert")
	if ad.Attr(t, "robert", "objectGUID") != guid {
		t.Error("a rename changed the objectGUID")
	}
	if got := subCode(ad.Bind(t, "robert@corp.example.com", password)); got != "bound" {
		t.Error(got)
	}
	ad.Delete(t, "robert")
	ad.AddUser(t, User{Name: "robert", Password: password})
	if ad.Attr(t, "robert", "objectGUID") == guid {
		t.Error("another account has the same objectGUID")
	}
}

func TestADTransport(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	conn, err := ldap.DialURL(ad.PlainURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Bind(ad.BindUser, ad.BindPassword); !ldap.IsErrorWithCode(err, ldap.LDAPResultStrongAuthRequired) {
		t.Errorf("a bind in the clear: %v", err)
	}
	if err := conn.StartTLS(ad.TLS()); err != nil {
		t.Fatal(err)
	}
	if err := conn.Bind(ad.BindUser, ad.BindPassword); err != nil {
		t.Error(err)
	}
	if _, err := conn.WhoAmI(nil); !ldap.IsErrorWithCode(err, ldap.LDAPResultProtocolError) {
		t.Errorf("WhoAmI: %v", err)
	}
}

func TestADRefusesASearchWithoutABind(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	_, err := ad.Dial(t).Search(ldap.NewSearchRequest(ad.BaseDN, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil, nil))
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultOperationsError) {
		t.Errorf("%v, want an operations error", err)
	}
	r, err := bound(t, ad).Search(ldap.NewSearchRequest(ad.BaseDN, ldap.ScopeWholeSubtree, 0, 0, 0, false, "(cn=nobody)", nil, nil))
	if err != nil || len(r.Entries) != 0 || len(r.Referrals) == 0 {
		t.Errorf("%v, %v, want no entry but a referral", r, err)
	}
}

func TestADWithANegativeSerialIsAdministeredAllTheSame(t *testing.T) {
	ad := StartAD(t, ADConfig{NegativeSerial: true})
	ad.AddUser(t, User{Name: "alice", Password: password})
	_, err := tls.Dial("tcp", ad.Addr(), ad.TLS())
	if err == nil || !strings.Contains(err.Error(), "negative serial") {
		t.Errorf("dialling: %v, want Go's refusal", err)
	}
}

func TestADOutages(t *testing.T) {
	ad := StartAD(t, ADConfig{})
	ad.Stop(t)
	if _, err := tls.Dial("tcp", ad.Addr(), ad.TLS()); err == nil {
		t.Error("connected to a stopped domain controller")
	}
	ad.Start(t)
	conn := ad.Dial(t)
	conn.SetTimeout(200 * time.Millisecond)
	ad.Pause(t)
	if err := conn.Bind(ad.BindUser, ad.BindPassword); !ldap.IsErrorWithCode(err, ldap.ErrorNetwork) {
		t.Errorf("a paused domain controller: %v, want a timeout", err)
	}
	ad.Resume(t)
	bound(t, ad)
}

func TestTwoDomainsSideBySide(t *testing.T) {
	a, b := StartAD(t, ADConfig{}), StartAD(t, ADConfig{Realm: "LAB.EXAMPLE.ORG"})
	a.AddUser(t, User{Name: "alice", Password: password})
	b.AddUser(t, User{Name: "alice", Password: "another"})
	if got := subCode(b.Bind(t, `LAB\alice`, "another")); got != "bound" {
		t.Error(got)
	}
	if got := subCode(a.Bind(t, `CORP\alice`, "another")); got != "52e" {
		t.Error(got)
	}
}

// bound is a connection of the service account.
func bound(t *testing.T, ad *AD) *ldap.Conn {
	t.Helper()
	conn := ad.Dial(t)
	if err := conn.Bind(ad.BindUser, ad.BindPassword); err != nil {
		t.Fatal(err)
	}
	return conn
}

func base(t *testing.T, conn *ldap.Conn, dn string, attrs ...string) *ldap.Entry {
	t.Helper()
	r, err := conn.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", attrs, nil))
	if err != nil || len(r.Entries) != 1 {
		t.Fatalf("reading %s: %v, %v", dn, r, err)
	}
	return r.Entries[0]
}

func search(t *testing.T, conn *ldap.Conn, ad *AD, filter string) int {
	t.Helper()
	r, err := conn.Search(ldap.NewSearchRequest(ad.BaseDN, ldap.ScopeWholeSubtree, 0, 0, 0, false, filter, []string{"cn"}, nil))
	if err != nil {
		t.Fatalf("searching %s: %v", filter, err)
	}
	return len(r.Entries)
}

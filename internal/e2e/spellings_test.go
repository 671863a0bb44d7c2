//go:build integration

package e2e

import (
	"testing"

	"twofold/internal/lab"
)

// Accents, composed and decomposed, and letters that case folding changes: as
// many spellings as a login form lets through, of one person or of nobody.
func TestI06_UnicodeSpellingsAreOnePersonOrNobody(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad, Top: []string{"unenrolled: allow", "unenrolled_until: 2099-01-01"}})
	p := &person{name: "jürgen"}
	const password = "pässwörd € 2026"
	ad.AddUser(t, lab.User{Name: p.name, Password: password})
	s.enrol(t, p)
	c := s.client(t, appending)
	for _, name := range []string{"jürgen", "JÜRGEN", `CORP\JüRGEN`, "Jürgen@corp.example.com"} {
		accepted(t, name, c.Login(t, name, password+p.code(t)))
	}
	for _, name := range []string{"ju\u0308rgen", "JU\u0308RGEN", "jurgen", "juergen", "jürgen\u200b", "jürgeń", "ｊürgen"} {
		rejected(t, name+", a used code", c.Login(t, name, password+p.used()))
		rejected(t, name+", the password alone", c.Login(t, name, password))
	}
	if list := decode[[]struct{ Login string }](t, s.do(t, "user", "list", "--json")); len(list) != 1 {
		t.Errorf("%d accounts, want one: %v", len(list), list)
	}
}

// What a filter or a DN would read as its own is part of a name here.
func TestI06_NamesAreNoFilters(t *testing.T) {
	t.Parallel()
	ad := corp(t)
	s := serve(t, settings{AD: ad})
	p := s.staff(t, ad, "literal")
	c := s.client(t, appending)
	for _, name := range []string{
		"*", "litera*", "literal)(objectClass=*", "*)(sAMAccountName=literal", `\6citeral`, `CORP\*`, "*@corp.example.com",
		"CN=literal,CN=Users,DC=corp,DC=example,DC=com", "@corp.example.com", `CORP\`, `\literal`, "literal@", "@", `OTHER\literal`,
		"literal@corp.example.com@example.com", `CORP\literal@corp.example.com`,
	} {
		rejected(t, name, c.Login(t, name, p.login(t)))
		p.next--
	}
	accepted(t, "literal", c.Login(t, p.name, p.login(t)))
	if n := s.binds(t); n != 1 {
		t.Errorf("%d binds, want one", n)
	}
}

// Two domains have an alice each. A bare name is the default domain's.
func TestI06_TwoDomainsWithTheSameNames(t *testing.T) {
	ad := corp(t)
	lab2 := lab.StartAD(t, lab.ADConfig{Realm: "LAB.EXAMPLE.ORG"})
	s := serve(t, settings{AD: ad, Corp: []string{"default: true"}, Also: []*lab.AD{lab2}})
	ours := wonderland(t, s, ad)
	lab2.AddUser(t, lab.User{Name: "alice", Password: "another password"})
	theirs := &person{name: `LAB\alice`}
	s.enrol(t, theirs)
	c := s.client(t, appending)
	for _, name := range []string{"alice", `CORP\alice`, "alice@example.com"} {
		accepted(t, name, c.Login(t, name, ours.login(t)))
		rejected(t, name+", the other's password and code", c.Login(t, name, "another password"+theirs.code(t)))
		rejected(t, name+", the other's code", c.Login(t, name, theirs.login(t)))
	}
	for _, name := range []string{`LAB\alice`, "alice@lab.example.org"} {
		accepted(t, name, c.Login(t, name, "another password"+theirs.code(t)))
		rejected(t, name+", the other's code", c.Login(t, name, "another password"+ours.code(t)))
	}
}

package demodir

import (
	"testing"

	"github.com/go-ldap/ldap/v3"
)

func TestACommaInAValueDoesNotPartAName(t *testing.T) {
	site := Sample()
	tricky := `cn=a\,ou=groups,` + site.Suffix
	site.Entries = append(site.Entries, Entry{DN: tricky, Attributes: list("cn", "a,ou=groups")})
	conn := dialBound(t, start(t, func(c *Config) { c.Entries = site.Entries }))
	found, err := conn.Search(ldap.NewSearchRequest("ou=groups,"+site.Suffix, ldap.ScopeWholeSubtree, 0, 0, 0, false,
		"(cn=a*)", nil, nil))
	if err != nil || len(found.Entries) != 0 {
		t.Errorf("found under ou=groups: %v, %v", names(found), err)
	}
	found, err = conn.Search(ldap.NewSearchRequest(tricky, ldap.ScopeBaseObject, 0, 0, 0, false, "(cn=*)", nil, nil))
	if err != nil || len(found.Entries) != 1 {
		t.Errorf("not found by its name: %v", err)
	}
}

func TestAnEntryWithoutAPasswordHasNoneThatIsRight(t *testing.T) {
	tree := mustTree(t, Sample())
	if tree.passwordOf(Sample().Suffix, "") {
		t.Error("the empty one is right")
	}
	if !tree.passwordOf(Sample().BindDN, Sample().BindPassword) {
		t.Error("the service account's is not")
	}
}

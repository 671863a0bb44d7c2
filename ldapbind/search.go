package ldapbind

import (
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Searches are handed on by value, so that servers asked the same at the same
// time share nothing that could be changed. Aliases are never followed.

// baseSearch reads one entry.
func baseSearch(dn string, attributes ...string) ldap.SearchRequest {
	return ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeBaseObject, Filter: anything, Attributes: attributes}
}

// rootDSE is the entry a server has about itself, RFC 4512 section 5.1.
func rootDSE(attributes ...string) ldap.SearchRequest { return baseSearch("", attributes...) }

// childSearch looks right below an entry.
func childSearch(dn, filter string, most int, attributes ...string) ldap.SearchRequest {
	return ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeSingleLevel, Filter: filter, SizeLimit: most, Attributes: attributes}
}

// treeSearch looks at an entry and all below it; most 0: as many as the server gives.
func treeSearch(dn, filter string, most int, attributes ...string) ldap.SearchRequest {
	return ldap.SearchRequest{BaseDN: dn, Scope: ldap.ScopeWholeSubtree, Filter: filter, SizeLimit: most, Attributes: attributes}
}

// nothing asks for entries without attributes, RFC 4511 section 4.5.1.8.
const nothing = "1.1"

// Filters are text, RFC 4515. equal is the one place where a value gets into
// one, and escapes it: whatever it holds, it stays a value (I06).

var (
	anything   = present("objectClass")
	normalUser = equal("sAMAccountType", "805306368") // people: no computers, trusts, contacts
	posixGroup = equal("objectClass", "posixGroup")
)

func equal(attribute, value string) string {
	return "(" + attribute + "=" + ldap.EscapeFilter(value) + ")"
}

func present(attribute string) string { return "(" + attribute + "=*)" }

func allOf(filters ...string) string { return combine("(&", filters) }

func anyOf(filters ...string) string { return combine("(|", filters) }

// combine leaves a single filter as it is.
func combine(operator string, filters []string) string {
	if len(filters) == 1 {
		return filters[0]
	}
	return operator + strings.Join(filters, "") + ")"
}

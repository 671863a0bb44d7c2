package ldapbind

import (
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// foldDN brings the spellings of a DN to one. It is for finding the same entry
// twice in answers, never for deciding who somebody is.
func foldDN(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return strings.ToLower(dn)
	}
	return strings.ToLower(parsed.String())
}

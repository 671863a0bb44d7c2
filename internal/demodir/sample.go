package demodir

import (
	"fmt"
	"strings"
	"unicode"
)

// Site is a made-up organisation, with what a configuration needs to know of
// it.
type Site struct {
	Suffix       string // also the base_dn
	BindDN       string // the service account that may search
	BindPassword string
	Entries      []Entry
}

// Format keeps the passwords out of whatever is printed (I10).
func (s Site) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.Suffix) }

// Sample is a small company: alice, bob and carol, the service account
// svc-backup that cannot type a code, the groups staff (alice, bob), vpn-users
// (the group staff, and carol) and service-accounts (svc-backup). The passwords
// are made up and public.
func Sample() Site {
	s := Site{Suffix: "dc=example,dc=com", BindPassword: "Service-Account-0"}
	s.BindDN = "cn=twofold,ou=services," + s.Suffix
	s.Entries = []Entry{
		{DN: s.Suffix, Attributes: list("objectClass", "top", "objectClass", "domain", "dc", "example")},
		unit("people", s.Suffix), unit("groups", s.Suffix), unit("services", s.Suffix),
		{DN: s.BindDN, Password: s.BindPassword,
			Attributes: list("objectClass", "applicationProcess", "cn", "twofold")},
		person("alice", "Alice Example", "Wonder-Land-1865", s.Suffix),
		person("bob", "Bob Example", "Hard-Hat-1999", s.Suffix),
		person("carol", "Carol Example", "Silent-Night-1843", s.Suffix),
		person("svc-backup", "Backup Service", "Tape-Robot-2001", s.Suffix),
		group("staff", s.Suffix, dn("alice", s.Suffix), dn("bob", s.Suffix)),
		group("vpn-users", s.Suffix, "cn=staff,ou=groups,"+s.Suffix, dn("carol", s.Suffix)),
		group("service-accounts", s.Suffix, dn("svc-backup", s.Suffix)),
	}
	return s
}

// Password is that of the person with the login; empty: there is none.
func (s Site) Password(login string) string {
	for _, e := range s.Entries {
		if e.Value("uid") == login {
			return e.Password
		}
	}
	return ""
}

func dn(uid, suffix string) string { return "uid=" + uid + ",ou=people," + suffix }

func unit(name, suffix string) Entry {
	return Entry{DN: "ou=" + name + "," + suffix, Attributes: list("objectClass", "organizationalUnit", "ou", name)}
}

func person(uid, name, password, suffix string) Entry {
	given, family, _ := strings.Cut(name, " ")
	return Entry{DN: dn(uid, suffix), Password: password, Attributes: list(
		"objectClass", "top", "objectClass", "person", "objectClass", "organizationalPerson",
		"objectClass", "inetOrgPerson", "uid", uid, "cn", name, "givenName", given, "sn", family,
		"displayName", name, "mail", uid+"@example.com")}
}

func group(name, suffix string, members ...string) Entry {
	e := Entry{DN: "cn=" + name + ",ou=groups," + suffix,
		Attributes: list("objectClass", "groupOfNames", "cn", name, "description", title(name))}
	e.Attributes = append(e.Attributes, Attribute{Name: "member", Values: members})
	return e
}

func title(s string) string {
	r := []rune(strings.ReplaceAll(s, "-", " "))
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

// list makes attributes of names and values in turn; a name may come again.
func list(pairs ...string) (attributes []Attribute) {
	for i := 0; i < len(pairs); i += 2 {
		attributes = append(attributes, Attribute{Name: pairs[i], Values: []string{pairs[i+1]}})
	}
	return attributes
}

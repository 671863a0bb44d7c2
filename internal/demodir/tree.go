package demodir

import (
	"crypto/subtle"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// tree is the entries, in the order they were given. It never changes.
type tree struct {
	suffix  string
	root    *entry
	entries []*entry
	byName  map[string]*entry // by canonical name
}

// newTree checks the entries and adds to each what a directory would.
func newTree(suffix string, given []Entry) (*tree, error) {
	t := &tree{suffix: suffix, byName: map[string]*entry{}}
	for _, g := range given {
		e, err := newEntry(g)
		if err != nil {
			return nil, err
		}
		if t.byName[e.key] != nil {
			return nil, fmt.Errorf("entry %s is there twice", e.dn)
		}
		t.entries = append(t.entries, e)
		t.byName[e.key] = e
	}
	key, err := canonical(suffix)
	if err != nil || t.byName[key] == nil || key == "" {
		return nil, fmt.Errorf("no entry has the name of the suffix, %q", suffix)
	}
	for _, e := range t.entries {
		if !e.within(key) {
			return nil, fmt.Errorf("entry %s is not under %s", e.dn, suffix)
		}
	}
	t.linkGroups()
	t.root = rootEntry(suffix)
	return t, nil
}

// rootEntry describes the server (RFC 4512 section 5.1).
func rootEntry(suffix string) *entry {
	return &entry{attributes: []attribute{
		{name: "objectClass", values: []string{"top"}},
		{name: "namingContexts", values: []string{suffix}, operational: true},
		{name: "supportedLDAPVersion", values: []string{"3"}, operational: true},
		{name: "vendorName", values: []string{"Twofold demo directory"}, operational: true},
	}}
}

// linkGroups gives each entry a memberOf for each group that names it.
func (t *tree) linkGroups() {
	for _, group := range t.entries {
		for _, member := range group.values("member") {
			key, err := canonical(member)
			if e := t.byName[key]; err == nil && e != nil {
				e.append(attribute{name: "memberOf", values: []string{group.dn}, operational: true})
			}
		}
	}
}

// passwordOf tells whether the entry of that name has that password. Entries
// without a password have none that is right.
func (t *tree) passwordOf(name, password string) bool {
	key, err := canonical(name)
	e := t.byName[key]
	if err != nil || e == nil || e.password == "" {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(e.password), []byte(password)) == 1
}

func (t *tree) rootDSE(f filter) ([]*entry, result) {
	if !f(t.root) {
		return nil, success
	}
	return []*entry{t.root}, success
}

func (t *tree) search(s search) ([]*entry, result) {
	base, err := canonical(s.base)
	if err != nil {
		return nil, badName
	}
	if t.byName[base] == nil {
		return nil, noSuch
	}
	var found []*entry
	for _, e := range t.entries {
		if e.inScope(base, s.scope) && s.filter(e) {
			found = append(found, e)
		}
	}
	return found, success
}

func (e *entry) inScope(base string, scope int64) bool {
	switch scope {
	case ldap.ScopeBaseObject:
		return e.key == base
	case ldap.ScopeSingleLevel:
		_, parent, _ := strings.Cut(e.key, ",")
		return parent == base && e.key != base
	}
	return e.within(base)
}

// within tells whether the entry is base or under it. Canonical names have a
// comma between parts only.
func (e *entry) within(base string) bool {
	return e.key == base || strings.HasSuffix(e.key, ","+base)
}

// canonical writes a distinguished name in one way: lower case, one space for
// several, the values of a part in order, and no comma or plus inside a value.
func canonical(dn string) (string, error) {
	parsed, err := ldap.ParseDN(dn)
	if err != nil {
		return "", fmt.Errorf("%q is not a distinguished name", dn)
	}
	escape := strings.NewReplacer(`\`, `\5c`, ",", `\2c`, "+", `\2b`)
	var parts []string
	for _, rdn := range parsed.RDNs {
		var values []string
		for _, a := range rdn.Attributes {
			values = append(values, strings.ToLower(a.Type)+"="+escape.Replace(fold(a.Value)))
		}
		slices.Sort(values)
		parts = append(parts, strings.Join(values, "+"))
	}
	return strings.Join(parts, ","), nil
}

// fold is how values compare: without regard to case and extra spaces.
func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

package demodir

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Entry is one entry as it is given to the directory.
type Entry struct {
	DN         string
	Password   string // empty: nobody can bind as this entry
	Attributes []Attribute
}

// Attribute is a name and its values, in the order they are to be shown.
type Attribute struct {
	Name   string
	Values []string
}

// Format keeps the password out of whatever is printed (I10).
func (e Entry) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.DN) }

// Value is the first value of an attribute; empty: it has none.
func (e Entry) Value(name string) string {
	for _, a := range e.Attributes {
		if strings.EqualFold(a.Name, name) && len(a.Values) > 0 {
			return a.Values[0]
		}
	}
	return ""
}

// entry is one entry as the tree keeps it.
type entry struct {
	dn, key    string // key is the canonical name
	password   string
	attributes []attribute
}

type attribute struct {
	name        string
	values      []string
	operational bool // sent only where it is asked for (RFC 4512 section 3.4)
}

func newEntry(g Entry) (*entry, error) {
	key, err := canonical(g.DN)
	if err != nil {
		return nil, err
	}
	e := &entry{dn: g.DN, key: key, password: g.Password}
	for _, a := range g.Attributes {
		if strings.EqualFold(a.Name, "userPassword") {
			return nil, errors.New("entry " + g.DN + ": the password is no attribute here: anybody could read it")
		}
		e.append(attribute{name: a.Name, values: a.Values})
	}
	if len(e.values("entryUUID")) == 0 {
		e.append(attribute{name: "entryUUID", values: []string{uuidOf(key)}, operational: true})
	}
	return e, nil
}

// append adds values to the attribute of that name, or the attribute.
func (e *entry) append(a attribute) {
	for i := range e.attributes {
		if strings.EqualFold(e.attributes[i].name, a.name) {
			e.attributes[i].values = append(e.attributes[i].values, a.values...)
			return
		}
	}
	a.values = slices.Clone(a.values)
	e.attributes = append(e.attributes, a)
}

func (e *entry) values(name string) []string {
	for _, a := range e.attributes {
		if strings.EqualFold(a.name, name) {
			return a.values
		}
	}
	return nil
}

func (e *entry) any(name string, match func(string) bool) bool {
	return slices.ContainsFunc(e.values(name), match)
}

// has tells whether one of the attribute's values equals value.
func (e *entry) has(name, value string) bool {
	if strings.EqualFold(name, "member") || strings.EqualFold(name, "memberOf") {
		want, err := canonical(value)
		return err == nil && e.any(name, func(v string) bool {
			got, err := canonical(v)
			return err == nil && got == want
		})
	}
	want := fold(value)
	return e.any(name, func(v string) bool { return fold(v) == want })
}

// uuidOf makes the same UUID of the same name always (RFC 9562 section 5.5,
// with the name space of X.500 names).
func uuidOf(name string) string {
	space := []byte{0x6b, 0xa7, 0xb8, 0x14, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}
	sum := sha1.Sum(append(space, name...))
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// wants tells whether a search asks for the attribute (RFC 4511 section
// 4.5.1.8, RFC 3673).
func (s search) wants(a attribute) bool {
	if len(s.attributes) == 0 {
		return !a.operational
	}
	return slices.ContainsFunc(s.attributes, func(asked string) bool {
		return asked == "*" && !a.operational || asked == "+" && a.operational || strings.EqualFold(asked, a.name)
	})
}

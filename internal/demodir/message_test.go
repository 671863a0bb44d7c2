package demodir

import (
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

func number(tag ber.Tag, v int64) *ber.Packet {
	return ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, tag, v, "")
}

func parent(class ber.Class, tag ber.Tag, children ...*ber.Packet) *ber.Packet {
	p := ber.Encode(class, ber.TypeConstructed, tag, nil, "")
	for _, c := range children {
		p.AppendChild(c)
	}
	return p
}

func part(tag ber.Tag, value string) *ber.Packet {
	return ber.NewString(ber.ClassContext, ber.TypePrimitive, tag, value, "")
}

func searchFor(scope, limit int64, filter *ber.Packet) *ber.Packet {
	return parent(ber.ClassApplication, ldap.ApplicationSearchRequest, octetString(""),
		number(ber.TagEnumerated, scope), number(ber.TagEnumerated, 0), number(ber.TagInteger, limit), number(ber.TagInteger, 0),
		ber.NewLDAPBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""), filter, ber.NewSequence(""))
}

func substringsOf(parts ...*ber.Packet) *ber.Packet {
	return parent(ber.ClassContext, ldap.FilterSubstrings, octetString("uid"), parent(ber.ClassUniversal, ber.TagSequence, parts...))
}

func TestMalformedOperationsAreRefused(t *testing.T) {
	present := part(ldap.FilterPresent, "uid")
	bindWith := func(children ...*ber.Packet) *ber.Packet {
		return parent(ber.ClassApplication, ldap.ApplicationBindRequest, children...)
	}
	version, name, password := number(ber.TagInteger, 3), octetString("cn=x"), part(0, "made-up")
	initial, anywhere, final := part(0, "a"), part(1, "b"), part(2, "c")
	tests := map[string]struct {
		op *ber.Packet
		ok bool
	}{
		"a bind":                         {bindWith(version, name, password), true},
		"a bind without a password":      {bindWith(version, name), false},
		"a bind with too much":           {bindWith(version, name, password, password), false},
		"a bind whose version is text":   {bindWith(name, name, password), false},
		"a bind whose name is a number":  {bindWith(version, version, password), false},
		"a bind with a bare password":    {bindWith(version, name, name), false},
		"a search":                       {searchFor(2, 0, present), true},
		"a scope nobody knows":           {searchFor(3, 0, present), false},
		"a negative scope":               {searchFor(-1, 0, present), false},
		"a negative limit":               {searchFor(2, -1, present), false},
		"a filter nobody knows":          {searchFor(2, 0, part(10, "uid")), false},
		"a filter that is none":          {searchFor(2, 0, name), false},
		"a not of nothing":               {searchFor(2, 0, parent(ber.ClassContext, ldap.FilterNot)), false},
		"a not of two":                   {searchFor(2, 0, parent(ber.ClassContext, ldap.FilterNot, present, present)), false},
		"an and with rubbish in it":      {searchFor(2, 0, parent(ber.ClassContext, ldap.FilterAnd, present, name)), false},
		"an and that is a string":        {searchFor(2, 0, part(ldap.FilterAnd, "x")), false},
		"an equality without a value":    {searchFor(2, 0, parent(ber.ClassContext, ldap.FilterEqualityMatch, name)), false},
		"a presence of parts":            {searchFor(2, 0, parent(ber.ClassContext, ldap.FilterPresent, name)), false},
		"substrings":                     {searchFor(2, 0, substringsOf(initial, anywhere, anywhere, final)), true},
		"no substrings":                  {searchFor(2, 0, substringsOf()), false},
		"an initial in the middle":       {searchFor(2, 0, substringsOf(anywhere, initial)), false},
		"a final before the end":         {searchFor(2, 0, substringsOf(final, anywhere)), false},
		"an empty substring":             {searchFor(2, 0, substringsOf(part(1, ""))), false},
		"a substring of an unknown sort": {searchFor(2, 0, substringsOf(part(3, "x"))), false},
		"an operation only servers send": {parent(ber.ClassApplication, ldap.ApplicationBindResponse), false},
		"an operation of another class":  {parent(ber.ClassContext, ldap.ApplicationBindRequest, version, name, password), false},
		"an abandon":                     {ber.NewInteger(ber.ClassApplication, ber.TypePrimitive, ldap.ApplicationAbandonRequest, int64(1), ""), true},
	}
	for what, test := range tests {
		t.Run(what, func(t *testing.T) {
			if _, err := decode(message(1, test.op).Bytes()); (err == nil) != test.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestFiltersNestedTooDeepAreRefused(t *testing.T) {
	deep := part(ldap.FilterPresent, "uid")
	for range 1100 {
		deep = parent(ber.ClassContext, ldap.FilterNot, deep)
	}
	if _, err := decode(message(1, searchFor(2, 0, deep)).Bytes()); err == nil || !strings.Contains(err.Error(), "malformed") {
		t.Errorf("got %v", err)
	}
}

package demodir

import (
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// filter tells whether an entry matches.
type filter func(*entry) bool

// decodeFilter reads RFC 4511 section 4.5.1.7. What is grammatical but not
// supported anywhere in it is named; the filter is then of no use, since a
// "not" around it would match everything.
func decodeFilter(p *ber.Packet) (f filter, unsupported string, err error) {
	if p.ClassType != ber.ClassContext {
		return nil, "", malformed("filter")
	}
	switch p.Tag {
	case ldap.FilterAnd, ldap.FilterOr, ldap.FilterNot:
		return decodeSet(p)
	case ldap.FilterEqualityMatch, ldap.FilterApproxMatch:
		f, err = decodeEquality(p)
	case ldap.FilterSubstrings:
		f, err = decodeSubstrings(p)
	case ldap.FilterPresent:
		f, err = decodePresent(p)
	case ldap.FilterGreaterOrEqual, ldap.FilterLessOrEqual:
		return nil, "ordering filters are not supported", nil
	case ldap.FilterExtensibleMatch:
		return nil, "extensible filters are not supported", nil
	default:
		err = malformed("filter")
	}
	return f, "", err
}

// decodeSet reads and, or and not. An empty "and" is true and an empty "or"
// false (RFC 4526).
func decodeSet(p *ber.Packet) (f filter, unsupported string, err error) {
	if p.TagType != ber.TypeConstructed {
		return nil, "", malformed("filter")
	}
	var parts []filter
	for _, child := range p.Children {
		part, missing, err := decodeFilter(child)
		if err != nil {
			return nil, "", err
		}
		parts, unsupported = append(parts, part), or(unsupported, missing)
	}
	if p.Tag == ldap.FilterNot {
		if len(parts) != 1 {
			return nil, "", malformed("filter")
		}
		return func(e *entry) bool { return !parts[0](e) }, unsupported, nil
	}
	return all(parts, p.Tag == ldap.FilterAnd), unsupported, nil
}

// all is true unless a part differs from it: with want true an "and", with
// want false the same reasoning makes an "or".
func all(parts []filter, want bool) filter {
	return func(e *entry) bool {
		for _, part := range parts {
			if part(e) != want {
				return !want
			}
		}
		return want
	}
}

func decodeEquality(p *ber.Packet) (filter, error) {
	if p.TagType != ber.TypeConstructed || len(p.Children) != 2 {
		return nil, malformed("filter")
	}
	name, ok := octets(p.Children[0])
	value, okValue := octets(p.Children[1])
	if !ok || !okValue {
		return nil, malformed("filter")
	}
	return func(e *entry) bool { return e.has(name, value) }, nil
}

func decodePresent(p *ber.Packet) (filter, error) {
	if p.TagType != ber.TypePrimitive {
		return nil, malformed("filter")
	}
	name := p.Data.String()
	return func(e *entry) bool { return len(e.values(name)) > 0 }, nil
}

// substrings is initial*any*any*final; the ends may be empty.
type substrings struct {
	initial, final string
	any            []string
}

func decodeSubstrings(p *ber.Packet) (filter, error) {
	if p.TagType != ber.TypeConstructed || len(p.Children) != 2 {
		return nil, malformed("filter")
	}
	name, ok := octets(p.Children[0])
	list := p.Children[1]
	if !ok || !sequence(list) || len(list.Children) == 0 {
		return nil, malformed("filter")
	}
	var s substrings
	for i, part := range list.Children {
		if !s.add(part, i == 0, i == len(list.Children)-1) {
			return nil, malformed("filter")
		}
	}
	return func(e *entry) bool { return e.any(name, s.match) }, nil
}

// add takes one part; initial must be first and final last.
func (s *substrings) add(p *ber.Packet, first, last bool) bool {
	if p.ClassType != ber.ClassContext || p.TagType != ber.TypePrimitive || p.Data.Len() == 0 {
		return false
	}
	value := strings.ToLower(p.Data.String())
	switch p.Tag {
	case ldap.FilterSubstringsInitial:
		s.initial = value
		return first
	case ldap.FilterSubstringsAny:
		s.any = append(s.any, value)
		return true
	case ldap.FilterSubstringsFinal:
		s.final = value
		return last
	}
	return false
}

func (s substrings) match(value string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(value), s.initial)
	if !ok {
		return false
	}
	if rest, ok = strings.CutSuffix(rest, s.final); !ok {
		return false
	}
	for _, part := range s.any {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return true
}

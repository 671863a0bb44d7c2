package wire

// Filter is an encoded search filter, RFC 4511 section 4.5.1.7. Values in it
// are octets with a length: there is nothing to escape, and nothing that a
// value could break out of.
type Filter []byte

// Tags of filters.
const (
	filterAnd     = 0xa0
	filterOr      = 0xa1
	filterEqual   = 0xa3
	filterPresent = 0x87
)

// Equal matches entries whose attribute has the value, by the directory's own
// matching rule.
func Equal[T string | []byte](attribute string, value T) Filter {
	return AppendEqual(make(Filter, 0, len(attribute)+len(value)+8), attribute, value)
}

// AppendEqual appends what Equal returns.
func AppendEqual[T string | []byte](b Filter, attribute string, value T) Filter {
	f, at := open(b, filterEqual)
	f = appendString(f, tagOctetString, attribute)
	f = appendString(f, tagOctetString, value)
	return finish(f, at)
}

// Present matches entries that have the attribute.
func Present(attribute string) Filter {
	return appendString(nil, filterPresent, attribute)
}

// And matches what all of the filters match.
func And(filters ...Filter) Filter { return combine(filterAnd, filters) }

// Or matches what any of the filters matches.
func Or(filters ...Filter) Filter { return combine(filterOr, filters) }

// combine leaves a single filter as it is.
func combine(tag byte, filters []Filter) Filter {
	if len(filters) == 1 {
		return filters[0]
	}
	size := 8
	for _, f := range filters {
		size += len(f)
	}
	b, at := open(make([]byte, 0, size), tag)
	for _, f := range filters {
		b = append(b, f...)
	}
	return finish(b, at)
}

package wire

import "strings"

// Entry is one entry that a search found.
type Entry struct {
	DN         string
	attributes []attribute
}

type attribute struct {
	name   string
	values []string
}

// Entry reads a SearchEntry, RFC 4511 section 4.5.2. What it returns shares
// one copy of the message's octets.
func (r Response) Entry() (Entry, error) {
	text := string(r.body)
	dn, rest, err := want(r.body, tagOctetString)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{DN: share(text, r.body, dn), attributes: make([]attribute, 0, 16)}
	list, _, err := want(rest, tagSequence)
	values := make([]string, 0, 24)
	for len(list) > 0 && err == nil {
		var item []byte
		if item, list, err = want(list, tagSequence); err != nil {
			break
		}
		values, err = e.add(text, r.body, item, values)
	}
	return e, err
}

func (e *Entry) add(text string, whole, item []byte, values []string) ([]string, error) {
	name, rest, err := want(item, tagOctetString)
	if err != nil {
		return values, err
	}
	set, _, err := want(rest, tagSet)
	from := len(values)
	for len(set) > 0 && err == nil {
		var value []byte
		if value, set, err = want(set, tagOctetString); err == nil {
			values = append(values, share(text, whole, value))
		}
	}
	e.attributes = append(e.attributes, attribute{share(text, whole, name), values[from:len(values):len(values)]})
	return values, err
}

// share finds the part of text that stands where part stands in whole.
func share(text string, whole, part []byte) string {
	from := cap(whole) - cap(part)
	return text[from : from+len(part)]
}

// Values are those of an attribute, whose name is compared without regard to case.
func (e Entry) Values(name string) []string {
	for _, a := range e.attributes {
		if strings.EqualFold(a.name, name) {
			return a.values
		}
	}
	return nil
}

// Value is the first value of an attribute, or nothing.
func (e Entry) Value(name string) string {
	if values := e.Values(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

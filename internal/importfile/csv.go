package importfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"twofold/core/otp"
)

var errNoHeader = errors.New(`file has no header: the first line of CSV names its columns, such as "user,secret,algorithm,digits,period,label"`)

// columns are the places of the known columns in a record.
type columns []string

var known = []string{"user", "secret", "algorithm", "digits", "period", "label"}

// parseHeader reads the line that names the columns, in any order and case.
func parseHeader(text string) (columns, error) {
	if !strings.Contains(text, ",") && strings.ContainsAny(text, ";\t|") {
		return nil, fmt.Errorf("the separator must be a comma (%w)", errNoHeader)
	}
	fields, err := split(text)
	if err != nil {
		return nil, errNoHeader
	}
	var c columns
	for i, name := range fields {
		name = strings.ToLower(strings.TrimSpace(name))
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("column %d is not one of %s (%w)", i+1, strings.Join(known, ", "), errNoHeader)
		}
		if slices.Contains(c, name) {
			return nil, fmt.Errorf("column %s stands there twice", name)
		}
		c = append(c, name)
	}
	for _, needed := range known[:2] {
		if !slices.Contains(c, needed) {
			return nil, fmt.Errorf("column %s is missing", needed)
		}
	}
	return c, nil
}

func (c columns) parse(text string) (Line, error) {
	fields, err := split(text)
	if err != nil {
		return Line{}, err
	}
	if len(fields) != len(c) {
		return Line{}, fmt.Errorf("line has %d fields, the header %d", len(fields), len(c))
	}
	l := Line{Key: otp.Key{Params: otp.Default()}, User: fields[slices.Index(c, "user")]}
	for i, name := range c {
		if err := l.set(name, fields[i]); err != nil {
			return l, err
		}
	}
	return l, l.Key.Validate()
}

// set takes one field. An empty one leaves the default.
func (l *Line) set(name, field string) (err error) {
	p := &l.Key.Params
	switch {
	case name == "secret":
		l.Key.Secret, err = otp.ParseSecret(field)
	case field == "", name == "user":
	case name == "label":
		l.Label = field
	case name == "algorithm":
		if p.Algorithm, err = otp.ParseAlgorithm(field); err != nil {
			err = errors.New("algorithm is not one of SHA1, SHA256, SHA512") // does not quote the field
		}
	case name == "digits":
		p.Digits, err = number[uint8](field, 8, "digits")
	case name == "period":
		var seconds uint16
		seconds, err = number[uint16](strings.TrimSuffix(field, "s"), 16, "period")
		p.Period = time.Duration(seconds) * time.Second
	}
	return err
}

func number[T uint8 | uint16](field string, bits int, name string) (T, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(field), 10, bits)
	if err != nil {
		return 0, fmt.Errorf("%s is not a number in range", name)
	}
	return T(n), nil
}

var errQuote = errors.New("quotes do not match (a quoted field ends on its own line)")

// split parts one line into fields as RFC 4180 section 2 says, except that a
// field never holds a line break.
func split(text string) (fields []string, err error) {
	for {
		var field string
		if strings.HasPrefix(text, `"`) {
			field, text, err = quoted(text[1:])
		} else {
			field, text, err = bare(text)
		}
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
		if text == "" {
			return fields, nil
		}
		text = text[1:] // the comma
	}
}

// bare gives the field up to the next comma, and what is left from there.
func bare(text string) (field, rest string, err error) {
	end := strings.IndexByte(text, ',')
	if end < 0 {
		end = len(text)
	}
	if strings.Contains(text[:end], `"`) {
		return "", "", errQuote
	}
	return text[:end], text[end:], nil
}

// quoted is bare for a field whose opening quote was taken off.
func quoted(text string) (field, rest string, err error) {
	var b strings.Builder
	for {
		part, after, found := strings.Cut(text, `"`)
		if !found {
			return "", "", errQuote
		}
		b.WriteString(part)
		if !strings.HasPrefix(after, `"`) {
			return b.String(), after, endsField(after)
		}
		b.WriteByte('"')
		text = after[1:]
	}
}

func endsField(rest string) error {
	if rest != "" && rest[0] != ',' {
		return errQuote
	}
	return nil
}

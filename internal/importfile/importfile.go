package importfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"twofold/core/otp"
)

// The bounds of a file.
const (
	MaxLines = 100_000 // lines with something on them
	MaxLine  = 8 << 10 // octets of one line
	MaxUser  = 256     // octets of a user's name
	MaxLabel = 64      // octets of a token's label
)

// Format is the form of a file.
type Format uint8

// URIs is the form with one otpauth URI a line; CSV the one with a header.
const (
	URIs Format = iota
	CSV
)

// Line is one token that could be read.
type Line struct {
	Number int // in the file, from 1
	User   string
	Label  string // of the token; may be empty
	Key    otp.Key
}

// Fault is what keeps one line out. Why never quotes the line. User is empty
// unless the line has a field for it that cannot hold a seed.
type Fault struct {
	Line int
	User string
	Why  string
}

// File is what was read. Lines and faults are in the file's order.
type File struct {
	Lines  []Line
	Faults []Fault
}

// ErrTooMany is what Read fails with beyond MaxLines.
var ErrTooMany = fmt.Errorf("file has more than %d lines: split it", MaxLines)

// ErrEmpty is what Read fails with where no line has anything on it.
var ErrEmpty = errors.New("nothing to import: the file has no tokens")

// Sniff tells the form of a file from its beginning, at least its first line:
// CSV begins with a header that has a comma in it, or at least the word
// secret, and no URI.
func Sniff(begin []byte) Format {
	for line := range bytes.Lines(bytes.TrimPrefix(begin, []byte("\ufeff"))) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		header := bytes.IndexByte(line, ',') >= 0 || bytes.Contains(bytes.ToLower(line), []byte("secret"))
		if header && !bytes.Contains(line, []byte("://")) {
			return CSV
		}
		return URIs
	}
	return URIs
}

// Read reads a whole file. It fails where the file as such is of no use: it
// cannot be read to its end, is too long, or has no usable header. What is
// wrong with single lines stands in File.Faults.
func Read(r io.Reader, format Format) (File, error) {
	in := &reader{parse: parseURI, comments: true}
	if format == CSV {
		in = &reader{}
	}
	lines := bufio.NewReaderSize(r, MaxLine)
	for {
		text, long, err := nextLine(lines)
		if errors.Is(err, io.EOF) {
			return in.finish()
		}
		if err != nil {
			return File{}, fmt.Errorf("reading tokens: %w", err)
		}
		if err := in.add(text, long); err != nil {
			return File{}, err
		}
	}
}

// nextLine gives a line without its end. Of one that is longer than the
// buffer the rest is passed over.
func nextLine(r *bufio.Reader) (text string, long bool, err error) {
	part, more, err := r.ReadLine()
	if err != nil {
		return "", false, err
	}
	text = string(part)
	for more {
		long = true
		if _, more, err = r.ReadLine(); err != nil {
			return "", true, err
		}
	}
	return text, long, nil
}

// reader goes through a file line by line.
type reader struct {
	File
	number   int
	parse    func(string) (Line, error) // nil: a CSV header is still to come
	comments bool                       // lines that begin with # are passed over
}

func (in *reader) add(text string, long bool) error {
	in.number++
	if in.number == 1 {
		text = strings.TrimPrefix(text, "\ufeff")
	}
	if strings.TrimSpace(text) == "" && !long {
		return nil
	}
	if len(in.Lines)+len(in.Faults) >= MaxLines {
		return ErrTooMany
	}
	switch {
	case long:
		in.fault("", fmt.Errorf("line is longer than %d octets", MaxLine))
	case !utf8.ValidString(text):
		in.fault("", errors.New("line is not UTF-8: save the file with that encoding"))
	case in.parse == nil:
		return in.header(text)
	case in.comments && strings.HasPrefix(text, "#"):
	default:
		in.line(text)
	}
	return nil
}

func (in *reader) header(text string) error {
	columns, err := parseHeader(text)
	if err != nil {
		return fmt.Errorf("line %d: %w", in.number, err)
	}
	in.parse = columns.parse
	return nil
}

func (in *reader) line(text string) {
	l, err := in.parse(text)
	if err == nil {
		err = check(l)
	}
	if err != nil {
		in.fault(l.User, err)
		return
	}
	l.Number = in.number
	in.Lines = append(in.Lines, l)
}

func (in *reader) fault(user string, err error) {
	f := Fault{Line: in.number, Why: strings.ReplaceAll(err.Error(), "\n", "; ")}
	if harmless(user) {
		f.User = user
	}
	in.Faults = append(in.Faults, f)
}

// harmless tells whether what stands where the user belongs is a name and not
// a seed that got there: too short for one, or with what no encoding of one has.
func harmless(user string) bool {
	if secretive(user) || len(user) > MaxUser || strings.ContainsFunc(user, unicode.IsControl) {
		return false
	}
	return len(user) < shortestSeed || strings.ContainsAny(user, `\@`) && !strings.ContainsAny(user, " ,;|:=")
}

// shortestSeed is as long as the 80 bits that a seed has at least: 14 digits
// of base64, 16 of base32, 20 of hexadecimal.
const shortestSeed = 14

func (in *reader) finish() (File, error) {
	if len(in.Lines)+len(in.Faults) == 0 {
		return File{}, ErrEmpty
	}
	return in.File, nil
}

// check refuses names nobody can have, and those that are a seed in the wrong
// place: names travel on into reports and events.
func check(l Line) error {
	switch {
	case secretive(l.User) || secretive(l.Label):
		return errors.New("user or label holds a uri: are the columns in the right order?")
	case l.User == "":
		return errors.New("user is missing")
	case len(l.User) > MaxUser:
		return fmt.Errorf("user is longer than %d octets", MaxUser)
	case len(l.Label) > MaxLabel:
		return fmt.Errorf("label is longer than %d octets", MaxLabel)
	case strings.ContainsFunc(l.User+l.Label, unicode.IsControl):
		return errors.New("user or label contains a control character")
	}
	return nil
}

func secretive(s string) bool {
	return strings.Contains(strings.ToLower(s), "otpauth")
}

var errNoTab = errors.New("between user and uri there must be a tab, not a space or anything else")

// parseURI reads "uri" or "user<TAB>uri". Without a user, it is the account in
// the URI's label.
func parseURI(text string) (l Line, err error) {
	uri := text
	if user, rest, ok := strings.Cut(text, "\t"); ok {
		l.User, uri = user, rest
	} else if i := strings.Index(strings.ToLower(text), "otpauth://"); i > 0 {
		l.User = strings.Trim(text[:i], " ,;|")
		return l, errNoTab
	}
	if l.Key, err = otp.ParseURI(uri); err != nil {
		return l, err
	}
	if l.User == "" {
		l.User = l.Key.Account
	}
	return l, nil
}

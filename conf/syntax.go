package conf

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// secondDocument is the error for a file with more than one YAML document; the
// number is the line of the second.
type secondDocument int

func (n secondDocument) Error() string { return fmt.Sprintf("yaml: line %d: second document", int(n)) }

// syntaxErrors are the library's messages that are told in our words. No other
// message is repeated: the library puts text of the file into some of them, and
// a password that starts with an asterisk is an alias to it.
var syntaxErrors = []struct{ theirs, message, hint string }{
	{"unknown anchor", "a value that starts with * is an alias, and there is no such anchor", "put it in quotes"},
	{"second document", "a second document starts here", "one file holds one configuration; remove the ---"},
	{"tab character", "a tab stands where spaces belong", "indent with spaces"},
	{"cannot start any token", "a character cannot start a value here", "put values that start with @, `, % or a tab in quotes"},
	{"mapping values are not allowed", "a colon does not fit here", "check the indentation; put text with a colon in quotes"},
	{"could not find expected ':'", "a key has no colon", "write key: value"},
	{"did not find expected key", "a key was expected", "check indentation, quotes and brackets above"},
	{"expected ',' or ']'", "a list in [ ] does not go on or end properly", "check commas, quotes and the closing ]"},
	{"expected ',' or '}'", "a mapping in { } does not go on or end properly", "check commas, quotes and the closing }"},
	{"expected '-' indicator", "a list item was expected", "check the indentation of the - signs"},
	{"block sequence entries", "a list item does not fit here", "check the indentation of the - signs"},
	{"unexpected end of stream", "the text ends within quotes or brackets", "close them"},
	{"unknown escape character", "a backslash in double quotes starts no known escape", "use single quotes"},
	{"control characters", "a control character stands in the text", "remove it"},
	{"max depth", "the nesting is too deep", ""},
}

// syntaxFault reports that text is not YAML without repeating any of it.
func (l *loader) syntaxFault(text []byte, err error) {
	at := place{syntaxLine(string(text), err.Error()), 1}
	if strings.Contains(err.Error(), "tab character") {
		at.line = tabLine(string(text), at.line)
	}
	for _, e := range syntaxErrors {
		if strings.Contains(err.Error(), e.theirs) {
			l.faultAt(at, "", e.message, e.hint)
			return
		}
	}
	l.faultAt(at, "", "is not valid YAML", "")
}

// tabLine is the first line from the given one that is indented with a tab: the
// library speaks of where the value began.
func tabLine(text string, from int) int {
	for i, line := range strings.Split(text, "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if i+1 >= from && strings.Contains(indent, "\t") {
			return i + 1
		}
	}
	return from
}

var (
	yamlLine   = regexp.MustCompile(`^yaml: line (\d+):`)
	yamlAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
)

// syntaxLine is the line an error of the library speaks of. It counts from 0 in
// what its parser finds, from 1 in what its scanner finds, and names no line for
// an unknown anchor.
func syntaxLine(text, message string) int {
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			if strings.Contains(message, ": did not find expected") {
				n++
			}
			return min(n, strings.Count(strings.TrimRight(text, "\n"), "\n")+1)
		}
	}
	if m := yamlAnchor.FindStringSubmatch(message); m != nil {
		before, _, _ := strings.Cut(text, "*"+m[1])
		return strings.Count(before, "\n") + 1
	}
	return 1
}

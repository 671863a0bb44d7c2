package ldapbind

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxName is the longest name in octets: RADIUS carries 253.
const MaxName = 256

// name is a login name taken apart. Nothing in it has been compared with
// anything yet: which spellings are one is the directory's to say (I06).
type name struct {
	whole  string // trimmed, NFC
	domain string // before a backslash; a name has a domain or a suffix, never both
	user   string
	suffix string // after the last @
}

// parseName takes user, DOMAIN\user and user@suffix. White space around the
// parts is dropped, since directories ignore it when they compare; characters
// that cannot be seen are refused, and so is what is empty, too long or not
// UTF-8. Unicode is brought to NFC, which never makes two people one.
func parseName(typed string) (n name, ok bool) {
	if len(typed) > MaxName || !utf8.ValidString(typed) {
		return name{}, false
	}
	n.whole = trim(norm.NFC.String(typed))
	if strings.ContainsFunc(n.whole, unseen) || len(n.whole) > MaxName {
		return name{}, false
	}
	n.user = n.whole
	if domain, user, found := strings.Cut(n.whole, `\`); found {
		n.domain, n.user = trim(domain), trim(user)
		return n, n.domain != "" && n.user != ""
	}
	if at := strings.LastIndexByte(n.whole, '@'); at >= 0 {
		n.user, n.suffix = trim(n.whole[:at]), trim(n.whole[at+1:])
		n.whole = n.user + "@" + n.suffix
		return n, n.user != "" && n.suffix != ""
	}
	return n, n.user != ""
}

// trim drops spaces of any width from both ends, and nothing else.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.Is(unicode.Zs, r) })
}

// unseen: control characters, NUL, marks of direction, joiners, odd spaces.
func unseen(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }

// key is one for spellings that differ only in what parseName evens out.
func (n name) key() string {
	if n.domain != "" {
		return n.domain + `\` + n.user
	}
	return n.whole
}

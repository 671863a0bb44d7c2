package core

import (
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/cases"
)

// covers tells whether the exclusion lets this person, through this client,
// from this place, now, in by the password alone. The kinds it names are
// ANDed, the values within one ORed. One that names nothing covers nobody.
func (e Exclusion) covers(who Identity, client *Client, place Place, now time.Time) bool {
	if !e.Until.IsZero() && !now.Before(e.Until) {
		return false
	}
	if len(e.Users)+len(e.Groups)+len(e.Clients)+len(e.Networks) == 0 {
		return false
	}
	return anyOf(e.Users, func(p string) bool { return who.matches(p) }) &&
		anyOf(e.Groups, who.InGroup) &&
		anyOf(e.Clients, func(name string) bool { return name == client.Name }) &&
		anyOf(e.Networks, func(n netip.Prefix) bool { return n.Contains(place.vouched()) })
}

// anyOf is true where a kind is not named at all, or one of its values holds.
func anyOf[T any](values []T, holds func(T) bool) bool {
	return len(values) == 0 || slices.ContainsFunc(values, holds)
}

// vouched is the address rules about networks look at: the person's where a
// trusted client told it, else the NAS's.
func (p Place) vouched() netip.Addr {
	if p.Person.IsValid() {
		return p.Person.Unmap().WithZone("")
	}
	return p.NAS.Unmap().WithZone("")
}

// matches compares a pattern (* and ?) with the person's names, without regard
// to case. The mail address is no name: people can often set it themselves.
func (who Identity) matches(pattern string) bool {
	pattern = fold(pattern)
	return slices.ContainsFunc([]string{who.Login, who.Display(), who.UPN}, func(name string) bool {
		// path.Match treats [, \ and / specially: they are made plain characters first.
		ok, err := path.Match(plain.Replace(pattern), plain.Replace(fold(name)))
		return name != "" && err == nil && ok
	})
}

// plain maps what path.Match treats specially to characters no name may have.
var plain = strings.NewReplacer(`\`, "\x01", "/", "\x02", "[", "\x03", "]", "\x04")

// fold is the full Unicode case folding of names in rules.
func fold(s string) string { return cases.Fold().String(s) }

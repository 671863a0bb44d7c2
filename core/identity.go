package core

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// AccountID names a person for ever: the first 16 octets are the directory's
// own id (the domain's objectGUID, the suffix entry's entryUUID), the other 16
// the entry's. Neither a rename nor a move nor another name in the
// configuration changes it; deleting and creating an entry again does (I06).
type AccountID [32]byte

// String gives the two halves in hexadecimal, with a dot between them.
func (id AccountID) String() string {
	return hex.EncodeToString(id[:16]) + "." + hex.EncodeToString(id[16:])
}

// IsZero tells whether id names nobody.
func (id AccountID) IsZero() bool { return id == AccountID{} }

// Identity is one directory entry as a lookup found it. All spellings of a
// name lead to the same Identity; nothing is decided before there is one (I06).
type Identity struct {
	ID        AccountID
	Directory string // the directory's configured name: for display, never a key
	Login     string // sAMAccountName, or the configured user attribute
	Domain    string // NetBIOS name; empty outside Active Directory
	UPN       string
	Mail      string
	Name      string // displayName
	DN        string
	Groups    []Group // nested and primary ones too
	State     EntryState
	Lockout   Lockout
	ReadAt    time.Time // when the directory answered; Lockout.Bad is as of then
}

// Display is how logs and events name the person: DOMAIN\login, or login.
func (who Identity) Display() string {
	if who.Domain == "" {
		return who.Login
	}
	return who.Domain + `\` + who.Login
}

// InGroup tells whether the person belongs to the group that want names, by
// its name or by its distinguished name, compared without regard to case.
func (who Identity) InGroup(want string) bool {
	return slices.ContainsFunc(who.Groups, func(g Group) bool {
		return strings.EqualFold(g.Name, want) || strings.EqualFold(g.DN, want)
	})
}

// Group is one group a person belongs to.
type Group struct{ Name, DN string }

// EntryState is what the directory says of the account itself, apart from
// whether the password is right.
type EntryState uint8

// The states an entry can be in. EntryUsable comes first: an adapter that
// knows nothing about states leaves the zero value, and the bind decides.
const (
	EntryUsable EntryState = iota
	EntryDisabled
	EntryExpired
	EntryLocked
)

// Lockout is the directory's own lockout policy for one person: the resultant
// password settings object where there is one, else the domain's.
type Lockout struct {
	Known     bool          // false: the directory has none to tell (kind ldap); throttle.password_failures applies
	Threshold int           // wrong binds that lock the account; 0: never
	Window    time.Duration // after which the directory forgets them
	Bad       int           // wrong binds it remembers, as of Identity.ReadAt; 0 once Window has passed
}

// Place is where an attempt comes from. Neither address is ever taken from an
// attribute that the asking side could have let a stranger fill in.
type Place struct {
	NAS    netip.Addr // the address the packet or connection came from
	Person netip.Addr // the person's own; zero unless a trusted client vouches for it
}

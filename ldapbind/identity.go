package ldapbind

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"twofold/core"
)

// What is read of an entry.
var adAttributes = []string{
	"objectGUID", "sAMAccountName", "userPrincipalName", "mail", "displayName",
	"userAccountControl", "msDS-User-Account-Control-Computed", "accountExpires",
	"lockoutTime", "badPwdCount", "badPasswordTime", "msDS-ResultantPSO",
}

func (d *directory) attributes() []string {
	if d.Kind == AD {
		return adAttributes
	}
	return d.ldapAttributes
}

func (c Config) ldapAttributesOf() []string {
	list := []string{
		c.IDAttribute, c.UserAttribute, "mail", "displayName", "cn",
		"nsAccountLock", "krbPrincipalExpiration", "pwdAccountLockedTime",
	}
	if c.NeedGroups {
		list = append(list, "memberOf", "gidNumber")
	}
	return list
}

// accountID puts the directory's own id and the entry's together. An entry
// without one has no key, and nobody is let in as it.
func (d *directory) accountID(f *facts, e *ldap.Entry) (id core.AccountID, err error) {
	copy(id[:16], f.id[:])
	if d.Kind == AD {
		if copy(id[16:], e.GetEqualFoldAttributeValue("objectGUID")) != 16 {
			return id, fmt.Errorf("%s has no readable objectGUID", e.DN)
		}
		return id, nil
	}
	values := e.GetEqualFoldAttributeValues(d.IDAttribute)
	if len(values) != 1 || values[0] == "" {
		return id, fmt.Errorf("%s has %d values of %s instead of one: set id_attribute", e.DN, len(values), d.IDAttribute)
	}
	own := idFromText(values[0])
	copy(id[16:], own[:])
	return id, nil
}

// identity makes of an entry what core decides about.
func (h hit) identity(ctx context.Context) (core.Identity, error) {
	f, err := h.facts(ctx)
	if err != nil {
		return core.Identity{}, err
	}
	who := core.Identity{
		ID: h.id, Directory: h.Name, DN: h.entry.DN,
		Login: h.entry.GetEqualFoldAttributeValue(h.loginAttribute()),
		Mail:  h.entry.GetEqualFoldAttributeValue("mail"),
		Name:  or(h.entry.GetEqualFoldAttributeValue("displayName"), h.entry.GetEqualFoldAttributeValue("cn")),
		// From before the directory was asked: what core counted since then it
		// adds, and rather counts a wrong password twice than not at all.
		ReadAt: h.asked,
	}
	if h.Kind == AD {
		err = h.fillAD(ctx, f, &who)
	} else {
		h.fillLDAP(f, &who)
	}
	if err == nil && h.NeedGroups {
		who.Groups, err = h.memberships(ctx, f, who.Login)
	}
	if err != nil {
		return core.Identity{}, h.cannot(err)
	}
	return who, nil
}

func (h hit) fillAD(ctx context.Context, f *facts, who *core.Identity) error {
	who.Domain = or(h.NetBIOS, f.netbios)
	who.UPN = or(h.entry.GetEqualFoldAttributeValue("userPrincipalName"), who.Login+"@"+f.dnsRoot)
	policy, err := h.policy(ctx, f)
	if err != nil {
		return err
	}
	a, err := readAccount(h.entry)
	if err != nil {
		return err
	}
	now := h.asked.Add(f.ahead)
	who.State = a.state(now, policy.duration)
	who.Lockout = core.Lockout{
		Known: true, Threshold: policy.threshold, Window: policy.window,
		Bad: a.bad(now, policy.window),
	}
	return nil
}

func (h hit) fillLDAP(f *facts, who *core.Identity) {
	who.Domain = h.NetBIOS
	now := h.asked.Add(f.ahead)
	switch {
	case strings.EqualFold(h.entry.GetEqualFoldAttributeValue("nsAccountLock"), "TRUE"):
		who.State = core.EntryDisabled
	case expired(h.entry.GetEqualFoldAttributeValue("krbPrincipalExpiration"), now):
		who.State = core.EntryExpired
	case h.entry.GetEqualFoldAttributeValue("pwdAccountLockedTime") == "000001010000Z": // until somebody unlocks
		who.State = core.EntryLocked
	}
}

func expired(generalized string, now time.Time) bool {
	if generalized == "" {
		return false
	}
	at, err := time.Parse("20060102150405Z", generalized)
	return err == nil && !now.Before(at)
}

// adAccount is what Active Directory says about an account's state.
type adAccount struct {
	control, computed int
	expires, locked   time.Time // zero: never, not
	badCount          int
	badTime           time.Time
}

// Bits of userAccountControl, MS-ADTS section 2.2.16.
const (
	accountDisabled = 0x2
	accountLocked   = 0x10
)

func readAccount(e *ldap.Entry) (a adAccount, err error) {
	for name, into := range map[string]*int{
		"userAccountControl":                 &a.control,
		"msDS-User-Account-Control-Computed": &a.computed,
		"badPwdCount":                        &a.badCount,
	} {
		if text := e.GetEqualFoldAttributeValue(name); text != "" {
			if *into, err = strconv.Atoi(text); err != nil {
				return a, fmt.Errorf("reading %s of %s: not a number", name, e.DN)
			}
		}
	}
	for name, into := range map[string]*time.Time{
		"accountExpires": &a.expires, "lockoutTime": &a.locked, "badPasswordTime": &a.badTime,
	} {
		if *into, err = readFileTime(e.GetEqualFoldAttributeValue(name)); err != nil {
			return a, fmt.Errorf("reading %s of %s: not a time", name, e.DN)
		}
	}
	return a, nil
}

// readFileTime reads a count of 100 ns since 1601; 0 and the greatest are never.
func readFileTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n == 1<<63-1 {
		return time.Time{}, err
	}
	const toUnix = 11644473600
	return time.Unix(n/1e7-toUnix, n%1e7*100), nil
}

func (a adAccount) state(now time.Time, lockedFor time.Duration) core.EntryState {
	switch {
	case a.control&accountDisabled != 0:
		return core.EntryDisabled
	case !a.expires.IsZero() && !now.Before(a.expires):
		return core.EntryExpired
	case a.computed&accountLocked != 0:
		return core.EntryLocked
	case !a.locked.IsZero() && (lockedFor == 0 || now.Before(a.locked.Add(lockedFor))):
		return core.EntryLocked
	}
	return core.EntryUsable
}

// bad is the count as the next wrong password will find it: the directory
// begins anew when the last one is a window ago.
func (a adAccount) bad(now time.Time, window time.Duration) int {
	if a.badCount > 0 && !a.badTime.IsZero() && now.After(a.badTime.Add(window)) {
		return 0
	}
	return a.badCount
}

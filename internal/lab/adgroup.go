package lab

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// AddGroup adds a global security group and returns its DN.
func (ad *AD) AddGroup(t testing.TB, name string) (dn string) {
	t.Helper()
	return ad.add(t, "CN="+ldap.EscapeDN(name)+",CN=Users,"+ad.BaseDN,
		map[string][]string{"objectClass": {"group"}, "sAMAccountName": {name}})
}

// AddMember puts accounts or groups into a group.
func (ad *AD) AddMember(t testing.TB, group string, members ...string) {
	t.Helper()
	m := ldap.NewModifyRequest(ad.DN(t, group), nil)
	m.Add("member", ad.dns(t, members))
	ad.modify(t, m)
}

// RemoveMember takes them out again.
func (ad *AD) RemoveMember(t testing.TB, group string, members ...string) {
	t.Helper()
	m := ldap.NewModifyRequest(ad.DN(t, group), nil)
	m.Delete("member", ad.dns(t, members))
	ad.modify(t, m)
}

// SetPrimaryGroup makes a group the account's primary one. AD demands
// membership first, then moves it from member to primaryGroupID: neither
// memberOf nor a search over member finds it any more, only tokenGroups does.
func (ad *AD) SetPrimaryGroup(t testing.TB, name, group string) {
	t.Helper()
	ad.AddMember(t, group, name)
	sid := ad.Attr(t, group, "objectSid")
	rid := binary.LittleEndian.Uint32([]byte(sid[len(sid)-4:]))
	ad.Set(t, name, "primaryGroupID", strconv.FormatUint(uint64(rid), 10))
}

func (ad *AD) dns(t testing.TB, names []string) []string {
	t.Helper()
	var dns []string
	for _, name := range names {
		dns = append(dns, ad.DN(t, name))
	}
	return dns
}

// AddUPNSuffix adds a suffix to the forest's list.
func (ad *AD) AddUPNSuffix(t testing.TB, suffix string) {
	t.Helper()
	m := ldap.NewModifyRequest("CN=Partitions,CN=Configuration,"+ad.BaseDN, nil)
	m.Add("uPNSuffixes", []string{suffix})
	ad.modify(t, m)
}

// LockoutThreshold makes the domain lock accounts for half an hour after n
// wrong passwords within half an hour; 0 is never.
func (ad *AD) LockoutThreshold(t testing.TB, n int) {
	t.Helper()
	ad.Lockout(t, n, 30*time.Minute)
}

// Lockout is LockoutThreshold with another time for observation and lockout.
func (ad *AD) Lockout(t testing.TB, n int, window time.Duration) {
	t.Helper()
	ad.threshold = n
	ad.domain(t, map[string]string{
		"lockoutThreshold":         strconv.Itoa(n),
		"lockOutObservationWindow": interval(window),
		"lockoutDuration":          interval(window),
	})
}

// PSO is a password settings object: AD's fine-grained password policy.
type PSO struct {
	Name             string
	Precedence       int           // 0: 10; of several, the lowest holds
	LockoutThreshold int           // 0: never
	Window           time.Duration // of observation and lockout; 0: 30 minutes
	MaxAge           time.Duration // of passwords; 0: for ever, as below a day
	AppliesTo        []string      // accounts or global groups
}

// AddPSO adds a password settings object and returns its DN. AD names the one
// that holds in msDS-ResultantPSO of the account, which everybody may read;
// for what stands in it see GrantPSORead.
func (ad *AD) AddPSO(t testing.TB, p PSO) (dn string) {
	t.Helper()
	if p.Precedence == 0 {
		p.Precedence = 10
	}
	if p.Window == 0 {
		p.Window = 30 * time.Minute
	}
	maxAge := never
	if p.MaxAge != 0 {
		maxAge = interval(p.MaxAge)
	}
	dn = "CN=" + ldap.EscapeDN(p.Name) + ",CN=Password Settings Container,CN=System," + ad.BaseDN
	return ad.add(t, dn, map[string][]string{
		"objectClass":                              {"msDS-PasswordSettings"},
		"msDS-PasswordSettingsPrecedence":          {fmt.Sprint(p.Precedence)},
		"msDS-PasswordReversibleEncryptionEnabled": {"FALSE"},
		"msDS-PasswordHistoryLength":               {"0"},
		"msDS-PasswordComplexityEnabled":           {"FALSE"},
		"msDS-MinimumPasswordLength":               {"1"},
		"msDS-MinimumPasswordAge":                  {"0"},
		"msDS-MaximumPasswordAge":                  {maxAge},
		"msDS-LockoutThreshold":                    {fmt.Sprint(p.LockoutThreshold)},
		"msDS-LockoutObservationWindow":            {interval(p.Window)},
		"msDS-LockoutDuration":                     {interval(p.Window)},
		"msDS-PSOAppliesTo":                        ad.dns(t, p.AppliesTo),
	})
}

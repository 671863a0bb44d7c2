package core

import (
	"net/netip"
	"testing"
	"time"
)

func policyCase() (*Case, *Account) {
	who := Identity{Login: "alice", Domain: "CORP", UPN: "alice@corp.example.com", Mail: "svc-alice@mail.example.com",
		Groups: []Group{{Name: "VPN Users", DN: "CN=VPN Users,DC=corp"}, {Name: "Domain Users", DN: "CN=Domain Users,DC=corp"}}}
	who.ID[0] = 1
	c := &Case{Who: who, Rules: &Rules{}, Attempt: Attempt{Client: &Client{Name: "vpn", AllowExclusions: true},
		Place: Place{NAS: netip.MustParseAddr("10.1.0.5")}}}
	return c, &Account{ID: who.ID, Standing: Enrolled, Tokens: []Token{{ID: "t"}}}
}

func TestThePolicyDecidesWhatIsNeeded(t *testing.T) {
	full := Need{PasswordAndCode, AcceptedCode}
	excluded := Need{PasswordOnly, AcceptedExcluded}
	for _, c := range []struct {
		name string
		set  func(*Case, *Account)
		want Need
	}{
		{"an enrolled person brings both factors", func(*Case, *Account) {}, full},
		{"a blocked one is refused", func(_ *Case, a *Account) { a.Block = &Block{} }, deny(Blocked)},
		{"a block outranks an exclusion", func(c *Case, a *Account) {
			a.Block = &Block{}
			c.Rules.Exclusions = []Exclusion{{Users: []string{"alice"}}}
		}, deny(Blocked)},
		{"a disabled entry is refused", func(c *Case, _ *Account) { c.Who.State = EntryDisabled }, deny(EntryIsDisabled)},
		{"an expired entry is refused", func(c *Case, _ *Account) { c.Who.State = EntryExpired }, deny(EntryIsExpired)},
		{"a locked entry is refused", func(c *Case, _ *Account) { c.Who.State = EntryLocked }, deny(EntryIsLocked)},
		{"a lock after wrong codes refuses", func(_ *Case, a *Account) { a.Known.Until = noon.Add(time.Second) }, deny(LockedAfterPassword)},
		{"and ends", func(_ *Case, a *Account) { a.Known.Until = noon }, full},
		{"an unknown name is refused", func(c *Case, _ *Account) { c.Missing = UnknownUser }, deny(UnknownUser)},

		{"excluded by a pattern", func(c *Case, _ *Account) { c.Rules.Exclusions = []Exclusion{{Users: []string{"AL*"}}} }, excluded},
		{"excluded by DOMAIN\\user", func(c *Case, _ *Account) { c.Rules.Exclusions = []Exclusion{{Users: []string{`corp\alice`}}} }, excluded},
		{"excluded by UPN", func(c *Case, _ *Account) { c.Rules.Exclusions = []Exclusion{{Users: []string{"alice@*"}}} }, excluded},
		{"the mail address excludes nobody", func(c *Case, _ *Account) { c.Rules.Exclusions = []Exclusion{{Users: []string{"svc-*"}}} }, full},
		{"another user's exclusion excludes nobody", func(c *Case, _ *Account) { c.Rules.Exclusions = []Exclusion{{Users: []string{"bob", "alic?e"}}} }, full},
		{"excluded by group name", func(c *Case, _ *Account) { c.Rules.Exclusions = []Exclusion{{Groups: []string{"domain users"}}} }, excluded},
		{"excluded by group DN", func(c *Case, _ *Account) {
			c.Rules.Exclusions = []Exclusion{{Groups: []string{"cn=vpn users,dc=corp"}}}
		}, excluded},
		{"kinds are ANDed", func(c *Case, _ *Account) {
			c.Rules.Exclusions = []Exclusion{{Users: []string{"alice"}, Clients: []string{"printers"}}}
		}, full},
		{"values are ORed", func(c *Case, _ *Account) {
			c.Rules.Exclusions = []Exclusion{{Users: []string{"bob", "alice"}, Clients: []string{"printers", "vpn"}}}
		}, excluded},
		{"one without a criterion excludes nobody", func(c *Case, _ *Account) { c.Rules.Exclusions = []Exclusion{{Reason: "oops"}} }, full},
		{"one that ended excludes nobody", func(c *Case, _ *Account) { c.Rules.Exclusions = []Exclusion{{Users: []string{"alice"}, Until: noon}} }, full},
		{"one that ends later does", func(c *Case, _ *Account) {
			c.Rules.Exclusions = []Exclusion{{Users: []string{"alice"}, Until: noon.Add(time.Second)}}
		}, excluded},
		{"by the NAS's network", func(c *Case, _ *Account) {
			c.Rules.Exclusions = []Exclusion{{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/24")}}}
		}, excluded},
		{"by the person's network where it is vouched for, not the NAS's", func(c *Case, _ *Account) {
			c.Attempt.Place.Person = netip.MustParseAddr("203.0.113.9")
			c.Rules.Exclusions = []Exclusion{{Networks: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/24")}}}
		}, full},
		{"a client may allow no exclusions", func(c *Case, _ *Account) {
			c.Attempt.Client.AllowExclusions = false
			c.Rules.Exclusions = []Exclusion{{Users: []string{"alice"}}}
		}, full},

		{"not among those it is required for", func(c *Case, _ *Account) { c.Rules.RequiredFor.Groups = []string{"Admins"} }, Need{PasswordOnly, AcceptedNotRequired}},
		{"among those it is required for", func(c *Case, _ *Account) { c.Rules.RequiredFor.Groups = []string{"vpn users"} }, full},
		{"named by user", func(c *Case, _ *Account) { c.Rules.RequiredFor.Users = []string{"ali*"} }, full},
		{"a client without a second factor", func(c *Case, _ *Account) { c.Attempt.Client.Factor = FactorNone }, Need{PasswordOnly, AcceptedNotRequired}},
		{"a client for the code only", func(c *Case, _ *Account) { c.Attempt.Client.Factor = FactorOnly }, Need{CodeOnly, AcceptedCodeOnly}},
		{"nothing is waived where only the code is asked for", func(c *Case, _ *Account) {
			c.Attempt.Client.Factor = FactorOnly
			c.Rules.Exclusions = []Exclusion{{Users: []string{"alice"}}}
			c.Rules.RequiredFor.Users = []string{"bob"}
		}, Need{CodeOnly, AcceptedCodeOnly}},
		{"nobody gets in by a code they do not have", func(c *Case, a *Account) {
			c.Attempt.Client.Factor = FactorOnly
			*a = Account{ID: a.ID}
		}, deny(NotEnrolled)},

		{"never enrolled is refused", func(_ *Case, a *Account) { *a = Account{ID: a.ID} }, deny(NotEnrolled)},
		{"never enrolled is allowed until a date", func(c *Case, a *Account) {
			*a = Account{ID: a.ID}
			c.Attempt.Client.Unenrolled, c.Attempt.Client.UnenrolledUntil = AllowUnenrolled, noon.Add(time.Hour)
		}, Need{PasswordOnly, AcceptedUnenrolled}},
		{"and refused after it", func(c *Case, a *Account) {
			*a = Account{ID: a.ID}
			c.Attempt.Client.Unenrolled, c.Attempt.Client.UnenrolledUntil = AllowUnenrolled, noon
		}, deny(AllowanceEnded)},
		{"an allowance without a date allows nobody", func(c *Case, a *Account) {
			*a = Account{ID: a.ID}
			c.Attempt.Client.Unenrolled = AllowUnenrolled
		}, deny(AllowanceEnded)},
		{"pending people never fall under the allowance", func(c *Case, a *Account) {
			*a = Account{ID: a.ID, Standing: Pending}
			c.Attempt.Client.Unenrolled, c.Attempt.Client.UnenrolledUntil = AllowUnenrolled, noon.Add(time.Hour)
		}, deny(EnrolmentPending)},
		{"people with disabled tokens neither", func(c *Case, a *Account) {
			a.Tokens[0].Disabled = true
			c.Attempt.Client.Unenrolled, c.Attempt.Client.UnenrolledUntil = AllowUnenrolled, noon.Add(time.Hour)
		}, deny(TokensDisabled)},
		{"a temporary code stands in for a token", func(_ *Case, a *Account) {
			*a = Account{ID: a.ID, Standing: Pending, Temps: []Temp{{Uses: 1, Until: noon.Add(time.Hour)}}}
		}, full},
		{"one that ended does not", func(_ *Case, a *Account) {
			*a = Account{ID: a.ID, Standing: Pending, Temps: []Temp{{Uses: 1, Until: noon}}}
		}, deny(EnrolmentPending)},

		{"enrolment without a way to show the key", func(c *Case, a *Account) {
			*a = Account{ID: a.ID}
			c.Attempt.Client.Unenrolled = EnrolUnenrolled
		}, deny(EnrolmentUnshowable)},
		{"enrolment from an unknown address needs an invitation", func(c *Case, a *Account) {
			enrolling(c, a)
			c.Attempt.Place.Person = netip.Addr{}
		}, deny(EnrolmentNotHere)},
		{"enrolment from a network that is not listed neither", func(c *Case, a *Account) {
			enrolling(c, a)
			c.Attempt.Place.Person = netip.MustParseAddr("203.0.113.9")
		}, deny(EnrolmentNotHere)},
		{"enrolment from a listed network", enrolling, Need{EnrolFirst, AcceptedEnrolled}},
		{"unless invitations are asked for everywhere", func(c *Case, a *Account) {
			enrolling(c, a)
			c.Rules.Enrolment.Invitation = true
		}, deny(EnrolmentNotHere)},
		{"an invitation opens enrolment from anywhere", func(c *Case, a *Account) {
			enrolling(c, a)
			c.Attempt.Place.Person, c.Attempt.Client.Unenrolled = netip.Addr{}, RefuseUnenrolled
			a.Temps = []Temp{{Invite: true, Uses: 1, Until: noon.Add(time.Hour)}}
		}, Need{EnrolFirst, AcceptedEnrolled}},
		{"a client that cannot be challenged cannot enrol", func(c *Case, a *Account) {
			enrolling(c, a)
			c.Attempt.Client.Mode = Append
		}, deny(EnrolmentNotHere)},
	} {
		t.Run(c.name, func(t *testing.T) {
			kase, account := policyCase()
			c.set(kase, account)
			if got := kase.judge(account, head{}, noon); got != c.want {
				t.Errorf("need %d (%s), want %d (%s)", got.Factors, got.Reason.Name(), c.want.Factors, c.want.Reason.Name())
			}
		})
	}
}

func enrolling(c *Case, a *Account) {
	*a = Account{ID: a.ID}
	c.Attempt.Client.Unenrolled = EnrolUnenrolled
	c.Attempt.Place.Person = netip.MustParseAddr("10.9.8.7")
	c.Rules.Enrolment = EnrolmentRules{ShowKey: true, Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
}

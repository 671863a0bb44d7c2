package core

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// Factors is what an attempt has to bring. The zero value is never enough.
type Factors uint8

// Nobody cannot be satisfied: the attempt is refused, whatever it brings.
const (
	Nobody Factors = iota
	PasswordAndCode
	PasswordOnly
	CodeOnly
	EnrolFirst // password, proof of the person, then the first code of a new key
)

// Need is the policy's answer for one person at one door: the factors, and
// why. With Nobody, Reason is the refusal's; else what an Accept will say.
type Need struct {
	Factors Factors
	Reason  Reason
}

func deny(why Reason) Need { return Need{Nobody, why} }

// Case is everything a decision may look at. It is settled before any
// transaction starts and does not change, but for what the event will tell.
type Case struct {
	Attempt Attempt
	Who     Identity
	Missing Reason // UnknownUser or AmbiguousUser: there is no Who
	Rules   *Rules
	Leg     leg    // what the attempt answers; its zero value: a first leg
	TokenID string // for the token this attempt may make
	fault   string // what an outage was, or the code of a refused bind, for the event
}

// judge says what the person needs to bring, in the order in which the rules
// outrank each other. It writes into the attempt's trail what it looked at.
func (c *Case) judge(a *Account, h head, now time.Time) Need {
	if need, denied := c.denied(a, now); denied {
		return need
	}
	if need, waived := c.waived(now); waived {
		return need
	}
	if c.Rules.clockBehind(h, now) {
		c.note("the clock is behind the newest code accepted: codes are not judged")
		return deny(ClockUntrusted)
	}
	if c.Attempt.Client.Factor == FactorOnly {
		return c.codeOnly(a, now)
	}
	if a.hasCodes(now) {
		c.note("enrolled: password and code")
		return Need{PasswordAndCode, AcceptedCode}
	}
	return c.unenrolled(a, now)
}

// denied looks at what refuses somebody before anything they could bring.
func (c *Case) denied(a *Account, now time.Time) (Need, bool) {
	switch {
	case c.Missing != NoReason:
		return deny(c.Missing), true
	case a.Block != nil:
		c.note("blocked by %s: %s", a.Block.By, a.Block.Why)
		return deny(Blocked), true
	case c.Who.State != EntryUsable:
		reason := entryReasons[c.Who.State]
		c.note("the directory says: %s", reason.Name())
		return deny(reason), true
	case a.Known.Until.After(now):
		c.note("locked until %s after wrong codes that followed a right password", a.Known.Until.UTC().Format(time.RFC3339))
		return deny(LockedAfterPassword), true
	}
	return Need{}, false
}

var entryReasons = map[EntryState]Reason{
	EntryDisabled: EntryIsDisabled, EntryExpired: EntryIsExpired, EntryLocked: EntryIsLocked,
}

// waived looks for a reason to let the password alone in. A client that asks
// for the code only has no password to check, so nothing is waived there.
func (c *Case) waived(now time.Time) (Need, bool) {
	client := c.Attempt.Client
	if client.Factor == FactorOnly {
		return Need{}, false
	}
	if i := c.exclusion(now); i >= 0 {
		c.note("exclusion %d: %s", i+1, c.Rules.Exclusions[i].describe())
		return Need{PasswordOnly, AcceptedExcluded}, true
	}
	if !c.Rules.RequiredFor.names(c.Who) {
		c.note("not among those the second factor is required for")
		return Need{PasswordOnly, AcceptedNotRequired}, true
	}
	if client.Factor == FactorNone {
		c.note("client %s asks for no second factor", client.Name)
		return Need{PasswordOnly, AcceptedNotRequired}, true
	}
	return Need{}, false
}

// exclusion gives the index of the first exclusion that covers the case, or -1.
func (c *Case) exclusion(now time.Time) int {
	if !c.Attempt.Client.AllowExclusions {
		return -1
	}
	return slices.IndexFunc(c.Rules.Exclusions, func(e Exclusion) bool {
		return e.covers(c.Who, c.Attempt.Client, c.Attempt.Place, now)
	})
}

func (e Exclusion) describe() string {
	text := e.Reason
	if text == "" {
		text = "no reason given"
	}
	if e.Until.IsZero() {
		return text + " (no end)"
	}
	return fmt.Sprintf("%s (until %s inclusive)", text, e.Until.Add(-time.Second).Format(time.DateOnly))
}

// names tells whether the second factor is required of who.
func (r RequiredFor) names(who Identity) bool {
	if len(r.Users)+len(r.Groups) == 0 {
		return true
	}
	return slices.ContainsFunc(r.Users, who.matches) || slices.ContainsFunc(r.Groups, who.InGroup)
}

func (c *Case) codeOnly(a *Account, now time.Time) Need {
	c.note("client %s asks for the code only", c.Attempt.Client.Name)
	if a.hasCodes(now) {
		return Need{CodeOnly, AcceptedCodeOnly}
	}
	return deny(a.without())
}

// unenrolled is for somebody without any usable code: never enrolled, or
// pending. Pending people never fall under the allowance.
func (c *Case) unenrolled(a *Account, now time.Time) Need {
	client := c.Attempt.Client
	c.note("%s, no usable token", a.Standing)
	switch {
	case a.invited(now), client.Unenrolled == EnrolUnenrolled:
		return c.enrolment(a, now)
	case client.Unenrolled == AllowUnenrolled && a.Standing == NeverEnrolled && now.Before(client.UnenrolledUntil):
		c.note("unenrolled people are let in by the password until %s", client.UnenrolledUntil.Format(time.DateOnly))
		return Need{PasswordOnly, AcceptedUnenrolled}
	case client.Unenrolled == AllowUnenrolled && a.Standing == NeverEnrolled:
		return deny(AllowanceEnded)
	}
	return deny(a.without())
}

// without says why somebody has no usable code.
func (a *Account) without() Reason {
	switch {
	case a.Standing == NeverEnrolled:
		return NotEnrolled
	case len(a.Tokens) > 0:
		return TokensDisabled
	}
	return EnrolmentPending
}

// enrolment needs a front-end that can lead a dialogue and show the key.
func (c *Case) enrolment(a *Account, now time.Time) Need {
	switch {
	case c.Attempt.Client.Mode == Append:
		c.note("enrolment needs a client that can be challenged")
		return deny(EnrolmentNotHere)
	case !c.Rules.Enrolment.ShowKey:
		c.note("enrolment has no way to show the key: enrol_show_key is off")
		return deny(EnrolmentUnshowable)
	case !c.proven() && !a.hasTemps(now):
		c.note("enrolment from this address needs an invitation or a temporary code")
		return deny(EnrolmentNotHere)
	}
	return Need{EnrolFirst, AcceptedEnrolled}
}

// proven tells whether the password is proof enough of who enrols.
func (c *Case) proven() bool {
	person := c.Attempt.Place.Person.Unmap().WithZone("")
	return person.IsValid() && !c.Rules.Enrolment.Invitation &&
		slices.ContainsFunc(c.Rules.Enrolment.Networks, func(n netip.Prefix) bool { return n.Contains(person) })
}

func (c *Case) note(format string, args ...any) { c.Attempt.Trail.Note(format, args...) }

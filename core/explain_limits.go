package core

import (
	"fmt"
	"slices"
	"time"
)

// limits are what stands between a person and a login beside what policy asks.
type limits struct {
	binds      int       // left
	again      time.Time // when binds are again, if none are; zero: never, by the directory's own policy
	single     bool      // single codes are judged
	singleFrom time.Time // when they are again, if not
	pairs      bool      // there is a token to take two consecutive codes of
}

// limits looks at the lane and the password budget that count for the need.
func (c *Case) limits(a *Account, need Need, now time.Time) limits {
	t, coded := c.Rules.Throttle, c.codeFirst(need)
	looked := a.own()
	lane := looked.lane(c.Attempt.Place.Person, now)
	l := limits{
		binds: max(a.bindsLeft(c.Who, t, coded, now), 0), again: a.bindsAgain(c.Who, t, coded, now),
		single: lane.Left(t, now) > 0, singleFrom: lane.again(t),
		pairs: slices.ContainsFunc(a.Tokens, Token.usable),
	}
	c.note("password budget: %s", bindsText(l.binds, coded))
	c.note("codes from %s: %d wrong ones more before two consecutive ones are asked for", lane.name(), lane.Left(t, now))
	return l
}

// codeFirst tells whether a right code comes before the bind.
func (c *Case) codeFirst(need Need) bool {
	switch need.Factors {
	case PasswordAndCode:
		return c.Attempt.Client.Check == Deferred || c.Attempt.Client.Mode == Append
	case EnrolFirst:
		return !c.proven()
	}
	return false
}

// bindsText says how many binds are left, and to whom.
func bindsText(left int, rightCode bool) string {
	if rightCode {
		return fmt.Sprintf("%d binds left with a right code", left)
	}
	return fmt.Sprintf("%d binds left without a right code", left)
}

// sentence adds to what policy asks what the limits make of it, and gives the
// reason why nobody comes in, if so.
func (l limits) sentence(need Need, text string) (string, Reason) {
	if need.Factors == Nobody {
		return text, need.Reason
	}
	if need.Factors != PasswordOnly && !l.single {
		text += l.throttled()
	}
	if need.Factors == CodeOnly || l.binds > 0 {
		return text, need.Reason
	}
	if l.again.IsZero() {
		return text + "; but no bind may be sent: the directory locks accounts too soon", PasswordsThrottled
	}
	return fmt.Sprintf("%s; but no bind is left until %s: refused until then", text, stamp(l.again)), PasswordsThrottled
}

func (l limits) throttled() string {
	if !l.pairs {
		return fmt.Sprintf("; but codes are throttled until %s, and there is no token to take two consecutive ones of", stamp(l.singleFrom))
	}
	return fmt.Sprintf(": two consecutive ones (single ones are throttled until %s)", stamp(l.singleFrom))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// again is when a spent lane judges a single code.
func (l Lane) again(t ThrottleRules) time.Time {
	return l.Full.Add(-time.Duration(t.Burst-1) * t.interval())
}

// bindsAgain is when wrong passwords stand in nobody's way any more, at the
// latest; the zero time if the directory's policy alone leaves no bind.
func (a *Account) bindsAgain(who Identity, t ThrottleRules, rightCode bool, now time.Time) time.Time {
	limit, window := passwordBudget(who.Lockout, t, rightCode)
	if limit <= 0 {
		return time.Time{}
	}
	last := time.Time{}
	if n := len(a.Wrong); n > 0 && a.wrongPasswords(window, now) > 0 {
		last = time.UnixMilli(a.Wrong[n-1])
	}
	if who.Lockout.Bad > 0 && who.ReadAt.After(last) {
		last = who.ReadAt
	}
	if last.IsZero() {
		last = now
	}
	return last.Add(window)
}

package core

import (
	"strings"
	"time"
)

// Check takes the first half of a decision: it charges the throttle, matches
// the codes, and holds those and a permit to bind for the attempt. It reads
// nothing but its arguments.
func (a Account) check(c *Case, need Need, h head, now time.Time) (Account, Verdict) {
	a = a.own()
	a.reap(now)
	s := sieve{rules: c.Rules, now: now, floor: h.Floor, raised: h.Raised,
		invites: need.Factors == EnrolFirst, blind: need.Factors == Nobody || c.Leg.Doom != NoReason}
	c.noteBlind(need)
	var v Verdict
	if c.Leg.Method == noLeg {
		v = a.first(c, need, s)
	} else {
		v = a.answer(c, need, s)
	}
	v.need = need
	return a, c.soften(v)
}

// noteBlind says why nothing that came along is looked at.
func (c *Case) noteBlind(need Need) {
	switch {
	case need.Factors == Nobody:
		c.note("refused by policy (%s); the code is not looked at", need.Reason.Name())
	case c.Leg.Doom != NoReason:
		c.note("refused at the first leg (%s); the code is not looked at", c.Leg.Doom.Name())
	}
}

// first judges a first leg.
func (a *Account) first(c *Case, need Need, s sieve) Verdict {
	switch {
	case need.Factors == PasswordOnly:
		return a.passwordOnly(c, s)
	case c.Attempt.Client.Factor == FactorOnly:
		return a.only(c, s)
	case c.Attempt.Client.Factor == FactorNone && s.blind:
		return refuse(NoReason)
	case need.Factors == EnrolFirst && c.proven():
		return a.permit(c, c.Attempt.Password, hit{}, toAsk, leg{Method: legEnrol}, s.now)
	case c.Attempt.Code != "":
		h, why := a.single(c.Attempt.Code, c, s)
		return a.withCode(c, c.Attempt.Password, h, why, need, s)
	case c.Attempt.Client.Mode == ChallengeOnly:
		return a.challenge(c, c.Attempt.Password, false, s)
	}
	lane := a.lane(c.Attempt.Place.Person, s.now)
	password, h, why := a.find(c.Attempt.Password, c.Attempt.Client, s, lane.Left(s.rules.Throttle, s.now) > 0)
	if why == NoReason || c.Attempt.Client.Mode == Append {
		return a.withCode(c, password, h, why, need, s)
	}
	c.noteNoCode(why, s)
	if why == WrongCode {
		a.charge(c, s)
	}
	v := a.challenge(c, password, why == WrongCode, s)
	if v.next == toAsk && why != MissingCode {
		v.reason = why
	}
	return v
}

// noteNoCode says what the password field held, unless nobody looked.
func (c *Case) noteNoCode(why Reason, s sieve) {
	if !s.blind {
		c.note("no right code in the password field (%s): a challenge follows", why.Name())
	}
}

// withCode goes on with a code that came along with the password.
func (a *Account) withCode(c *Case, password string, h hit, why Reason, need Need, s sieve) Verdict {
	if why != NoReason {
		return a.miss(c, why, s)
	}
	c.note("right code: %s", h.describe())
	return a.permit(c, password, h, c.afterCode(need), leg{Method: legEnrol, Proof: h.temp}, s.now)
}

// afterCode is what a right password leads to once the code was right.
func (c *Case) afterCode(need Need) next {
	if need.Factors == EnrolFirst {
		return toAsk
	}
	return toAdmit
}

// challenge asks for the code in a leg of its own: after the bind where the
// client wants the password checked immediately, else before it.
func (a *Account) challenge(c *Case, password string, charged bool, s sieve) Verdict {
	l := leg{Method: legDeferred, Charged: charged, Pass: password}
	if c.Attempt.Client.Check == Deferred || s.invites {
		if why := unusable(password); why != NoReason {
			return refuse(why)
		}
		return Verdict{next: toAsk, ask: AskCode, leg: l}
	}
	if s.blind {
		return refuse(NoReason)
	}
	l.Method, l.Pass = legImmediate, ""
	return a.permit(c, password, hit{}, toAsk, l, s.now)
}

// passwordOnly binds what the field holds. People who need no code may still
// append one; it is cut off where it is right.
func (a *Account) passwordOnly(c *Case, s sieve) Verdict {
	password, h, _ := a.find(c.Attempt.Password, c.Attempt.Client, s, true)
	return a.permit(c, password, h, toAdmit, leg{}, s.now)
}

// only judges a code that comes without a password.
func (a *Account) only(c *Case, s sieve) Verdict {
	code := c.Attempt.Code
	if code == "" {
		code = strings.ReplaceAll(c.Attempt.Password, " ", "")
	}
	h, why := a.single(code, c, s)
	if why != NoReason {
		return a.miss(c, why, s)
	}
	a.consume(h, s.now)
	return a.admit(c, AcceptedCodeOnly, h, s.now)
}

// single judges a code in a field of its own: one code while the lane lets
// it, or two consecutive ones in any case.
func (a *Account) single(code string, c *Case, s sieve) (hit, Reason) {
	if !digits(code) {
		return hit{}, MissingCode
	}
	for _, n := range a.lengths(s) {
		if len(code) == 2*n {
			if h, why := a.pair(code[:n], code[n:], s); why != WrongCode {
				return h, why
			}
		}
	}
	if a.lane(c.Attempt.Place.Person, s.now).Left(s.rules.Throttle, s.now) == 0 {
		return hit{}, CodesThrottled
	}
	return a.match(code, s)
}

// miss refuses, and charges the lane for a code that was judged and wrong.
func (a *Account) miss(c *Case, why Reason, s sieve) Verdict {
	if why == WrongCode {
		a.charge(c, s)
	}
	return refuse(why)
}

// charge counts a wrong code. A dialogue that is lost already, for a reason
// that took a right code, costs its user nothing; what a stranger can bring
// about costs what it does with a name that nobody has (I08).
func (a *Account) charge(c *Case, s sieve) {
	switch c.Leg.Doom {
	case NoReason, EmptyPassword, UnusablePassword:
	default:
		if a.slot == "" && !s.invites {
			return
		}
	}
	lane := a.lane(c.Attempt.Place.Person, s.now)
	lane.charge(s.rules.Throttle, s.now)
	a.dirty = true
	if !s.blind {
		c.note("a wrong code: %d more before two consecutive ones are asked for", lane.Left(s.rules.Throttle, s.now))
	}
}

package core

import (
	"time"

	"twofold/core/otp"
)

// answer judges the leg that answers a challenge.
func (a *Account) answer(c *Case, need Need, s sieve) Verdict {
	if !c.Leg.fits(need) {
		c.note("the account changed since the challenge")
		return refuse(ChallengeInvalid)
	}
	if c.Leg.Method == legEnrol {
		return a.confirm(c, s)
	}
	h, why := a.judgeAnswer(c, s)
	switch why {
	case NoReason:
		c.note("right code: %s", h.describe())
		return a.proceed(c, h, need, s)
	case CodesThrottled:
		next := c.Leg
		next.First = c.Attempt.Code
		return Verdict{next: toAsk, ask: AskNextCode, leg: next}
	case WrongCode:
		return a.again(c, s)
	}
	return refuse(why)
}

// fits tells whether a dialogue begun under one need can end under another. A
// lost one always can: it is refused.
func (l leg) fits(need Need) bool {
	switch need.Factors {
	case Nobody:
		return true
	case PasswordAndCode:
		return l.Method != legEnrol
	case EnrolFirst:
		return l.Method != legImmediate
	}
	return l.Doom != NoReason
}

// judgeAnswer takes a single code while the lane lets it, and two consecutive
// ones in any case: over two challenges, or one after the other in the field.
func (a *Account) judgeAnswer(c *Case, s sieve) (hit, Reason) {
	if c.Leg.First == "" {
		h, why := a.single(c.Attempt.Code, c, s)
		if why == CodesThrottled && len(c.Attempt.Code) > maxFirst {
			why = MissingCode // not one code, so nothing the next could follow
		}
		return h, why
	}
	if !digits(c.Attempt.Code) {
		return hit{}, MissingCode
	}
	return a.pair(c.Leg.First, c.Attempt.Code, s)
}

// proceed goes on after a right code: to the bind, or in where the password
// was right already.
func (a *Account) proceed(c *Case, h hit, need Need, s sieve) Verdict {
	if c.Leg.Method == legDeferred {
		password := c.Leg.Pass
		if h.pair {
			password = a.trim(password, c.Attempt.Client, s)
		}
		return a.permit(c, password, h, c.afterCode(need), leg{Method: legEnrol, Proof: h.temp}, s.now)
	}
	a.consume(h, s.now)
	return a.admit(c, need.Reason, h, s.now)
}

// trim cuts off a code that was appended while the lane was spent, and so was
// not judged then. Two right codes have shown meanwhile who asks.
func (a *Account) trim(field string, client *Client, s sieve) string {
	rules := *s.rules
	rules.OTP.Window = min(rules.OTP.Window+4, otp.MaxWindow) // a dialogue of three legs takes a while
	s.rules = &rules
	password, _, _ := a.find(field, client, s, true)
	return password
}

// again counts a wrong answer. Before the bind it ends the dialogue: another
// try would tell a wrong code from a wrong password. After a right password
// there is nothing left to hide, and the person may try again.
func (a *Account) again(c *Case, s sieve) Verdict {
	if c.Leg.First == "" {
		a.charge(c, s)
	}
	if c.Leg.Method == legDeferred {
		return refuse(WrongCode)
	}
	if why := a.wrongAfterPassword(s.now); why != NoReason {
		a.dirty = true
		return refuse(why)
	}
	a.dirty = true
	return c.retry(AskCode)
}

// retry asks once more within a dialogue whose password was right.
func (c *Case) retry(ask AskFor) Verdict {
	if c.Leg.Tries == 0 {
		return refuse(WrongCode)
	}
	next := c.Leg
	next.Tries, next.First = next.Tries-1, ""
	return Verdict{next: toAsk, reason: WrongCode, ask: ask, leg: next}
}

// confirm takes the first code of the key that the dialogue showed, and makes
// it a token. What the dialogue was opened with must hold still: the person
// may be blocked since, the invitation taken back.
func (a *Account) confirm(c *Case, s sieve) Verdict {
	if s.blind || len(c.Leg.Proof) > 0 && a.temp(c.Leg.Proof, s.now) < 0 {
		c.note("what the enrolment began with holds no more")
		return refuse(ChallengeInvalid)
	}
	step, ok := s.rules.OTP.Match(c.Leg.Seed, c.Attempt.Code, s.now)
	if !ok {
		c.note("not a code of the new key")
		return c.retry(AskEnrol)
	}
	token := Token{ID: c.TokenID, Label: "enrolled by challenge", Secret: c.Leg.Seed,
		Params: s.rules.OTP, Last: step, Created: s.now, Used: s.now}
	if len(c.Leg.Proof) > 0 {
		a.consume(hit{temp: c.Leg.Proof}, s.now)
	}
	v := a.admit(c, AcceptedEnrolled, hit{}, s.now)
	v.made = &token
	return v
}

// admit lets the person in. A code shows who they are: what was counted
// against them ends, but for the lanes, and the place becomes familiar.
func (a *Account) admit(c *Case, why Reason, h hit, now time.Time) Verdict {
	if c.Leg.Charged {
		a.lane(c.Attempt.Place.Person, now).refund(c.Rules.Throttle)
	}
	if h.found() || c.Leg.Method == legEnrol {
		a.Known = Known{}
		a.seen(c.Attempt.Place.Person, c.Rules.Throttle, now)
	}
	a.LastIn = now
	a.rename(c.Who)
	return Verdict{next: toAdmit, reason: h.reason(why), hit: h}
}

// rename notes the names as last seen, so that lists need no directory.
func (a *Account) rename(who Identity) {
	a.Login, a.Domain, a.Name = who.Login, who.Domain, who.Name
	a.dirty = true
}

// describe says which code was right, without telling it.
func (h hit) describe() string {
	switch {
	case h.temp != nil:
		return "a temporary code"
	case h.pair:
		return "two consecutive codes of token " + h.steps[0].token
	}
	return "token " + h.steps[0].token
}

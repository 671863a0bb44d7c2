package core

import "time"

// settle takes the second half of a decision, after the bind: the hold is
// consumed or dropped and the password counted. It reads nothing but its
// arguments.
func (a Account) settle(c *Case, v Verdict, b Bound, now time.Time) (Account, Verdict) {
	a = a.own()
	began, held := a.release(c.Attempt.ID)
	if b.Outcome == Right {
		a.forgive(began)
	}
	after := a.bound(c, v, b, held, now)
	after.need = v.need
	return a, c.soften(after)
}

func (a *Account) bound(c *Case, v Verdict, b Bound, held bool, now time.Time) Verdict {
	switch b.Outcome {
	case Right:
		return a.rightPassword(c, v, held, now)
	case Wrong:
		a.wrongPassword(now)
		return refuse(WrongPassword)
	case Refused:
		return refuse(refusalReason(b.Code))
	case Unsent:
		return Verdict{next: toSilence, reason: DirectoryDown}
	}
	a.wrongPassword(now) // nothing is known: it may have been counted
	return Verdict{next: toSilence, reason: BindOutcomeLost}
}

func (a *Account) rightPassword(c *Case, v Verdict, held bool, now time.Time) Verdict {
	switch {
	case !held: // it ran out, and its code was counted as used meanwhile
		c.fail("bind", "it took longer than a hold lasts")
		return Verdict{next: toSilence, reason: OutOfTime}
	case v.then == toAdmit:
		if why := a.revoked(c, v.hit, now); why != NoReason {
			return refuse(why)
		}
		a.consume(v.hit, now)
		return a.admit(c, v.need.Reason, v.hit, now)
	}
	v.leg.Tries = uint8(max(c.Rules.Challenge.Tries-1, 0))
	after := Verdict{next: toAsk, ask: AskCode, leg: v.leg, reason: ChallengedCode}
	if v.leg.Method == legEnrol {
		after.ask, after.reason = AskEnrol, ChallengedEnrol
	}
	return after
}

// revoked tells what an administrator took away while the bind was under way:
// the person's leave to come in, or the code.
func (a *Account) revoked(c *Case, h hit, now time.Time) Reason {
	if need, denied := c.denied(a, now); denied {
		return need.Reason
	}
	for _, s := range h.steps {
		if i := a.token(s.token); i < 0 || a.Tokens[i].Disabled {
			return a.without()
		}
	}
	if h.temp != nil && a.temp(h.temp, now) < 0 {
		return a.without()
	}
	return NoReason
}

// refusalReason names Active Directory's sub-codes of a refused bind. All but
// 775 come after a right password only.
func refusalReason(code string) Reason {
	switch code {
	case "530", "531":
		return LogonRestricted
	case "532":
		return PasswordExpired
	case "533":
		return EntryIsDisabled
	case "701":
		return EntryIsExpired
	case "773":
		return PasswordMustChange
	case "775":
		return EntryIsLocked
	}
	return BindRefused
}

package core

// soften turns the refusal of a first leg into a challenge that is lost
// already, where others would have been challenged: whether a name exists, a
// password was wrong or a user is blocked shows nowhere (I08).
func (c *Case) soften(v Verdict) Verdict {
	if v.next != toRefuse {
		return v
	}
	v.reason = c.because(v)
	if c.challenges(v.need) {
		v.next, v.ask, v.leg = toAsk, AskCode, leg{Method: legDeferred, Doom: v.reason}
	}
	return v
}

// because is the true reason of a refusal: the policy's, or the one a dialogue
// was lost for, before what was wrong with this leg.
func (c *Case) because(v Verdict) Reason {
	switch {
	case v.need.Factors == Nobody:
		return v.need.Reason
	case c.Leg.Doom != NoReason:
		return c.Leg.Doom
	}
	return v.reason
}

// challenges tells whether every failing first leg is answered by a challenge.
func (c *Case) challenges(need Need) bool {
	client := c.Attempt.Client
	return c.Leg.Method == noLeg && c.Attempt.Code == "" &&
		client.Mode != Append && client.Check == Deferred && client.Factor == FactorRequired &&
		need.Factors != PasswordOnly
}

package core

import (
	"strings"
	"time"
)

// permit reserves a bind, where the password can be one and the budget allows.
func (a *Account) permit(c *Case, password string, h hit, then next, l leg, now time.Time) Verdict {
	if why := unusable(password); why != NoReason {
		return refuse(why)
	}
	left := a.bindsLeft(c.Who, c.Rules.Throttle, h.found(), now)
	switch {
	case left <= 0 && left+a.bindsUnderWay(now) > 0:
		return Verdict{next: toWait}
	case left <= 0:
		c.note("password budget: none left, nothing is sent to the directory")
		return refuse(PasswordsThrottled)
	}
	c.note("password budget: %s", bindsText(left, h.found()))
	a.hold(c.Attempt.ID, h, now)
	a.rename(c.Who)
	return Verdict{next: toBind, password: password, hit: h, then: then, leg: l}
}

// unusable tells why a password cannot be bound, or NoReason.
func unusable(password string) Reason {
	switch {
	case password == "":
		return EmptyPassword
	case len(password) > MaxPassword, strings.ContainsRune(password, 0):
		return UnusablePassword
	}
	return NoReason
}

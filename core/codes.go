package core

import (
	"bytes"
	"slices"
	"time"

	"twofold/core/otp"
)

// sieve is what codes are held against beside the account's own tokens.
type sieve struct {
	rules   *Rules
	now     time.Time
	floor   time.Time // steps that began before it are refused everywhere (I03)
	raised  time.Time // and temporary codes given out by then
	invites bool      // invitations count too: enrolment
	blind   bool      // nothing may match: the attempt is refused already
}

// hit is a right code: which steps of which tokens, or which temporary code.
// A code two tokens happen to share is consumed in both.
type hit struct {
	steps []tokenStep
	temp  []byte // hash of the temporary code
	pair  bool   // two consecutive codes
}

type tokenStep struct {
	token string
	step  uint64
}

func (h hit) found() bool { return len(h.steps) > 0 || h.temp != nil }

// reason is what an Accept by this hit is called.
func (h hit) reason(usual Reason) Reason {
	switch {
	case h.temp != nil:
		return AcceptedTempCode
	case h.pair:
		return AcceptedPair
	}
	return usual
}

// hasCodes tells whether some code could let the person in.
func (a *Account) hasCodes(now time.Time) bool {
	return a.Standing == Enrolled && slices.ContainsFunc(a.Tokens, Token.usable) ||
		slices.ContainsFunc(a.Temps, func(t Temp) bool { return !t.Invite && t.live(now) })
}

// hasTemps tells whether some code could prove the person at enrolment.
func (a *Account) hasTemps(now time.Time) bool {
	return slices.ContainsFunc(a.Temps, func(t Temp) bool { return t.live(now) })
}

// invited tells whether an invitation waits to be used.
func (a *Account) invited(now time.Time) bool {
	return slices.ContainsFunc(a.Temps, func(t Temp) bool { return t.Invite && t.live(now) })
}

func (t Token) usable() bool { return !t.Disabled }

// takes tells whether a temporary code counts in this attempt. One from before
// commits were lost may have been used in what was lost (I03).
func (s sieve) takes(t Temp) bool {
	return t.live(s.now) && (s.invites || !t.Invite) && t.Given.After(s.raised)
}

func (t Temp) live(now time.Time) bool { return t.Uses > 0 && now.Before(t.Until) }

// lengths are the lengths of code the account can have, longest first.
func (a *Account) lengths(s sieve) []int {
	if s.blind {
		return []int{int(s.rules.OTP.Digits)}
	}
	var all []int
	for _, t := range a.Tokens {
		if t.usable() {
			all = append(all, int(t.Params.Digits))
		}
	}
	for _, t := range a.Temps {
		if s.takes(t) {
			all = append(all, t.Digits)
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	return slices.Compact(all)
}

// find looks for a right code at the end (or start) of a password field, pairs
// first, and gives the password that is left: all of the field unless a code
// was right once. Without one that is right now it says why: MissingCode when
// nothing there has the shape of a code.
func (a *Account) find(field string, client *Client, s sieve, single bool) (string, hit, Reason) {
	worst, rest := MissingCode, field
	for _, n := range a.lengths(s) {
		if password, codes, ok := cut(field, 2*n, client); ok {
			if h, why := a.pair(codes[:n], codes[n:], s); why != WrongCode {
				return password, h, why
			}
		}
	}
	for _, n := range a.lengths(s) {
		password, code, ok := cut(field, n, client)
		if !ok {
			continue
		}
		if !single {
			worst = CodesThrottled
			continue
		}
		h, why := a.match(code, s)
		switch {
		case why == NoReason:
			return password, h, NoReason
		case why != WrongCode:
			worst, rest = why, password
		case worst == MissingCode:
			worst = WrongCode
		}
	}
	return rest, hit{}, worst
}

// match holds a single code against the account. It fails with WrongCode,
// CodeUsed or CodeInUse.
func (a *Account) match(code string, s sieve) (hit, Reason) {
	if s.blind {
		return hit{}, WrongCode
	}
	h, why := hit{}, WrongCode
	for i := range a.Tokens {
		t := &a.Tokens[i]
		step, ok := s.params(t).Match(t.Secret, code, s.now)
		if t.usable() && ok {
			h, why = a.take(h, why, t, step, step, s)
		}
	}
	hash := hashTemp(a.ID, code)
	for _, t := range a.Temps {
		if s.takes(t) && bytes.Equal(t.Hash, hash) {
			if a.held(func(h Hold) bool { return bytes.Equal(h.Temp, hash) }, s.now) {
				return hit{}, CodeInUse
			}
			h.temp, why = hash, NoReason
		}
	}
	return h, why
}

// pair holds two consecutive codes against the account: both must be newer
// than anything consumed. Two right codes in a row cannot be guessed, so a
// pair is judged in a spent lane too.
func (a *Account) pair(first, second string, s sieve) (hit, Reason) {
	if s.blind {
		return hit{}, WrongCode
	}
	h, why := hit{pair: true}, WrongCode
	for i := range a.Tokens {
		t := &a.Tokens[i]
		p := s.params(t)
		step, ok := p.MatchPair(t.Secret, first, second, s.now, p.Window+1)
		if t.usable() && ok {
			h, why = a.take(h, why, t, step-1, step, s)
		}
	}
	return h, why
}

// take adds a matching step to a hit unless it, or one before it down to
// from, was consumed, is held by another attempt, or lies below the floor.
func (a *Account) take(h hit, why Reason, t *Token, from, step uint64, s sieve) (hit, Reason) {
	held := func(x Hold) bool { return x.Token == t.ID && x.Step >= from }
	switch {
	case from <= t.Last, t.Params.TimeOf(from).Before(s.floor):
		if why == WrongCode {
			why = CodeUsed
		}
		return h, why
	case a.held(held, s.now):
		if why != NoReason {
			why = CodeInUse
		}
		return h, why
	}
	h.steps = append(h.steps, tokenStep{t.ID, step})
	return h, NoReason
}

// params are the token's, with the site's window.
func (s sieve) params(t *Token) otp.Params {
	p := t.Params
	p.Window = s.rules.OTP.Window
	return p
}

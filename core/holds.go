package core

import (
	"bytes"
	"slices"
	"time"
)

// holdLife is how long an attempt may keep a code and a bind to itself. It is
// longer than any deadline, so that a hold runs out only where the process
// died; it then counts as a consumed code and a wrong password.
const holdLife = time.Minute

// held tells whether a hold under way is of the given sort.
func (a *Account) held(sort func(Hold) bool, now time.Time) bool {
	return slices.ContainsFunc(a.Holds, func(h Hold) bool { return h.Until.After(now) && sort(h) })
}

// hold reserves the codes of a hit, and one bind, for an attempt.
func (a *Account) hold(attempt string, h hit, now time.Time) {
	until := now.Add(holdLife)
	for _, s := range h.steps {
		a.Holds = append(a.Holds, Hold{Attempt: attempt, Token: s.token, Step: s.step, Until: until})
	}
	if len(h.steps) == 0 || h.temp != nil {
		a.Holds = append(a.Holds, Hold{Attempt: attempt, Temp: h.temp, Until: until})
	}
	a.dirty = true
}

// release ends an attempt's hold, and tells whether it still had one, and
// since when.
func (a *Account) release(attempt string) (began time.Time, held bool) {
	a.Holds = slices.DeleteFunc(a.Holds, func(h Hold) bool {
		if h.Attempt != attempt {
			return false
		}
		began, held = h.Until.Add(-holdLife), true
		return true
	})
	a.dirty = true
	return began, held
}

// reap ends the holds of attempts that died: each counts as consumed, and as
// a wrong password.
func (a *Account) reap(now time.Time) {
	dead := map[string]bool{}
	a.Holds = slices.DeleteFunc(a.Holds, func(h Hold) bool {
		if h.Until.After(now) {
			return false
		}
		a.consume(hit{steps: []tokenStep{{h.Token, h.Step}}, temp: h.Temp}, now)
		if !dead[h.Attempt] {
			dead[h.Attempt] = true
			a.wrongPassword(now)
		}
		return true
	})
}

// consume uses up what a hit found. The last step of a token never moves back (I03).
func (a *Account) consume(h hit, now time.Time) {
	for _, s := range h.steps {
		if i := a.token(s.token); i >= 0 {
			t := &a.Tokens[i]
			t.Last, t.Used = max(t.Last, s.step), now
		}
	}
	for i := range a.Temps {
		if h.temp != nil && bytes.Equal(a.Temps[i].Hash, h.temp) {
			a.Temps[i].Uses--
		}
	}
	a.Temps = slices.DeleteFunc(a.Temps, func(t Temp) bool { return !t.live(now) })
	a.dirty = true
}

// token tells the index of a token by its id, or -1.
func (a *Account) token(id string) int {
	return slices.IndexFunc(a.Tokens, func(t Token) bool { return t.ID == id })
}

// temp tells the index of a live temporary code by its hash, or -1.
func (a *Account) temp(hash []byte, now time.Time) int {
	return slices.IndexFunc(a.Temps, func(t Temp) bool { return t.live(now) && bytes.Equal(t.Hash, hash) })
}

// own gives a copy that shares nothing with a, to be changed at will.
func (a Account) own() Account {
	a.Tokens, a.Temps = slices.Clone(a.Tokens), slices.Clone(a.Temps)
	a.Lanes, a.Holds, a.Wrong = slices.Clone(a.Lanes), slices.Clone(a.Holds), slices.Clone(a.Wrong)
	return a
}

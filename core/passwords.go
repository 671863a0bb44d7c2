package core

import (
	"slices"
	"time"
)

// The password budget keeps the directory from locking an account on our
// account: we stop sending binds while it has room left (I04, I05).

const (
	// wrongKept bounds Account.Wrong; no budget is larger.
	wrongKept = 64
	// plainWindow is how long wrong passwords count where the directory tells
	// no policy.
	plainWindow = 15 * time.Minute
	// sparedWithCode and sparedOtherwise are how many wrong passwords we leave
	// to the person at other doors, after a right code and without one.
	sparedWithCode  = 1
	sparedOtherwise = 3
)

// passwordBudget is how many wrong binds may be outstanding within the window.
func passwordBudget(l Lockout, t ThrottleRules, rightCode bool) (limit int, window time.Duration) {
	if !l.Known || l.Threshold == 0 {
		return min(t.PasswordFailures, wrongKept), plainWindow
	}
	limit = l.Threshold - sparedWithCode
	if !rightCode {
		limit = max(l.Threshold-sparedOtherwise, min(1, limit))
	}
	return min(limit, wrongKept), max(l.Window, time.Minute)
}

// bindsLeft is how many more binds may start now: the budget less the wrong
// passwords that count, less the binds under way.
func (a *Account) bindsLeft(who Identity, t ThrottleRules, rightCode bool, now time.Time) int {
	limit, window := passwordBudget(who.Lockout, t, rightCode)
	used := a.wrongPasswords(window, now)
	if who.Lockout.Known {
		used = max(used, who.Lockout.Bad+a.wrongSince(who.ReadAt))
	}
	return limit - used - a.bindsUnderWay(now)
}

// wrongPasswords counts as Active Directory does: all of them, until a whole
// window has passed without another.
func (a *Account) wrongPasswords(window time.Duration, now time.Time) int {
	next := now.UnixMilli()
	for i := len(a.Wrong) - 1; i >= 0; i-- {
		if next-a.Wrong[i] >= window.Milliseconds() {
			return len(a.Wrong) - 1 - i
		}
		next = a.Wrong[i]
	}
	return len(a.Wrong)
}

// wrongSince counts those the directory's own count cannot contain yet.
func (a *Account) wrongSince(read time.Time) int {
	n := 0
	for _, at := range a.Wrong {
		if at >= read.UnixMilli() {
			n++
		}
	}
	return n
}

// wrongPassword remembers one.
func (a *Account) wrongPassword(now time.Time) {
	a.Wrong = append(a.Wrong, now.UnixMilli())
	if len(a.Wrong) > wrongKept {
		a.Wrong = a.Wrong[len(a.Wrong)-wrongKept:]
	}
}

// forgive forgets the wrong passwords from before a bind with the right one
// began, as the directory does when it sees it. It may have seen later ones
// after that, whatever the order of its answers.
func (a *Account) forgive(began time.Time) {
	a.Wrong = slices.DeleteFunc(a.Wrong, func(at int64) bool { return at < began.UnixMilli() })
}

// bindsUnderWay counts attempts that hold a permit to bind.
func (a *Account) bindsUnderWay(now time.Time) int {
	attempts := map[string]bool{}
	for _, h := range a.Holds {
		if h.Until.After(now) {
			attempts[h.Attempt] = true
		}
	}
	return len(attempts)
}

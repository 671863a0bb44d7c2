package core

import "time"

// Wrong codes that follow a right password mean that somebody may know it.
// They lock the account for a while, longer each time, and in the end disable
// its tokens (NIST SP 800-63B-4 section 3.2.2).
const (
	knownBurst = 10 // wrong codes that lock
	knownLimit = 100
	knownLock  = 15 * time.Minute
	knownMax   = 24 * time.Hour // no single lock is longer
)

// wrongAfterPassword counts one, and tells whether it locked the account or
// disabled its tokens; NoReason if neither.
func (a *Account) wrongAfterPassword(now time.Time) Reason {
	a.Known.Wrong++
	switch {
	case a.Known.Wrong >= knownLimit:
		for i := range a.Tokens {
			a.Tokens[i].Disabled = true
		}
		a.Standing, a.Known = Pending, Known{}
		return TokenDisabled
	case a.Known.Wrong%knownBurst == 0:
		a.Known.Until = now.Add(min(knownLock<<min(a.Known.Strikes, 16), knownMax))
		a.Known.Strikes++
		return LockedAfterPassword
	}
	return NoReason
}

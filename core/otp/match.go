package otp

import (
	"crypto/subtle"
	"math"
	"time"
)

// Match finds the step that code belongs to, among the steps from Window
// before now to Window after it, and gives the highest where several match.
// All of them are computed and compared, whatever matches. The caller refuses
// a step that is not above the last one it consumed (RFC 6238 section 5.2).
func (p Params) Match(secret []byte, code string, now time.Time) (step uint64, ok bool) {
	if !p.canMatch(secret, code) {
		return 0, false
	}
	key := encode(secret)
	var found highest
	low, high := p.around(now, p.Window)
	for s := low; s <= high; s++ {
		found.add(s, equal(p.code(key, s), code))
	}
	return found.step, found.ok == 1
}

// MatchPair finds the step of the second of two consecutive codes, both within
// wider steps of now, and again gives the highest. It is how a token whose
// clock has drifted is found (RFC 4226 section 7.4), and what is asked of
// somebody whom single codes no longer let in.
func (p Params) MatchPair(secret []byte, first, second string, now time.Time, wider uint8) (step uint64, ok bool) {
	if !p.canMatch(secret, first) || !p.canMatch(secret, second) {
		return 0, false
	}
	key := encode(secret)
	var found highest
	low, high := p.around(now, wider)
	before := p.code(key, low)
	for s := low; s < high; s++ {
		after := p.code(key, s+1)
		found.add(s+1, equal(before, first)&equal(after, second))
		before = after
	}
	return found.step, found.ok == 1
}

// canMatch tells whether comparing makes sense at all. It depends on the form
// of code only, which is no secret.
func (p Params) canMatch(secret []byte, code string) bool {
	return len(secret) > 0 && p.Validate() == nil && p.Wellformed(code)
}

// Wellformed tells whether code has the form of a code: exactly Digits ASCII
// digits.
func (p Params) Wellformed(code string) bool {
	if len(code) != int(p.Digits) {
		return false
	}
	for i := range len(code) {
		if code[i] < '0' || code[i] > '9' {
			return false
		}
	}
	return true
}

// around gives the first and last of the steps within width of now. There are
// none before 0, and none above what fits a signed number in storage.
func (p Params) around(now time.Time, width uint8) (low, high uint64) {
	middle := min(p.StepAt(now), math.MaxInt64-math.MaxUint8)
	return middle - min(middle, uint64(width)), middle + uint64(width)
}

// equal is 1 if the codes are the same, in time that depends on neither.
func equal(a, b string) int {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b))
}

// highest keeps the last step that was added with a match of 1, without a
// branch on it. Steps come in ascending order.
type highest struct {
	step uint64
	ok   int
}

func (h *highest) add(step uint64, match int) {
	mask := -uint64(match)
	h.step = step&mask | h.step&^mask
	h.ok |= match
}

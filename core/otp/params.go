package otp

import (
	"encoding/base32"
	"errors"
	"fmt"
	"time"

	pquerna "github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// Params are how a token makes its codes. Its zero value is not valid and
// matches nothing; see Default.
type Params struct {
	Algorithm Algorithm
	Digits    uint8         // 6 to 8
	Period    time.Duration // 15 s to 120 s, whole seconds
	Window    uint8         // steps before and after the present one that are taken; at most 10
}

// Default is what every authenticator app assumes where nothing is said.
func Default() Params {
	return Params{Algorithm: SHA1, Digits: 6, Period: 30 * time.Second, Window: 1}
}

// The bounds of Params.
const (
	MinDigits = 6
	MaxDigits = 8
	MinPeriod = 15 * time.Second
	MaxPeriod = 120 * time.Second
	MaxWindow = 10
)

// Validate names everything that is out of bounds.
func (p Params) Validate() error {
	var faults []error
	if !p.Algorithm.known() {
		faults = append(faults, fmt.Errorf("%v is not one of SHA1, SHA256, SHA512", p.Algorithm))
	}
	if p.Digits < MinDigits || p.Digits > MaxDigits {
		faults = append(faults, fmt.Errorf("%d digits are not between %d and %d", p.Digits, MinDigits, MaxDigits))
	}
	if p.Period < MinPeriod || p.Period > MaxPeriod || p.Period%time.Second != 0 {
		faults = append(faults, fmt.Errorf("period %v is not a whole number of seconds from %d to %d",
			p.Period, MinPeriod/time.Second, MaxPeriod/time.Second))
	}
	if p.Window > MaxWindow {
		faults = append(faults, fmt.Errorf("window %d is wider than %d steps", p.Window, MaxWindow))
	}
	return errors.Join(faults...)
}

// StepAt is the time step that t lies in (RFC 6238 section 4.2). Times before
// 1970 lie in step 0, and so does every time if p is not valid.
func (p Params) StepAt(t time.Time) uint64 {
	seconds, period := t.Unix(), int64(p.Period/time.Second)
	if seconds < 0 || period <= 0 {
		return 0
	}
	return uint64(seconds / period)
}

// TimeOf is when step begins.
func (p Params) TimeOf(step uint64) time.Time {
	return time.Unix(int64(step)*int64(p.Period/time.Second), 0)
}

// Code is the code of one step. It is empty, and so equal to no code, if p is
// not valid or there is no secret.
func (p Params) Code(secret []byte, step uint64) string {
	if p.Validate() != nil || len(secret) == 0 {
		return ""
	}
	return p.code(encode(secret), step)
}

// code does without the checks of Code. The generator wants base32.
func (p Params) code(secret string, step uint64) string {
	code, err := hotp.GenerateCodeCustom(secret, step, hotp.ValidateOpts{
		Digits:    pquerna.Digits(p.Digits),
		Algorithm: algorithms[p.Algorithm].inner,
	})
	if err != nil {
		return "" // it fails on bad base32 only; an empty code matches nothing
	}
	return code
}

func encode(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

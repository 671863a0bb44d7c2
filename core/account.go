package core

import (
	"time"

	"twofold/core/otp"
)

// Account is what the store knows of one person. It exists for everybody who
// ever enrolled, was blocked, or had a password counted; strangers' names and
// people who never came this far share decoys.
type Account struct {
	ID       AccountID `cbor:"-"`
	Login    string    `cbor:"1,keyasint"` // names as last seen, so that lists need no directory
	Domain   string    `cbor:"2,keyasint,omitempty"`
	Name     string    `cbor:"3,keyasint,omitempty"`
	Since    time.Time `cbor:"4,keyasint"`
	Standing Standing  `cbor:"5,keyasint,omitempty"`
	Block    *Block    `cbor:"6,keyasint,omitempty"`
	Tokens   []Token   `cbor:"7,keyasint,omitempty"`
	Temps    []Temp    `cbor:"8,keyasint,omitempty"`
	Lanes    []Lane    `cbor:"9,keyasint,omitempty"`
	Holds    []Hold    `cbor:"10,keyasint,omitempty"`
	Wrong    []int64   `cbor:"11,keyasint,omitempty"` // when wrong passwords were bound, Unix milliseconds, oldest first
	Known    Known     `cbor:"12,keyasint"`
	LastIn   time.Time `cbor:"13,keyasint"` // the last Accept

	dirty bool   // changed since it was read
	slot  string // not a person's: the decoy in this slot; see decoy.go
}

// Standing is how far a person has come with enrolment.
type Standing uint8

// NeverEnrolled is somebody the store knows for other reasons only; Enrolled
// has a usable token; Pending had one that was reset, removed or disabled, and
// must enrol again: never let in as somebody who never enrolled.
const (
	NeverEnrolled Standing = iota
	Enrolled
	Pending
)

func (s Standing) String() string {
	return [...]string{"never enrolled", "enrolled", "pending"}[s]
}

// Block is an administrator's refusal.
type Block struct {
	By    string    `cbor:"1,keyasint"`
	Why   string    `cbor:"2,keyasint,omitempty"`
	Since time.Time `cbor:"3,keyasint"`
}

// Token is one TOTP generator (RFC 6238).
type Token struct {
	ID       string     `cbor:"1,keyasint"`
	Label    string     `cbor:"2,keyasint,omitempty"`
	Secret   []byte     `cbor:"3,keyasint"`
	Params   otp.Params `cbor:"4,keyasint"` // Window is the site's, set before matching
	Last     uint64     `cbor:"5,keyasint"` // the highest step consumed; never moves back (I03)
	Created  time.Time  `cbor:"6,keyasint"`
	Used     time.Time  `cbor:"7,keyasint"`
	Disabled bool       `cbor:"8,keyasint,omitempty"`
}

// Temp is a code the help desk gave out. It stands in for a token's code until
// it ends, or, as an invitation, proves the person at enrolment only.
type Temp struct {
	Hash   []byte    `cbor:"1,keyasint"` // see hashTemp
	Digits int       `cbor:"2,keyasint"`
	Until  time.Time `cbor:"3,keyasint"`
	Uses   int       `cbor:"4,keyasint"` // left
	Invite bool      `cbor:"5,keyasint,omitempty"`
	Given  time.Time `cbor:"6,keyasint"`
}

// Lane counts wrong codes from one source; see throttle.go.
type Lane struct {
	Source string    `cbor:"1,keyasint,omitempty"` // an address; empty: everybody else
	Full   time.Time `cbor:"2,keyasint"`           // when the lane will have recovered wholly (GCRA's TAT)
	Seen   time.Time `cbor:"3,keyasint"`           // the last Accept from there
}

// Hold is an attempt under way: the code it brought, and its bind, may not be
// used by another one. It ends by Settle; where the process died first it
// counts as a consumed code and a wrong password.
type Hold struct {
	Attempt string    `cbor:"1,keyasint"`
	Token   string    `cbor:"2,keyasint,omitempty"`
	Step    uint64    `cbor:"3,keyasint,omitempty"`
	Temp    []byte    `cbor:"4,keyasint,omitempty"` // hash of the temporary code held
	Until   time.Time `cbor:"5,keyasint"`
}

// Known counts wrong codes that came after a right password (NIST SP
// 800-63B-4 section 3.2.2): somebody else may know it.
type Known struct {
	Wrong   int       `cbor:"1,keyasint,omitempty"` // since the last Accept
	Until   time.Time `cbor:"2,keyasint"`           // locked until
	Strikes int       `cbor:"3,keyasint,omitempty"` // locks so far; each doubles the next
}

// Kind and the following three methods make Account a Record.
func (a *Account) Kind() Kind  { return kindAccount }
func (a *Account) Key() string { return string(a.ID[:]) }
func (a *Account) MarshalBinary() ([]byte, error) {
	type plain Account
	return encoder.Marshal((*plain)(a))
}
func (a *Account) UnmarshalBinary(b []byte) error {
	type plain Account
	return decoder.Unmarshal(b, (*plain)(a))
}

// marker tells that an account exists. Without its account it is damage, not
// somebody who never enrolled (I07).
type marker struct {
	ID AccountID `cbor:"-"`
}

func (m *marker) Kind() Kind                     { return kindMarker }
func (m *marker) Key() string                    { return string(m.ID[:]) }
func (m *marker) MarshalBinary() ([]byte, error) { return []byte{1}, nil }
func (m *marker) UnmarshalBinary([]byte) error   { return nil }

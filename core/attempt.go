package core

import (
	"fmt"
	"time"
)

// Attempt is one request to be let in, as a front-end read it. A first leg
// carries a password (with or without a code in it); a second leg carries the
// State of the challenge it answers and the code.
type Attempt struct {
	ID       string  // names the hold, the event and the log line; unique per attempt
	Client   *Client // rules, from the front-end's snapshot of the configuration
	Place    Place
	User     string
	Password string // at most MaxPassword octets
	Code     string // second leg, or a front-end with a field of its own for it
	State    []byte // second leg: as it was given out
	Binder   Binder // nil: the directory's; an LDAP front-end brings its own connection
	Trail    *Trail // nil unless the caller wants each step explained
}

// MaxPassword is the longest password in octets: what RFC 2865 section 5.2
// can carry, and what fits into a State (RFC 2865 section 5.24) beside the rest.
const MaxPassword = 128

// Trail collects, in order and in plain words, why a decision was taken. A nil
// Trail collects nothing, so that callers need not ask.
type Trail struct{ Steps []string }

// Note adds a step. It must never be given a secret.
func (t *Trail) Note(format string, args ...any) {
	if t != nil {
		t.Steps = append(t.Steps, fmt.Sprintf(format, args...))
	}
}

// Client is what the site demands of logins through one NAS or application.
type Client struct {
	Name            string
	Mode            Mode
	Check           PasswordCheck
	Position        CodePosition
	Separator       string // between password and code; empty: none
	Factor          SecondFactor
	AllowExclusions bool
	Unenrolled      Unenrolled
	UnenrolledUntil time.Time     // end of the allowance; zero: none
	Deadline        time.Duration // the front-end's bound on one attempt
	RejectFloor     time.Duration // no Reject leaves sooner than this after the attempt came in
	RejectOnFailure bool          // on_failure: reject; otherwise no answer, so that the NAS tries its next server
}

// Mode is where a client's users type the code.
type Mode uint8

// Modes. The zero value takes both.
const (
	Both Mode = iota
	Append
	ChallengeOnly
)

// PasswordCheck is when the bind happens in a challenge.
type PasswordCheck uint8

// Deferred binds once, after the code was right, so that a stranger without
// the token never reaches the directory (I05). Immediate binds before the
// challenge; a code that has to be sent needs that.
const (
	Deferred PasswordCheck = iota
	Immediate
)

// CodePosition is where in the password field an appended code stands.
type CodePosition uint8

// Positions of an appended code.
const (
	Suffix CodePosition = iota
	Prefix
)

// SecondFactor is what a client demands beside the password.
type SecondFactor uint8

// FactorRequired asks for password and code, FactorNone for the password
// alone, FactorOnly for the code alone (the NAS checks the password itself).
const (
	FactorRequired SecondFactor = iota
	FactorNone
	FactorOnly
)

// Unenrolled is what happens to somebody who never enrolled.
type Unenrolled uint8

// RefuseUnenrolled is the default. EnrolUnenrolled leads through an enrolment
// dialogue after a bind. AllowUnenrolled lets the password alone in, until a date.
const (
	RefuseUnenrolled Unenrolled = iota
	EnrolUnenrolled
	AllowUnenrolled
)

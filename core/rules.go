package core

import (
	"net/netip"
	"time"

	"twofold/core/otp"
)

// Rules is what holds for the whole site. A reload swaps it as one; nobody
// changes one that is in use.
type Rules struct {
	Issuer      string     // in otpauth URIs
	OTP         otp.Params // of new tokens; its Window applies to all
	Challenge   ChallengeRules
	RequiredFor RequiredFor
	Enrolment   EnrolmentRules
	Exclusions  []Exclusion
	Throttle    ThrottleRules
	Events      EventRules
}

// ChallengeRules bound a dialogue.
type ChallengeRules struct {
	TTL   time.Duration // from a challenge to its answer
	Tries int           // wrong codes in one dialogue that began with a right password
}

// RequiredFor names who needs the second factor; empty means everybody.
type RequiredFor struct{ Users, Groups []string }

// EnrolmentRules say where the password alone proves who enrols.
type EnrolmentRules struct {
	ShowKey    bool           // the key itself may stand in a RADIUS challenge
	Networks   []netip.Prefix // of the person's address
	Invitation bool           // proof: invitation, everywhere
}

// Exclusion lets people in by the password alone. The kinds given are ANDed,
// the values within one are ORed; one without any criterion excludes nobody.
type Exclusion struct {
	Users    []string // patterns with * and ?, against login, DOMAIN\login and UPN; never against mail
	Groups   []string // name or DN, nested
	Clients  []string
	Networks []netip.Prefix
	Until    time.Time // the first instant it no longer holds; zero: no end
	Reason   string
}

// ThrottleRules bound guessing.
type ThrottleRules struct {
	Burst            int // wrong codes a lane judges at once
	Per30Days        int // and in 30 days
	FamiliarSources  int // lanes of their own for so many sources
	PasswordFailures int // wrong binds per Window where the directory tells no policy
}

// EventRules bound the audit log.
type EventRules struct {
	Keep    time.Duration
	MaxSize int64 // octets
}

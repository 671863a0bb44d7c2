package core

import "time"

// Result is the answer to an attempt. Its zero value answers nothing, so that
// a forgotten assignment lets nobody in.
type Result uint8

// Results.
const (
	NoAnswer Result = iota // an outage: see Client.RejectOnFailure
	Reject
	Challenge
	Accept
)

func (r Result) String() string {
	return [...]string{"no-answer", "reject", "challenge", "accept"}[r]
}

// Decision is what came of an attempt. It is data: front-ends word, translate,
// delay and encode it.
type Decision struct {
	Result  Result
	Reason  Reason    // for log and event, never for the user
	Who     Identity  // on Accept; otherwise for the log only
	Ask     Ask       // on Challenge
	NotSoon time.Time // on Reject: not to be sent before (I08)
}

// Ask is what a Challenge asks for.
type Ask struct {
	State []byte // to come back with the answer; at most 253 octets
	For   AskFor
	Key   string // AskEnrol with enrol_show_key: the token's key in base32, groups of four
	URI   string // AskEnrol with enrol_show_key: the same as otpauth URI
}

// AskFor is the kind of answer a challenge wants.
type AskFor uint8

// AskCode wants a code; AskNextCode wants the one that follows the code just
// given; AskEnrol wants the first code of the key it shows.
const (
	AskCode AskFor = iota
	AskNextCode
	AskEnrol
)

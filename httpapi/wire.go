package httpapi

import (
	"fmt"
	"time"

	"twofold/core"
)

// AuthRequest asks for a login to be judged. Code may stand in Password too,
// as the client's mode allows. State is that of the challenge being answered.
type AuthRequest struct {
	User     string `json:"user"`
	Password string `json:"password,omitempty"`
	Code     string `json:"code,omitempty"`
	State    []byte `json:"state,omitempty"`
}

// Format keeps the secrets out of whatever is printed (I10).
func (r AuthRequest) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "login of %q", r.User) }

// AuthReply is the answer. All rejects are alike (I08).
type AuthReply struct {
	Result  core.Result `json:"result"`
	State   []byte      `json:"state,omitempty"`   // of a challenge: comes back with the code
	Methods []string    `json:"methods,omitempty"` // of a challenge: what may answer it, "totp"
	Ask     string      `json:"ask,omitempty"`     // of a challenge: "code", "next-code", "enrol"
	Key     string      `json:"key,omitempty"`     // to enrol: what to type into an authenticator
	URI     string      `json:"uri,omitempty"`     // to enrol: the same as an otpauth URI
	User    *Person     `json:"user,omitempty"`    // of an accept
}

// Format keeps state and key out of whatever is printed (I10).
func (r AuthReply) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.Result) }

// Person is who was let in.
type Person struct {
	Account core.AccountID `json:"account"` // stays the same when the person is renamed
	Login   string         `json:"login"`
	Domain  string         `json:"domain,omitempty"`
	UPN     string         `json:"upn,omitempty"`
	Name    string         `json:"name,omitempty"`
	Mail    string         `json:"mail,omitempty"`
	Groups  []string       `json:"groups"` // distinguished names; nested and primary ones too
}

// LoginRequest asks for an attempt to be run as a client would, and explained.
type LoginRequest struct {
	Client   string `json:"client,omitempty"` // empty: the server's choice
	Password string `json:"password,omitempty"`
	Code     string `json:"code,omitempty"`
	State    []byte `json:"state,omitempty"`
}

// Format keeps the secrets out of whatever is printed (I10).
func (r LoginRequest) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "login over %q", r.Client) }

// LoginReply says what came of it, and why.
type LoginReply struct {
	Result core.Result `json:"result"`
	Client string      `json:"client"` // whose rules applied
	ID     core.Reason `json:"id"`     // the event's id
	Name   string      `json:"name"`   // its name
	Text   string      `json:"text"`   // and its sentence
	Steps  []string    `json:"steps"`  // why, in order
	State  []byte      `json:"state,omitempty"`
	Ask    string      `json:"ask,omitempty"`
	Key    string      `json:"key,omitempty"`
	URI    string      `json:"uri,omitempty"`
	Took   float64     `json:"took_ms"`
	User   *Person     `json:"user,omitempty"`
}

// Format keeps state and key out of whatever is printed (I10).
func (r LoginReply) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%v: %s", r.Result, r.Name) }

// EnrolRequest asks for a new token, beside those there are if Add is set.
type EnrolRequest struct {
	Label string `json:"label,omitempty"`
	Add   bool   `json:"add,omitempty"`
}

// Enrolment is a new token with its key.
type Enrolment struct {
	Token string `json:"token"`
	URI   string `json:"uri"`
	Key   string `json:"key"`
}

// Format keeps the key out of whatever is printed (I10).
func (e Enrolment) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "token %s", e.Token) }

// ResetRequest asks for an end to a person's tokens, with an invitation to
// enrol again if Invite is set.
type ResetRequest struct {
	Invite bool `json:"invite,omitempty"`
}

// ResetResult is what came of it.
type ResetResult struct {
	Tokens     int       `json:"tokens"`
	Invitation string    `json:"invitation,omitempty"`
	Until      time.Time `json:"until,omitzero"`
}

// Format keeps the invitation out of whatever is printed (I10).
func (r ResetResult) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%d tokens removed", r.Tokens) }

// BlockRequest says why.
type BlockRequest struct {
	Why string `json:"why,omitempty"`
}

// TempCodeRequest asks for a code that lasts so many seconds and uses.
type TempCodeRequest struct {
	Seconds int `json:"seconds,omitempty"` // 0: one hour
	Uses    int `json:"uses,omitempty"`    // 0: one
}

// TempCode is the code.
type TempCode struct {
	Code  string    `json:"code"`
	Until time.Time `json:"until"`
	Uses  int       `json:"uses"`
}

// Format keeps the code out of whatever is printed (I10).
func (t TempCode) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%d uses", t.Uses) }

// KeyRequest asks for an API key.
type KeyRequest struct {
	Role core.Role `json:"role"`
	Note string    `json:"note,omitempty"`
}

// NewKey is an API key with its secret, which is told this once.
type NewKey struct {
	Secret string      `json:"secret"`
	Key    core.APIKey `json:"key"`
}

// Format keeps the secret out of whatever is printed (I10).
func (k NewKey) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "key %s", k.Key.ID) }

// KeyList is all API keys.
type KeyList struct {
	Keys []core.APIKey `json:"keys"`
}

// ImportMessage is one line of the answer to an import: progress, any number
// of times, and at the end a report or a problem.
type ImportMessage struct {
	Progress *ImportProgress    `json:"progress,omitempty"`
	Report   *core.ImportReport `json:"report,omitempty"`
	Problem  *Problem           `json:"problem,omitempty"`
}

// ImportProgress says how many lines are done.
type ImportProgress struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

// Status is the state of the server and of its store.
type Status struct {
	Version string      `json:"version"`
	Started time.Time   `json:"started"`
	Now     time.Time   `json:"now"`
	Store   core.Status `json:"store"`
}

// Level says how bad a finding is.
type Level string

// Levels of findings.
const (
	OK      Level = "ok"
	Warning Level = "warning"
	Fault   Level = "fault"
)

// Finding is one thing the doctor looked at.
type Finding struct {
	Area    string `json:"area"`    // "directory", "certificate", "store", "client", ...
	Subject string `json:"subject"` // which of them
	Level   Level  `json:"level"`
	Text    string `json:"text"`           // what was found
	Hint    string `json:"hint,omitempty"` // the remedy
}

// Report is what the doctor found.
type Report struct {
	Findings []Finding `json:"findings"`
}

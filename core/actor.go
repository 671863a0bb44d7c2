package core

import "errors"

// Actor is who asks for an administrative act: somebody behind the admin
// socket, or the holder of an API key.
type Actor struct {
	Name string // for the event: "uid 0 (root)", "key 3fa9 (help desk phone)"
	Role Role
}

// Role is what an actor may do. The zero value may do nothing.
type Role uint8

// Roles: Admin may do everything; Helpdesk resets, unlocks, blocks and gives
// temporary codes, never to role holders, and never receives a seed; Auditor
// reads; Application only uses the authentication endpoints.
const (
	NoRole Role = iota
	Application
	Auditor
	Helpdesk
	Admin
)

// What administrative acts fail with, beside the errors of the ports. Front-ends map
// each to one status.
var (
	// ErrForbidden: the actor's role does not reach that far.
	ErrForbidden = errors.New("not permitted")
	// ErrConflict: the state of the account does not allow the act.
	ErrConflict = errors.New("conflict")
	// ErrInvalid: what was asked makes no sense; the text says why.
	ErrInvalid = errors.New("invalid")
	// ErrBadKey: no such API key, or it was revoked.
	ErrBadKey = errors.New("unknown API key")
)

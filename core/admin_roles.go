package core

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// act is something an actor may ask for.
type act string

const (
	actShow    act = "show users"
	actExplain act = "explain"
	actEnrol   act = "enrol"
	actReset   act = "reset"
	actUnlock  act = "unlock"
	actBlock   act = "block"
	actUnblock act = "unblock"
	actTemp    act = "give a temporary code"
	actImport  act = "import tokens"
	actKeys    act = "manage API keys"
	actList    act = "list API keys"
	actEvents  act = "read events"
	actVerify  act = "verify events"
	actStatus  act = "read the status"
	actTry     act = "try a login"
)

// permitted says who may do what; who is not named may not. Whatever hands
// out or takes in a seed, makes an actor or tries a password is the
// administrators' alone.
var permitted = map[act][]Role{
	actShow:    {Admin, Helpdesk, Auditor},
	actExplain: {Admin, Helpdesk, Auditor},
	actEnrol:   {Admin},
	actReset:   {Admin, Helpdesk},
	actUnlock:  {Admin, Helpdesk},
	actBlock:   {Admin, Helpdesk},
	actUnblock: {Admin, Helpdesk},
	actTemp:    {Admin, Helpdesk},
	actImport:  {Admin},
	actKeys:    {Admin},
	actList:    {Admin, Auditor},
	actEvents:  {Admin, Helpdesk, Auditor},
	actVerify:  {Admin, Auditor},
	actStatus:  {Admin, Helpdesk, Auditor},
	actTry:     {Admin},
}

// authorise lets the actor go on, or leaves an event of the refused act. On is
// what the act was to be done to; it may be empty.
func (s *Service) authorise(ctx context.Context, actor Actor, what act, on string) error {
	if slices.Contains(permitted[what], actor.Role) {
		return nil
	}
	refusal := fmt.Errorf("%s may not %s: %w", actor.Role, what, ErrForbidden)
	return errors.Join(refusal, s.auditRefusal(ctx, actor, what, on))
}

func (s *Service) auditRefusal(ctx context.Context, actor Actor, what act, on string) error {
	if !s.floods.admit(floodKey{actor.Name, ActRefused}, s.now()) {
		return nil
	}
	return s.Record(ctx, Event{
		Reason: ActRefused, Actor: actor.Name, User: tidyName(on),
		Detail: fmt.Sprintf("%s, as %s", what, actor.Role),
	})
}

var roleNames = [...]string{
	NoRole: "none", Application: "application", Auditor: "auditor", Helpdesk: "helpdesk", Admin: "admin",
}

// String is the name of the role, as ParseRole reads it.
func (r Role) String() string {
	if int(r) >= len(roleNames) {
		return fmt.Sprintf("role(%d)", uint8(r))
	}
	return roleNames[r]
}

// MarshalText makes the role's name stand in JSON.
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Role) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRole(string(text))
	return err
}

// ParseRole reads the name of a role that somebody can hold.
func ParseRole(name string) (Role, error) {
	for r, known := range roleNames {
		if Role(r) != NoRole && name == known {
			return Role(r), nil
		}
	}
	return NoRole, fmt.Errorf("role %.32q is not one of admin, helpdesk, auditor, application: %w", name, ErrInvalid)
}

// tidyName makes of a name as it was typed something fit for the log.
func tidyName(name string) string {
	const longest = 128
	name = tidyText(name)
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "")
	}
	return name
}

// tidyDetail makes of an error's text something fit for an event.
func tidyDetail(text string) string {
	const longest = 200
	text = tidyText(text)
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// tidyText replaces what could forge a line of a log or upset a terminal.
func tidyText(text string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"twofold/core"
)

// judge serves POST /api/v1/auth. It is done with working when there is only
// the floor of a refusal to wait for (I08).
func (s *Server) judge(e *exchange, w *worker) error {
	if e.actor.Role != core.Application && e.actor.Role != core.Admin {
		return fmt.Errorf("%s may not ask for logins to be judged: %w", e.actor.Role, core.ErrForbidden)
	}
	var in AuthRequest
	if _, err := e.query(nil); err != nil {
		return err
	}
	if err := e.body(&in); err != nil {
		return err
	}
	if in.User == "" {
		return fmt.Errorf("user is missing: %w", errBody)
	}
	d := s.authenticate(e, in)
	w.done()
	if d.Result == core.NoAnswer {
		return errOutage
	}
	if d.Result == core.Reject && !s.waitUntil(e.r.Context(), d.NotSoon) {
		return context.Canceled
	}
	e.write(http.StatusOK, reply(d))
	return nil
}

// authenticate runs the attempt to its end even if the caller hangs up: what
// was begun with a code must be settled.
func (s *Server) authenticate(e *exchange, in AuthRequest) core.Decision {
	client := s.cfg.APIClient()
	began := s.cfg.Now()
	ctx, cancel := bound(context.WithoutCancel(e.r.Context()), client)
	defer cancel()
	at := core.Attempt{
		ID: e.id, Client: client, Place: core.Place{NAS: e.peer},
		User: in.User, Password: in.Password, Code: in.Code, State: in.State,
	}
	d := s.decide(ctx, at)
	s.cfg.Attempt(client.Name, d, s.cfg.Now().Sub(began))
	return d
}

// decide hands over what core takes. A password that no protocol of ours
// could carry is refused like any other that is wrong.
func (s *Server) decide(ctx context.Context, at core.Attempt) core.Decision {
	if len(at.Password) > core.MaxPassword || len(at.User) > maxName {
		at.User, at.Password = cut(at.User), ""
		return s.cfg.Core.Refuse(ctx, at, core.UnusablePassword)
	}
	return s.cfg.Core.Authenticate(ctx, at)
}

func cut(name string) string { return strings.ToValidUTF8(name[:min(len(name), maxName)], "") }

// bound is the client's deadline.
func bound(ctx context.Context, client *core.Client) (context.Context, context.CancelFunc) {
	if client.Deadline <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, client.Deadline)
}

// longestFloor is more than any floor; it bounds a clock that jumps.
const longestFloor = 30 * time.Second

// waitUntil waits, unless the caller or the server gives up.
func (s *Server) waitUntil(ctx context.Context, when time.Time) bool {
	wait := min(when.Sub(s.cfg.Now()), longestFloor)
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// reply encodes a decision. Of a refusal nothing is told but that it is one.
func reply(d core.Decision) AuthReply {
	switch d.Result {
	case core.Accept:
		return AuthReply{Result: core.Accept, User: person(d.Who)}
	case core.Challenge:
		return AuthReply{
			Result: core.Challenge, State: d.Ask.State, Methods: []string{"totp"},
			Ask: askName(d.Ask.For), Key: d.Ask.Key, URI: d.Ask.URI,
		}
	default:
		return AuthReply{Result: core.Reject}
	}
}

func askName(a core.AskFor) string {
	switch a {
	case core.AskNextCode:
		return "next-code"
	case core.AskEnrol:
		return "enrol"
	default:
		return "code"
	}
}

func person(who core.Identity) *Person {
	p := &Person{
		Account: who.ID, Login: who.Login, Domain: who.Domain, UPN: who.UPN,
		Name: who.Name, Mail: who.Mail, Groups: []string{},
	}
	for _, g := range who.Groups {
		p.Groups = append(p.Groups, g.DN)
	}
	return p
}

// login serves the command of the same name: the attempt of a client, with its
// reasons. Core lets administrators do it, and audits it.
func (s *Server) login(c *call, in LoginRequest) (LoginReply, error) {
	client, err := s.client(in.Client)
	if err != nil {
		return LoginReply{}, err
	}
	if len(in.Password) > core.MaxPassword {
		return LoginReply{}, fmt.Errorf("password is longer than %d octets: %w", core.MaxPassword, core.ErrInvalid)
	}
	ctx, cancel := bound(context.WithoutCancel(c.r.Context()), client)
	defer cancel()
	began := s.cfg.Now()
	d, trail, err := s.cfg.Core.Try(ctx, c.actor, core.Attempt{
		ID: c.id, Client: client, Place: core.Place{NAS: c.peer},
		User: c.user, Password: in.Password, Code: in.Code, State: in.State,
	})
	if err != nil {
		return LoginReply{}, err
	}
	out := explained(d, trail)
	out.Client, out.Took = client.Name, float64(s.cfg.Now().Sub(began).Microseconds())/1000
	return out, nil
}

func explained(d core.Decision, trail *core.Trail) LoginReply {
	out := LoginReply{
		Result: d.Result, ID: d.Reason, Name: d.Reason.Name(), Text: d.Reason.Text(), Steps: []string{},
	}
	if trail != nil {
		out.Steps = append(out.Steps, trail.Steps...)
	}
	if d.Result == core.Challenge {
		out.State, out.Ask, out.Key, out.URI = d.Ask.State, askName(d.Ask.For), d.Ask.Key, d.Ask.URI
	}
	if d.Result == core.Accept {
		out.User = person(d.Who)
	}
	return out
}

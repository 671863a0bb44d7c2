package httpapi

import (
	"fmt"
	"time"

	"twofold/core"
)

func (s *Server) users(c *call) (core.UserPage, error) {
	q := core.UserQuery{Text: c.q.Get("query"), Cursor: c.q.Get("cursor"), Limit: c.q.number("limit")}
	if c.q.err != nil {
		return core.UserPage{}, c.q.err
	}
	return s.cfg.Core.Users(c.r.Context(), c.actor, q)
}

func (s *Server) showUser(c *call) (core.UserView, error) {
	return s.cfg.Core.User(c.r.Context(), c.actor, c.user)
}

func (s *Server) explain(c *call) (core.Explanation, error) {
	req := core.ExplainRequest{User: c.user, Person: c.q.address("from"), NAS: c.q.address("nas")}
	if c.q.err != nil {
		return core.Explanation{}, c.q.err
	}
	var err error
	if req.Client, err = s.client(c.q.Get("client")); err != nil {
		return core.Explanation{}, err
	}
	return s.cfg.Core.Explain(c.r.Context(), c.actor, req)
}

// client finds a client by its configured name.
func (s *Server) client(name string) (*core.Client, error) {
	var found *core.Client
	if s.cfg.Client != nil {
		found = s.cfg.Client(name)
	}
	switch {
	case found != nil:
		return found, nil
	case name == "":
		return nil, fmt.Errorf("name the client whose rules apply: %w", core.ErrInvalid)
	}
	return nil, fmt.Errorf("no client is called %.64q: %w", name, core.ErrInvalid)
}

func (s *Server) enrol(c *call, in EnrolRequest) (Enrolment, error) {
	made, err := s.cfg.Core.Enrol(c.r.Context(), c.actor, c.user, core.EnrolRequest(in))
	return Enrolment(made), err
}

func (s *Server) reset(c *call, in ResetRequest) (ResetResult, error) {
	done, err := s.cfg.Core.Reset(c.r.Context(), c.actor, c.user, core.ResetRequest(in))
	return ResetResult(done), err
}

func (s *Server) unlock(c *call, _ none) (core.UserView, error) {
	return s.cfg.Core.Unlock(c.r.Context(), c.actor, c.user)
}

func (s *Server) block(c *call, in BlockRequest) (core.UserView, error) {
	return s.cfg.Core.Block(c.r.Context(), c.actor, c.user, in.Why)
}

func (s *Server) unblock(c *call, _ none) (core.UserView, error) {
	return s.cfg.Core.Unblock(c.r.Context(), c.actor, c.user)
}

// maxSeconds keeps what is asked for within a time.Duration; core has the
// bound that matters.
const maxSeconds = 10 * 365 * 24 * 3600

func (s *Server) tempCode(c *call, in TempCodeRequest) (TempCode, error) {
	if in.Seconds < 0 || in.Seconds > maxSeconds || in.Uses < 0 {
		return TempCode{}, fmt.Errorf("seconds or uses are out of range: %w", core.ErrInvalid)
	}
	given, err := s.cfg.Core.TempCode(c.r.Context(), c.actor, c.user, core.TempCodeRequest{
		For: time.Duration(in.Seconds) * time.Second, Uses: in.Uses,
	})
	return TempCode(given), err
}

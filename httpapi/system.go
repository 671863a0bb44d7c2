package httpapi

import (
	_ "embed"
	"fmt"
	"net/http"
	"time"

	"twofold/core"
)

// longest is how long an answer may take that looks at everything.
const longest = 10 * time.Minute

//go:embed openapi.json
var document []byte

func (s *Server) openAPI(c *call) error {
	c.w.WriteHeader(http.StatusOK)
	if _, err := c.w.Write(document); err != nil {
		c.log.Debug("writing the document", "err", err)
	}
	return nil
}

func (s *Server) status(c *call) (Status, error) {
	store, err := s.cfg.Core.Status(c.r.Context(), c.actor)
	return Status{Version: s.cfg.Version, Started: s.started.UTC(), Now: s.cfg.Now().UTC(), Store: store}, err
}

// doctor is for administrators: it logs in to every directory, and says where
// the site is weak. Core has no act for it, since nothing there is changed.
func (s *Server) doctor(c *call) (Report, error) {
	if c.actor.Role != core.Admin {
		return Report{}, fmt.Errorf("%s may not run the doctor: %w", c.actor.Role, core.ErrForbidden)
	}
	if s.cfg.Doctor == nil {
		return Report{}, fmt.Errorf("this server has no doctor: %w", core.ErrUnavailable)
	}
	if err := c.allow(longest); err != nil {
		return Report{}, err
	}
	return Report{Findings: s.cfg.Doctor(c.r.Context())}, nil
}

package httpapi

import (
	"errors"
	"fmt"

	"twofold/core"
)

func (s *Server) keys(c *call) (KeyList, error) {
	all, err := s.cfg.Core.Keys(c.r.Context(), c.actor)
	return KeyList{Keys: all}, err
}

func (s *Server) createKey(c *call, in KeyRequest) (NewKey, error) {
	secret, key, err := s.cfg.Core.CreateKey(c.r.Context(), c.actor, in.Role, in.Note)
	return NewKey{Secret: secret, Key: key}, err
}

func (s *Server) revokeKey(c *call, _ none) (none, error) {
	return none{}, s.revoke(c, c.r.PathValue("id"))
}

func (s *Server) revokeNamedKey(c *call, _ none) (none, error) {
	return none{}, s.revoke(c, c.q.Get("id"))
}

// revoke says "not found" of a key that is not there. It is not the caller's
// own key that is unknown.
func (s *Server) revoke(c *call, id string) error {
	if id == "" || len(id) > maxKey {
		return fmt.Errorf("name the key by its id: %w", core.ErrInvalid)
	}
	err := s.cfg.Core.RevokeKey(c.r.Context(), c.actor, id)
	if errors.Is(err, core.ErrBadKey) {
		return fmt.Errorf("no key has the id %.16q: %w", id, core.ErrMissing)
	}
	return err
}

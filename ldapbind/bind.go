package ldapbind

import (
	"context"
	"time"

	"twofold/core"
)

// bind sends at most one bind that a server could have judged. Only where
// nothing was sent, or the server said that it did not look, is the next one
// tried (I04).
func (d *directory) bind(ctx context.Context, dn, password string) core.Bound {
	bound := core.Bound{Outcome: core.Unsent}
	servers, err := d.usable()
	if err != nil {
		return bound
	}
	for i, s := range servers {
		if i > 0 && !s.worthwhile() {
			continue
		}
		bound = s.bind(ctx, dn, password, d)
		if bound.Outcome != core.Unsent || ctx.Err() != nil {
			return bound
		}
	}
	return bound
}

// better tells whether others should be asked than s, which may have failed
// while somebody waited for a connection to it.
func (d *directory) better(s *server) bool {
	health, _ := s.state()
	return health == down || health == suspect && firstUp(d.servers) != nil
}

func (s *server) bind(ctx context.Context, dn, password string, d *directory) core.Bound {
	unsent := core.Bound{Outcome: core.Unsent}
	c, err := s.binds.get(ctx)
	if err != nil {
		return unsent
	}
	if d.better(s) {
		s.binds.put(c)
		return unsent
	}
	if c == nil {
		if c, err = s.dial(ctx); err != nil {
			s.binds.put(nil)
			s.judge(ctx, err)
			return unsent
		}
	}
	from := time.Now()
	result, sent, err := c.bind(ctx, dn, password)
	s.binds.put(c)
	s.judge(ctx, err)
	bound := core.Bound{Outcome: core.BindUnknown}
	switch {
	case err != nil && !sent:
		return unsent
	case err == nil:
		bound = judgeBind(result)
	}
	d.OnBind(time.Since(from), bound.Outcome)
	return bound
}

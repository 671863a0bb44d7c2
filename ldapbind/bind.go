package ldapbind

import (
	"context"
	"errors"
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
		return unsent(err)
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
	c, err := s.binds.get(ctx)
	if err != nil {
		return unsent(err)
	}
	if d.better(s) {
		s.binds.put(c)
		return unsent(errBetter)
	}
	if c == nil {
		if c, err = s.dial(ctx); err != nil {
			s.binds.put(nil)
			s.judge(ctx, err)
			return unsent(err)
		}
	}
	from := time.Now()
	result, sent, err := c.bind(ctx, dn, password)
	s.binds.put(c)
	s.judge(ctx, err)
	var bound core.Bound
	switch {
	case err != nil && !sent:
		return unsent(err)
	case err != nil:
		bound = core.Bound{Outcome: core.BindUnknown, Why: err.Error()}
	default:
		bound = judgeBind(result)
	}
	d.OnBind(time.Since(from), bound.Outcome)
	return bound
}

func unsent(why error) core.Bound { return core.Bound{Outcome: core.Unsent, Why: why.Error()} }

var (
	errBetter   = errors.New("the server failed while a connection to it was waited for")
	errHomeless = errors.New("no directory has the entry any more")
)

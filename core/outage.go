package core

import (
	"context"
	"errors"
)

// seal ends a transaction: an Accept waits for the disk, an outage becomes a
// verdict.
func (s *Service) seal(ctx context.Context, c *Case, v Verdict, durable Durable, err error) Verdict {
	if err == nil && v.next == toAdmit {
		err = durable.Wait(ctx)
	}
	switch {
	case err == nil, errors.Is(err, errTurn):
		return v
	case errors.Is(err, ErrDamaged):
		c.fail("store", err.Error())
		return s.noteRefusal(ctx, c, refuse(RecordDamaged))
	case errors.Is(err, ErrConflict): // as many tokens as one may have
		return s.noteRefusal(ctx, c, refuse(EnrolmentNotHere))
	}
	c.fail("store", err.Error())
	v = Verdict{next: toSilence, reason: s.outage(ctx, StoreDown)}
	s.tell(c, v)
	return v
}

// tell tells the observer of an event that the store could not take.
func (s *Service) tell(c *Case, v Verdict) {
	e, now := c.event(v), s.now()
	if s.floods.admit(floodKey{e.Client, e.Reason}, now) {
		e.At = now.UTC()
		s.observe(e)
	}
}

// outage tells a deadline that passed from a part that is down.
func (s *Service) outage(ctx context.Context, why Reason) Reason {
	if ctx.Err() != nil {
		return OutOfTime
	}
	return why
}

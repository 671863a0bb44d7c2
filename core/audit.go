package core

import "context"

// event writes what became of an attempt. First legs that nothing was judged
// in leave no trace in the store; floods of refusals are summed (I11).
func (s *Service) event(w *work, c *Case, v Verdict) error {
	e := c.event(v)
	switch {
	case v.next == toBind, v.next == toAsk && v.reason == NoReason:
		return nil
	case v.next == toAsk && v.need.Factors == Nobody:
		return nil // the second leg tells
	case v.next != toAdmit && !s.floods.admit(floodKey{e.Client, e.Reason}, w.now):
		return nil
	}
	return w.event(e)
}

// event is the audit event of a verdict.
func (c *Case) event(v Verdict) Event {
	e := Event{Reason: v.reason, Result: v.result(), Attempt: c.Attempt.ID, User: c.userForLog(), Account: c.Who.ID,
		Client: c.Attempt.Client.Name, Detail: c.fault}
	if c.Attempt.Place.NAS.IsValid() {
		e.NAS = c.Attempt.Place.NAS.String()
	}
	if c.Attempt.Place.Person.IsValid() {
		e.From = c.Attempt.Place.Person.String()
	}
	return e
}

// noteRefusal writes the event of a verdict that needed no transaction, or
// whose transaction failed. The event is not lost with the attempt's deadline.
func (s *Service) noteRefusal(ctx context.Context, c *Case, v Verdict) Verdict {
	_, err := s.update(context.WithoutCancel(ctx), func(w *work) error { return s.event(w, c, v) })
	if err != nil {
		c.note("store: %v", err)
		s.tell(c, v)
	}
	return v
}

// Refuse is for attempts that a front-end cannot put to Authenticate: a method
// that cannot work with a bind, a password that is no UTF-8. It counts
// nothing, asks the directory nothing, and leaves the event.
func (s *Service) Refuse(ctx context.Context, at Attempt, why Reason) Decision {
	arrived := s.now()
	c := s.newCase(at)
	return s.answer(c, s.noteRefusal(ctx, c, refuse(why)), arrived)
}

package core

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Authenticate decides one attempt. Nobody is let in but at its end, after
// every factor that policy requires was checked in this exchange (I01) and
// the record that consumes the code is on the disk (I02).
//
// The first transaction charges the throttle, matches the codes and reserves
// them and a bind; the bind, at most one, stands between the two (I04); the
// second consumes or drops what was reserved, and writes the event (I11).
func (s *Service) Authenticate(ctx context.Context, at Attempt) Decision {
	arrived := s.now()
	c, v := s.open(ctx, at, arrived)
	if v.next == toBind {
		v = s.begin(ctx, c)
	}
	if v.next == toWait {
		v = s.inTurn(ctx, c)
	}
	if v.next == toBind {
		v = s.finish(ctx, c, v, s.bind(ctx, c, v.password))
	}
	return s.answer(c, v, arrived)
}

// open finds out who asks, under which rules, answering which challenge. Its
// verdict is toBind where the attempt can go on.
func (s *Service) open(ctx context.Context, at Attempt, now time.Time) (*Case, Verdict) {
	at.Code = squeeze(at.Code)
	c := s.newCase(at)
	if len(at.State) > 0 {
		if why := s.openLeg(c, now); why != NoReason {
			return c, s.noteRefusal(ctx, c, refuse(why))
		}
	}
	who, err := s.resolve(ctx, at.User)
	switch {
	case errors.Is(err, ErrUnknownUser):
		c.Missing = UnknownUser
	case errors.Is(err, ErrAmbiguous):
		c.Missing = AmbiguousUser
	case err != nil:
		c.fail("directory", err.Error())
		return c, s.noteRefusal(ctx, c, Verdict{next: toSilence, reason: s.outage(ctx, DirectoryDown)})
	}
	c.Who = who
	c.noteWho()
	if why := c.foreign(s); why != NoReason {
		return c, s.noteRefusal(ctx, c, refuse(why))
	}
	return c, Verdict{next: toBind}
}

// newCase is what is known before anything was asked. An attempt without a
// client is treated as the strictest client's.
func (s *Service) newCase(at Attempt) *Case {
	if at.Client == nil {
		at.Client = &Client{}
	}
	return &Case{Attempt: at, Rules: s.current().rules}
}

// openLeg opens the State an attempt answers.
func (s *Service) openLeg(c *Case, now time.Time) Reason {
	l, err := s.states.open(c.Attempt.State)
	switch {
	case err != nil:
		return ChallengeInvalid
	case l.Client != clientTag(c.Attempt.Client):
		return ChallengeForeign
	case !now.Before(l.Expires):
		return ChallengeExpired
	}
	c.Leg = l
	if l.Method == legEnrol {
		c.TokenID = tokenID(l.Nonce)
	}
	return NoReason
}

// foreign tells whether the dialogue was begun by somebody else.
func (c *Case) foreign(s *Service) Reason {
	if c.Leg.Method != noLeg && c.Leg.ID != s.subject(c) {
		return ChallengeForeign
	}
	return NoReason
}

// begin is the first transaction. Where the disk is low, the room that is kept
// is for people on their way in, not for wrong codes (I11).
func (s *Service) begin(ctx context.Context, c *Case) Verdict {
	v, durable, err := s.beginWith(ctx, c, func(Verdict) bool { return true })
	if errors.Is(err, ErrUnavailable) && ctx.Err() == nil {
		v, durable, err = s.beginWith(WithReserve(ctx), c, Verdict.promising)
	}
	return s.seal(ctx, c, v, durable, err)
}

// beginWith leaves nothing behind unless the verdict is worth it.
func (s *Service) beginWith(ctx context.Context, c *Case, worth func(Verdict) bool) (v Verdict, durable Durable, err error) {
	durable, err = s.update(ctx, func(w *work) (err error) {
		if v, err = s.check(w, c); err != nil {
			return err
		}
		if v.next == toWait {
			return errTurn
		}
		if !worth(v) {
			return fmt.Errorf("keeping room for those who come in: %w", ErrUnavailable)
		}
		return s.event(w, c, v)
	})
	return v, durable, err
}

// check judges the attempt against its account as the store has it.
func (s *Service) check(w *work, c *Case) (Verdict, error) {
	h, err := w.head()
	if err != nil {
		return Verdict{}, err
	}
	if used, err := w.spend(c.Leg); err != nil || used {
		return refuse(ChallengeUsed), err
	}
	a, need, err := s.need(w, c, h)
	if err != nil {
		return Verdict{}, err
	}
	a, v := a.check(c, need, h, w.now)
	if v.made != nil {
		if err := w.addToken(&a, *v.made); err != nil {
			return Verdict{}, err
		}
	}
	w.store(a)
	return v, w.newest(v)
}

// need reads the account and judges what it needs to bring; somebody who
// cannot be let in at all goes on as a decoy.
func (s *Service) need(w *work, c *Case, h head) (Account, Need, error) {
	var a Account
	var err error
	if c.Missing == NoReason {
		if a, err = w.account(c.Who.ID); err != nil {
			return a, Need{}, err
		}
	}
	need := c.judge(&a, h, w.now)
	if need.Factors == Nobody {
		a, err = w.decoy(s.slot(c))
	}
	return a, need, err
}

// bind asks the directory, once.
func (s *Service) bind(ctx context.Context, c *Case, password string) Bound {
	binder := c.Attempt.Binder
	if binder == nil {
		binder = s.current().directory
	}
	b := binder.Bind(ctx, c.Who, password)
	c.noteBound(b)
	switch {
	case b.Code != "":
		c.fault = tidyDetail("code " + b.Code)
	case b.Why != "":
		c.fail("bind", b.Why)
	}
	return b
}

// finish is the second transaction. It runs to its end even where the caller
// has gone meanwhile: what the bind told must be counted.
func (s *Service) finish(ctx context.Context, c *Case, v Verdict, b Bound) Verdict {
	if b.Outcome == Right {
		ctx = WithReserve(ctx)
	}
	var after Verdict
	durable, err := s.update(context.WithoutCancel(ctx), func(w *work) error {
		a, err := w.account(c.Who.ID)
		if err != nil {
			return err
		}
		a, after = a.settle(c, v, b, w.now)
		w.store(a)
		if err := w.newest(after); err != nil {
			return err
		}
		return s.event(w, c, after)
	})
	s.turns.end(c.Who.ID)
	return s.seal(ctx, c, after, durable, err)
}

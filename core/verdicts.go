package core

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"twofold/core/otp"
)

// What turns verdicts into records, events and decisions.

// nonce is a challenge that was answered. It is kept until it would have
// expired anyway.
type nonce struct {
	Expires time.Time
	Value   [16]byte
}

func (n *nonce) Kind() Kind { return kindNonce }
func (n *nonce) Key() string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(n.Expires.Unix()))) + string(n.Value[:])
}
func (n *nonce) MarshalBinary() ([]byte, error) { return []byte{1}, nil }
func (n *nonce) UnmarshalBinary([]byte) error   { return nil }

// spend uses up the nonce of an answered challenge, and tells whether that
// had happened before.
func (w *work) spend(l leg) (used bool, err error) {
	if l.Method == noLeg {
		return false, nil
	}
	n := nonce{Expires: l.Expires, Value: l.Nonce}
	switch err := w.Get(&n); {
	case err == nil:
		return true, nil
	case !errors.Is(err, ErrMissing):
		return false, fmt.Errorf("reading a nonce: %w", err)
	}
	w.Put(&n)
	return false, nil
}

// newest remembers the newest step consumed anywhere, for the clock rule.
func (w *work) newest(v Verdict) error {
	if v.next != toAdmit {
		return nil
	}
	h, err := w.head()
	if err != nil {
		return err
	}
	if w.now.After(h.Step) {
		h.Step = w.now
		w.Put(&h)
	}
	return nil
}

// clockBehind tells whether time ran back by more than the window since the
// newest Accept: old codes would be taken again.
func (r *Rules) clockBehind(h head, now time.Time) bool {
	return now.Add(time.Duration(r.OTP.Window) * r.OTP.Period).Before(h.Step)
}

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

func (v Verdict) result() Result {
	return [...]Result{toRefuse: Reject, toSilence: NoAnswer, toAsk: Challenge, toBind: NoAnswer, toAdmit: Accept, toWait: NoAnswer}[v.next]
}

// userForLog names the person as resolved; as typed, cleaned and cut, where
// nobody was found.
func (c *Case) userForLog() string {
	if !c.Who.ID.IsZero() {
		return c.Who.Display()
	}
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(c.Attempt.User, ""))
	if r := []rune(clean); len(r) > 64 {
		clean = string(r[:64])
	}
	return clean
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

// answer makes the Decision of a verdict.
func (s *Service) answer(c *Case, v Verdict, arrived time.Time) Decision {
	d := Decision{Result: v.result(), Reason: v.reason, Who: c.Who}
	if v.next == toAsk {
		ask, err := s.ask(c, v)
		if err != nil {
			c.note("challenge: %v", err)
			return Decision{Result: NoAnswer, Reason: Overloaded, Who: c.Who}
		}
		d.Ask = ask
		if d.Reason == NoReason {
			d.Reason = [...]Reason{AskCode: ChallengedCode, AskNextCode: ChallengedNext, AskEnrol: ChallengedEnrol}[v.ask]
		}
	}
	if d.Result != Accept && d.Result != Challenge {
		d.NotSoon = arrived.Add(c.Attempt.Client.RejectFloor)
	}
	return d
}

// ask draws what a challenge needs and seals its State.
func (s *Service) ask(c *Case, v Verdict) (Ask, error) {
	l := v.leg
	if _, err := io.ReadFull(s.rand, l.Nonce[:]); err != nil {
		return Ask{}, fmt.Errorf("drawing a nonce: %w", err)
	}
	now := s.now()
	l.Client, l.ID, l.Expires = clientTag(c.Attempt.Client), s.subject(c), now.Add(c.Rules.Challenge.TTL)
	ask := Ask{For: v.ask}
	if v.ask == AskEnrol {
		if err := s.askEnrol(c, &l, &ask); err != nil {
			return Ask{}, err
		}
	}
	var err error
	ask.State, err = s.states.seal(l, now)
	return ask, err
}

// askEnrol shows a key: a fresh one per dialogue, the same one within it.
func (s *Service) askEnrol(c *Case, l *leg, ask *Ask) (err error) {
	if len(l.Seed) == 0 {
		if l.Seed, err = otp.NewSecret(s.rand); err != nil {
			return fmt.Errorf("drawing a key: %w", err)
		}
	}
	key := otp.Key{Issuer: c.Rules.Issuer, Account: accountName(c.Who), Secret: l.Seed, Params: c.Rules.OTP}
	ask.Key, ask.URI = otp.FormatKey(l.Seed), key.URI()
	return nil
}

// subject is who a dialogue belongs to: the person, or the decoy of a name
// that leads to nobody.
func (s *Service) subject(c *Case) AccountID {
	if c.Missing == NoReason {
		return c.Who.ID
	}
	var id AccountID
	copy(id[:], "nobody "+s.slot(c))
	return id
}

// tokenID names the token that an enrolment dialogue makes.
func tokenID(nonce [16]byte) string { return hex.EncodeToString(nonce[:4]) }

// squeeze takes the blanks out of a code that was typed or pasted in groups.
func squeeze(code string) string { return strings.ReplaceAll(code, " ", "") }

func (c *Case) noteWho() {
	if c.Missing != NoReason {
		c.note("%s: %s", c.userForLog(), c.Missing.Text())
		return
	}
	c.note("%s is %s, entry %s", c.userForLog(), c.Who.DN, c.Who.ID)
}

func (c *Case) noteBound(b Bound) {
	c.note("one bind as %s: %s", c.Who.DN, b)
}

// String says what came of a bind.
func (b Bound) String() string {
	text := [...]string{BindUnknown: "no answer, it may have been counted", Right: "password right", Wrong: "password wrong",
		Refused: "refused", Unsent: "nothing could be sent"}[b.Outcome]
	if b.Code != "" {
		text += " (" + b.Code + ")"
	}
	return text
}

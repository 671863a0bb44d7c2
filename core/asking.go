package core

import (
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"twofold/core/otp"
)

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

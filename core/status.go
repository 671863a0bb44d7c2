package core

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Status is the state of the store, as far as decisions depend on it.
type Status struct {
	Accounts     int       `json:"accounts"`
	AccountsMore bool      `json:"accounts_more,omitempty"` // there are more than were counted
	APIKeys      int       `json:"api_keys"`
	Events       uint64    `json:"events"` // kept
	EventBytes   int64     `json:"event_bytes"`
	LastEvent    uint64    `json:"last_event"` // its number
	OldestEvent  time.Time `json:"oldest_event,omitzero"`
	NewestEvent  time.Time `json:"newest_event,omitzero"`
	NewestCode   time.Time `json:"newest_code,omitzero"` // when the newest code accepted anywhere was; a clock behind it refuses codes
	Floor        time.Time `json:"floor,omitzero"`       // codes from before it are refused, since commits were lost
	Exclusions   int       `json:"exclusions"`           // that have not ended
}

// maxCounted bounds the accounts counted for one Status.
const maxCounted = 200_000

// Status tells the state of the store.
func (s *Service) Status(ctx context.Context, actor Actor) (Status, error) {
	if err := s.authorise(ctx, actor, actStatus, ""); err != nil {
		return Status{}, err
	}
	h, t, err := s.ends(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("reading the status: %w", err)
	}
	status := Status{
		Events: h.Seq - t.Seq, EventBytes: h.Bytes - t.Bytes, LastEvent: h.Seq,
		NewestEvent: h.At, NewestCode: h.Step, Floor: h.Floor,
		Exclusions: s.current().rules.standing(s.now()),
	}
	if err := s.count(ctx, t, &status); err != nil {
		return Status{}, fmt.Errorf("reading the status: %w", err)
	}
	return status, nil
}

// standing counts the exclusions that have not ended.
func (r *Rules) standing(now time.Time) (n int) {
	for _, e := range r.Exclusions {
		if e.Until.IsZero() || now.Before(e.Until) {
			n++
		}
	}
	return n
}

func (s *Service) count(ctx context.Context, t tail, status *Status) error {
	accounts := s.store.Scan(ctx, kindMarker, "", func(string, func(Record) error) bool {
		status.AccountsMore = status.Accounts == maxCounted
		if !status.AccountsMore {
			status.Accounts++
		}
		return !status.AccountsMore && ctx.Err() == nil
	})
	keys := s.store.Scan(ctx, kindKey, "", func(string, func(Record) error) bool {
		status.APIKeys++
		return true
	})
	events := s.store.Scan(ctx, kindEvent, t.end(), func(key string, _ func(Record) error) bool {
		status.OldestEvent = eventTime(key)
		return false
	})
	return errors.Join(accounts, keys, events, ctx.Err())
}

// Record writes an event of the server's own (Started, Reloaded, ...) and
// waits until it is on the disk. Stopped is the last event: what was counted
// and not yet summed goes before it.
func (s *Service) Record(ctx context.Context, e Event) error {
	if e.Reason == Stopped {
		if err := s.writeSums(ctx, s.floods.drainAll()); err != nil {
			return err
		}
	}
	return s.record(ctx, e)
}

func (s *Service) record(ctx context.Context, e Event) error {
	err := s.commit(ctx, func(w *work) error { return w.event(e) })
	if err != nil {
		return fmt.Errorf("writing the event %s: %w", e.Reason.Name(), err)
	}
	return nil
}

// Try runs an attempt as a front-end would, with all its consequences, and
// tells each step. It is for administrators only: it says what strangers must
// not learn, and it is audited before it begins.
func (s *Service) Try(ctx context.Context, actor Actor, at Attempt) (Decision, *Trail, error) {
	if err := s.authorise(ctx, actor, actTry, at.User); err != nil {
		return Decision{}, nil, err
	}
	if at.Client == nil {
		return Decision{}, nil, fmt.Errorf("no client to try it as: %w", ErrInvalid)
	}
	user, id := s.whom(ctx, at.User)
	err := s.Record(ctx, Event{
		Reason: LoginTried, Actor: actor.Name, User: user, Account: id, Attempt: at.ID, Client: at.Client.Name,
	})
	if err != nil {
		return Decision{}, nil, err
	}
	at.Trail = &Trail{}
	return s.Authenticate(ctx, at), at.Trail, nil
}

// whom names a person for an event: as typed where nobody can be found now.
func (s *Service) whom(ctx context.Context, name string) (string, AccountID) {
	who, err := s.resolve(ctx, name)
	if err != nil {
		return tidyName(name), AccountID{}
	}
	return who.Display(), who.ID
}

package core

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// EventQuery asks for events, oldest first.
type EventQuery struct {
	Since, Until time.Time // Until is exclusive; zero: no bound
	User         string    // any spelling, an account's id, or a name nobody has; empty: everybody
	After        string    // continues after EventPage.Next or Last
	Limit        int       // 0: 50; at most 500
}

// EventPage is a part of the log. With Next there is more to ask for now, even
// if this part is short or empty. Last is where to ask again later.
type EventPage struct {
	Events []Event `json:"events"`
	Next   string  `json:"next,omitempty"`
	Last   string  `json:"last,omitempty"`
}

// Events reads the audit log.
func (s *Service) Events(ctx context.Context, actor Actor, q EventQuery) (EventPage, error) {
	if err := s.authorise(ctx, actor, actEvents, q.User); err != nil {
		return EventPage{}, err
	}
	after, err := q.after()
	if err != nil {
		return EventPage{}, err
	}
	r := &reading{q: q, at: after, page: EventPage{Events: []Event{}, Last: q.After}}
	if err := s.readEvents(ctx, r); err != nil {
		return EventPage{}, fmt.Errorf("reading events: %w", err)
	}
	return r.page, nil
}

// after is the key to read on from.
func (q EventQuery) after() (string, error) {
	after, err := cursor(q.After)
	if err != nil || q.Since.Unix() <= 0 {
		return after, err
	}
	return max(after, before(eventKey(q.Since, 0))), nil
}

// eventKey is the key of an event; see Event.Key.
func eventKey(at time.Time, seq uint64) string { return (&Event{At: at, Seq: seq}).Key() }

// eventAt is the event of a key, to be loaded. A key that is none of an event's
// gives one that no store has.
func eventAt(key string) Event {
	if len(key) != 16 {
		return Event{}
	}
	octets := []byte(key)
	return Event{At: time.UnixMicro(int64(binary.BigEndian.Uint64(octets))).UTC(), Seq: binary.BigEndian.Uint64(octets[8:])}
}

// eventTime reads the time out of an event's key.
func eventTime(key string) time.Time { return eventAt(key).At }

// reading is one page in the making.
type reading struct {
	q       EventQuery
	at      string // the key read last
	visited int
	page    EventPage
}

// full tells whether the page ends before key, with more to come or without.
func (r *reading) full(key string) bool {
	if !r.q.Until.IsZero() && !eventTime(key).Before(r.q.Until) {
		return true
	}
	if len(r.page.Events) == pageSize(r.q.Limit) || r.visited == maxVisited {
		r.page.Next = hex.EncodeToString([]byte(r.at))
		return true
	}
	r.visited, r.at = r.visited+1, key
	r.page.Last = hex.EncodeToString([]byte(key))
	return false
}

// readEvents chooses the way: by the index, or through the log. A name that
// nobody has, and that no event has either, is an error.
func (s *Service) readEvents(ctx context.Context, r *reading) error {
	if r.q.User == "" {
		return s.readLog(ctx, r, func(Event) bool { return true })
	}
	who, err := s.person(ctx, r.q.User)
	switch {
	case err == nil:
		return s.readPerson(ctx, r, who)
	case !errors.Is(err, ErrUnknownUser) && !errors.Is(err, ErrUnavailable):
		return err
	}
	if err := s.readLog(ctx, r, named(r.q.User)); err != nil {
		return err
	}
	if errors.Is(err, ErrUnknownUser) && r.q.After == "" && r.page.Next == "" && len(r.page.Events) == 0 {
		return fmt.Errorf("%w, and no event has that name", err)
	}
	return nil
}

// named picks events by the name in them: of somebody nobody has heard of, or
// while the directory cannot say who that is.
func named(user string) func(Event) bool {
	name := fold(tidyName(user))
	return func(e Event) bool {
		return fold(e.User) == name || fold(bareName(e.User)) == name
	}
}

func (s *Service) readLog(ctx context.Context, r *reading, wanted func(Event) bool) error {
	var fault error
	err := s.store.Scan(ctx, kindEvent, r.at, func(key string, load func(Record) error) bool {
		if r.full(key) {
			return false
		}
		e := eventAt(key)
		if fault = load(&e); fault != nil {
			fault = fmt.Errorf("event of %s: %w", eventTime(key).Format(time.RFC3339), fault)
			return false
		}
		if wanted(e) {
			r.page.Events = append(r.page.Events, e)
		}
		return ctx.Err() == nil
	})
	return errors.Join(err, fault, ctx.Err())
}

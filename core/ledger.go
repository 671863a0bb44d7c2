package core

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// work is one transaction with what the decisions need at hand: accounts with
// their markers, and the audit log, so that an act and its event are one.
type work struct {
	Tx
	now    time.Time
	events []Event
}

// update runs fn in one transaction and tells the observer of its events once
// they are ordered. fn may run more than once: it takes nothing from outside
// but what it was given, and draws no randomness.
func (s *Service) update(ctx context.Context, fn func(*work) error) (Durable, error) {
	var ordered []Event
	durable, err := s.store.Update(ctx, func(tx Tx) error {
		w := &work{Tx: tx, now: s.now()}
		err := fn(w)
		ordered = w.events
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, e := range ordered {
		s.observe(e)
	}
	return durable, nil
}

// account reads one. A person the store never saw gets a fresh account, which
// exists only once it is kept; a marker without its account is damage (I07).
func (w *work) account(id AccountID) (Account, error) {
	a := Account{ID: id}
	err := w.Get(&a)
	if !errors.Is(err, ErrMissing) {
		return a, err
	}
	switch err := w.Get(&marker{ID: id}); {
	case errors.Is(err, ErrMissing):
		return Account{ID: id}, nil
	case err != nil:
		return a, err
	}
	return a, fmt.Errorf("account %v is marked but gone: %w", id, ErrDamaged)
}

// keep writes an account, with its marker when it is new.
func (w *work) keep(a Account) {
	if a.Since.IsZero() {
		a.Since = w.now
		w.Put(&marker{ID: a.ID})
	}
	w.Put(&a)
}

// head is the newest end of the event chain, and what is true of all events.
type head struct {
	Seq   uint64    `cbor:"1,keyasint"`
	Hash  []byte    `cbor:"2,keyasint"`
	At    time.Time `cbor:"3,keyasint"` // of the newest event; the next one is never earlier
	Step  time.Time `cbor:"4,keyasint"` // when the newest step consumed anywhere began
	Floor time.Time `cbor:"6,keyasint"` // no step that began before it is accepted any more (I03)
	Bytes int64     `cbor:"5,keyasint"` // of all events ever written; less tail.Bytes: of those kept

	Raised time.Time `cbor:"7,keyasint"` // when the floor was: no temporary code given out by then is accepted any more (I03)
}

func (h *head) Kind() Kind                     { return kindHead }
func (h *head) Key() string                    { return single }
func (h *head) MarshalBinary() ([]byte, error) { type plain head; return encoder.Marshal((*plain)(h)) }
func (h *head) UnmarshalBinary(b []byte) error {
	type plain head
	err := decoder.Unmarshal(b, (*plain)(h))
	h.At = exact(h.At)
	return err
}

// exact undoes what the floating-point numbers of records do to a time of
// whole microseconds, so that keys and hashes made of it come out the same.
func exact(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Round(time.Microsecond).UTC()
}

// head reads the newest end of the chain; an empty log has the zero head.
func (w *work) head() (head, error) {
	var h head
	if err := w.Get(&h); err != nil && !errors.Is(err, ErrMissing) {
		return h, fmt.Errorf("reading the head of the events: %w", err)
	}
	return h, nil
}

// event appends e to the chain, as the newest, and to its account's index.
func (w *work) event(e Event) error {
	h, err := w.head()
	if err != nil {
		return err
	}
	e.Seq, e.At = h.Seq+1, w.now.UTC().Truncate(time.Microsecond)
	if e.At.Before(h.At) {
		e.At = h.At
	}
	size, err := e.seal(h.Hash)
	if err != nil {
		return err
	}
	h.Seq, h.Hash, h.At, h.Bytes = e.Seq, e.Hash, e.At, h.Bytes+int64(size)
	w.Put(&e)
	if id := e.subject(); !id.IsZero() {
		w.Put(&eventIndex{Account: id, Event: e.Key()})
	}
	w.Put(&h)
	w.events = append(w.events, e)
	return nil
}

// seal sets e.Hash from the hash before it, and tells e's size in octets.
func (e *Event) seal(before []byte) (int, error) {
	e.Hash = nil
	plain, err := e.MarshalBinary()
	if err != nil {
		return 0, fmt.Errorf("encoding an event: %w", err)
	}
	sum := sha256.New()
	sum.Write(before)
	sum.Write(plain)
	e.Hash = sum.Sum(nil)
	return len(plain) + len(e.Hash), nil
}

// Kind and the following three methods make Event a Record.
func (e *Event) Kind() Kind { return kindEvent }

// Key sorts by time, then by sequence.
func (e *Event) Key() string {
	return string(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, uint64(e.At.UnixMicro())), e.Seq))
}
func (e *Event) MarshalBinary() ([]byte, error) {
	type plain Event
	return encoder.Marshal((*plain)(e))
}
func (e *Event) UnmarshalBinary(b []byte) error {
	type plain Event
	err := decoder.Unmarshal(b, (*plain)(e))
	e.At = exact(e.At)
	return err
}

// subject is who the index lists the event for: the account, or the name where
// that was led to nobody; the zero id for events of nobody.
func (e *Event) subject() AccountID {
	if e.Account.IsZero() && e.User != "" {
		return nameID(e.User)
	}
	return e.Account
}

// nameID stands in the index for a name, whatever its case and its domain.
func nameID(name string) AccountID {
	return sha256.Sum256([]byte("twofold name\x00" + fold(bareName(name))))
}

// eventIndex leads from an account, or a name, to one of its events.
type eventIndex struct {
	Account AccountID
	Event   string // the event's key
}

func (x *eventIndex) Kind() Kind                     { return kindByUser }
func (x *eventIndex) Key() string                    { return string(x.Account[:]) + x.Event }
func (x *eventIndex) MarshalBinary() ([]byte, error) { return []byte{1}, nil }
func (x *eventIndex) UnmarshalBinary([]byte) error   { return nil }

package core

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// tail is the oldest end of the chain: what is left of the events pruned, so
// that those kept can still be verified.
type tail struct {
	Seq   uint64    `cbor:"1,keyasint"` // of the last event pruned
	Hash  []byte    `cbor:"2,keyasint"` // its hash: the one before the first event kept
	At    time.Time `cbor:"3,keyasint"`
	Bytes int64     `cbor:"4,keyasint"` // of all events pruned
}

func (t *tail) Kind() Kind                     { return kindTail }
func (t *tail) Key() string                    { return single }
func (t *tail) MarshalBinary() ([]byte, error) { type plain tail; return encoder.Marshal((*plain)(t)) }
func (t *tail) UnmarshalBinary(b []byte) error {
	type plain tail
	err := decoder.Unmarshal(b, (*plain)(t))
	t.At = exact(t.At)
	return err
}

// tail reads the oldest end of the chain; nothing pruned yet is the zero tail.
func (w *work) tail() (tail, error) {
	var t tail
	if err := w.Get(&t); err != nil && !errors.Is(err, ErrMissing) {
		return t, fmt.Errorf("reading the tail of the events: %w", err)
	}
	return t, nil
}

func (s *Service) pruneEvents(ctx context.Context) error {
	for range pruneBatches {
		n, err := s.pruneSome(ctx)
		if err != nil {
			return fmt.Errorf("pruning events: %w", err)
		}
		if n < pruneBatch {
			return nil
		}
	}
	return nil
}

// end is the key of the last event pruned. Beginning there spares a scan the
// traces that deleted records leave in the engine.
func (t *tail) end() string {
	if t.Seq == 0 {
		return ""
	}
	return eventKey(t.At, t.Seq)
}

// pruneSome removes at most one batch of events and tells how many.
func (s *Service) pruneSome(ctx context.Context) (int, error) {
	h, t, err := s.ends(ctx)
	if err != nil {
		return 0, err
	}
	p := s.prunable(h, t)
	err = s.store.Scan(ctx, kindEvent, t.end(), func(key string, load func(Record) error) bool {
		return len(p.keys) < pruneBatch && p.add(key, load) && ctx.Err() == nil
	})
	if err := errors.Join(err, ctx.Err()); err != nil || len(p.keys) == 0 {
		return 0, err
	}
	return len(p.keys), s.cut(WithReserve(ctx), p)
}

// pruning is a batch in the making.
type pruning struct {
	was, is tail
	last    uint64    // the newest event, which is always kept
	before  time.Time // older ones go
	excess  int64     // octets that go, whatever their age
	keys    []Record
}

func (s *Service) prunable(h head, t tail) *pruning {
	rules := s.current().rules.Events
	p := &pruning{was: t, is: t, last: h.Seq}
	if rules.Keep > 0 {
		p.before = s.now().Add(-rules.Keep)
	}
	if rules.MaxSize > 0 {
		p.excess = h.Bytes - t.Bytes - rules.MaxSize
	}
	return p
}

// add takes in the next event if it has to go. One that does not open goes
// with its neighbours: the walk along the chain has told of it, if asked.
func (p *pruning) add(key string, load func(Record) error) bool {
	gone := p.is.Bytes - p.was.Bytes
	if !eventTime(key).Before(p.before) && gone >= p.excess {
		return false
	}
	e := eventAt(key)
	if err := load(&e); err != nil {
		p.keys = append(p.keys, &bare{kindEvent, key})
		return true
	}
	if e.Seq >= p.last {
		return false
	}
	p.keys = append(p.keys, &bare{kindEvent, key})
	if id := e.subject(); !id.IsZero() {
		p.keys = append(p.keys, &eventIndex{Account: id, Event: key})
	}
	p.is = tail{Seq: e.Seq, Hash: e.Hash, At: e.At, Bytes: p.is.Bytes + e.size()}
	return true
}

// size is what the event counts for in head.Bytes.
func (e Event) size() int64 {
	hash := e.Hash
	n, err := e.seal(nil)
	if err != nil || len(hash) == 0 {
		return 0
	}
	return int64(n)
}

// cut removes a batch, unless somebody else has pruned meanwhile.
func (s *Service) cut(ctx context.Context, p *pruning) error {
	return s.commit(ctx, func(w *work) error {
		t, err := w.tail()
		if err != nil {
			return err
		}
		if t.Seq != p.was.Seq {
			return nil
		}
		for _, r := range p.keys {
			w.Delete(r)
		}
		w.Put(&p.is)
		return nil
	})
}

// bare is a record of which only the key is known: enough to delete it.
type bare struct {
	kind Kind
	key  string
}

func (b *bare) Kind() Kind                     { return b.kind }
func (b *bare) Key() string                    { return b.key }
func (b *bare) MarshalBinary() ([]byte, error) { return nil, nil }
func (b *bare) UnmarshalBinary([]byte) error   { return nil }

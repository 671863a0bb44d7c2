package core

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// ChainReport is what a walk along the events found.
type ChainReport struct {
	Checked  uint64    `json:"checked"`
	From     time.Time `json:"from,omitzero"`       // of the first event kept
	To       time.Time `json:"to,omitzero"`         // of the last event checked
	BrokenAt uint64    `json:"broken_at,omitempty"` // the first number that is altered, missing or out of place
	OK       bool      `json:"ok"`
}

// verifyChunk is how many events one scan walks: no scan stays open for long.
const verifyChunk = 10_000

// VerifyEvents walks the chain from the oldest event kept to the newest. Each
// event's hash covers the one before it, the tail record holds the hash before
// the first and the head record the last one: an event altered, removed, added
// or moved shows (I11).
func (s *Service) VerifyEvents(ctx context.Context, actor Actor) (ChainReport, error) {
	if err := s.authorise(ctx, actor, actVerify, ""); err != nil {
		return ChainReport{}, err
	}
	h, t, err := s.ends(ctx)
	if err != nil {
		return ChainReport{}, fmt.Errorf("verifying events: %w", err)
	}
	v := &verifying{head: h}
	v.begin(t)
	for v.seq < h.Seq && v.report.BrokenAt == 0 {
		if err := s.verifyChunk(ctx, v); err != nil {
			return ChainReport{}, fmt.Errorf("verifying events: %w", err)
		}
	}
	v.report.OK = v.report.BrokenAt == 0
	return v.report, nil
}

// ends reads both ends of the chain as of one moment.
func (s *Service) ends(ctx context.Context) (h head, t tail, err error) {
	_, err = s.update(WithReserve(ctx), func(w *work) error {
		if h, err = w.head(); err != nil {
			return err
		}
		t, err = w.tail()
		return err
	})
	return h, t, err
}

// verifying is the state of a walk: the event last found good.
type verifying struct {
	head   head
	at     string // its key
	seq    uint64
	hash   []byte
	report ChainReport
}

// begin sets out behind the last event that was pruned.
func (v *verifying) begin(t tail) {
	v.seq, v.hash = t.Seq, t.Hash
}

// verifyChunk walks on. Where the chain breaks it looks whether the tail has
// been moved there meanwhile, which is pruning and no break.
func (s *Service) verifyChunk(ctx context.Context, v *verifying) error {
	from := v.seq
	err := s.store.Scan(ctx, kindEvent, v.at, func(key string, load func(Record) error) bool {
		return v.step(key, load) && v.seq < min(v.head.Seq, from+verifyChunk) && ctx.Err() == nil
	})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return err
	}
	if v.report.BrokenAt == 0 && v.seq == from {
		v.report.BrokenAt = from + 1 // the log ends before its head
	}
	if v.report.BrokenAt == 0 {
		return nil
	}
	_, t, err := s.ends(ctx)
	if err == nil && t.Seq >= v.report.BrokenAt {
		v.report.BrokenAt = 0
		v.begin(t)
	}
	return err
}

// step checks the next event in the order of the keys.
func (v *verifying) step(key string, load func(Record) error) bool {
	e := eventAt(key)
	if load(&e) != nil || !v.follows(key, e) {
		v.report.BrokenAt = v.seq + 1
		return false
	}
	if v.report.Checked == 0 {
		v.report.From = e.At
	}
	v.at, v.seq, v.hash = key, e.Seq, e.Hash
	v.report.Checked, v.report.To = v.report.Checked+1, e.At
	return true
}

func (v *verifying) follows(key string, e Event) bool {
	found := e.Hash
	if _, err := e.seal(v.hash); err != nil {
		return false
	}
	last := e.Seq != v.head.Seq || bytes.Equal(e.Hash, v.head.Hash)
	return e.Seq == v.seq+1 && e.Key() == key && bytes.Equal(e.Hash, found) && last
}

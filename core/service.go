package core

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// Config is what a Service needs from outside.
type Config struct {
	Store     Store
	Directory Directory
	Rules     *Rules
	Now       func() time.Time // nil: time.Now
	Rand      io.Reader        // nil: crypto/rand
	Observe   func(Event)      // told of every event once it is ordered, and of outages the store could not take; must not block; nil: nobody
	Lost      bool             // the store may have lost commits, or was restored: no code older than now is ever accepted (I03)
}

// Service takes every decision and every administrative act. It is safe for
// concurrent use.
type Service struct {
	store   Store
	present atomic.Pointer[present]
	now     func() time.Time
	rand    io.Reader
	observe func(Event)
	states  stateKeys
	site    site
	floods  floods
	turns   turns
}

// present is what a reload replaces as one.
type present struct {
	directory Directory
	rules     *Rules
}

// site is what the store keeps about itself.
type site struct {
	DecoyKey []byte `cbor:"1,keyasint"`
}

func (f *site) Kind() Kind                     { return kindSite }
func (f *site) Key() string                    { return single }
func (f *site) MarshalBinary() ([]byte, error) { type plain site; return encoder.Marshal((*plain)(f)) }
func (f *site) UnmarshalBinary(b []byte) error {
	type plain site
	return decoder.Unmarshal(b, (*plain)(f))
}

// New opens a Service on a store, and prepares a store that is new.
func New(ctx context.Context, cfg Config) (*Service, error) {
	s := &Service{store: cfg.Store, now: cfg.Now, rand: cfg.Rand, observe: cfg.Observe}
	if s.now == nil {
		s.now = time.Now
	}
	if s.rand == nil {
		s.rand = rand.Reader
	}
	if s.observe == nil {
		s.observe = func(Event) {}
	}
	s.states.rand = s.rand
	s.Swap(cfg.Directory, cfg.Rules)
	if err := s.prepare(ctx, cfg.Lost); err != nil {
		return nil, fmt.Errorf("preparing the store: %w", err)
	}
	return s, nil
}

// Swap replaces the directory and the rules as one. Attempts under way end
// under the rules they began with.
func (s *Service) Swap(d Directory, r *Rules) { s.present.Store(&present{d, r}) }

func (s *Service) current() *present { return s.present.Load() }

// resolve leads a name, in any spelling, to its entry (I06).
func (s *Service) resolve(ctx context.Context, name string) (Identity, error) {
	return s.current().directory.Resolve(ctx, name)
}

// prepare reads the site's record, or writes the first one, and raises the
// floor where commits were lost.
func (s *Service) prepare(ctx context.Context, lost bool) error {
	key := make([]byte, 32)
	if _, err := io.ReadFull(s.rand, key); err != nil {
		return fmt.Errorf("drawing a key: %w", err)
	}
	durable, err := s.update(ctx, func(w *work) error {
		switch err := w.Get(&s.site); {
		case errors.Is(err, ErrMissing):
			s.site = site{DecoyKey: key}
			w.Put(&s.site)
			if err := w.event(Event{Reason: StoreCreated}); err != nil {
				return err
			}
		case err != nil:
			return fmt.Errorf("reading the site record: %w", err)
		}
		if !lost {
			return nil
		}
		return w.raiseFloor(s.current().rules)
	})
	if err != nil {
		return err
	}
	return durable.Wait(ctx)
}

// raiseFloor refuses for ever every code that may have been accepted before:
// all steps that began before the window's far end.
func (w *work) raiseFloor(r *Rules) error {
	h, err := w.head()
	if err != nil {
		return err
	}
	span := time.Duration(r.OTP.Window+1) * r.OTP.Period
	if floor := w.now.Add(span); floor.After(h.Floor) {
		h.Floor = floor
	}
	h.Raised = w.now
	h.Step = w.now // nothing of before is accepted, even if the clock was ahead then
	w.Put(&h)
	return w.event(Event{Reason: FloorRaised, Detail: "until " + h.Floor.UTC().Format(time.RFC3339)})
}

package httpapi

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"twofold/core"
)

// maxKey is the longest API key looked at, in octets.
const maxKey = 256

// byKey finds whose API key the request carries.
func (s *Server) byKey(e *exchange) (core.Actor, error) {
	key, err := keyOf(e.r)
	if err != nil {
		return core.Actor{}, err
	}
	if !s.badKeys.hear(e.peer, key) {
		return s.byDoubtfulKey(e, key)
	}
	actor, err := s.cfg.Core.KeyActor(e.r.Context(), key)
	switch {
	case err == nil:
		s.badKeys.good(key)
	case errors.Is(err, core.ErrBadKey):
		s.badKeys.bad(e.peer, key)
		e.log.Warn("unknown API key", "peer", e.peer)
	}
	return actor, err
}

// byDoubtfulKey looks at a key from where too many unknown ones have come: one
// key at a time, and without a word in the log. So guessing costs little, and a
// stranger behind the same address as an application cannot shut it out when a
// restart has made every key unfamiliar.
func (s *Server) byDoubtfulKey(e *exchange, key string) (core.Actor, error) {
	if !s.doubtful.enter() {
		return core.Actor{}, errThrottled
	}
	defer s.doubtful.leave()
	actor, err := s.cfg.Core.KeyActor(e.r.Context(), key)
	switch {
	case err == nil:
		s.badKeys.good(key)
	case errors.Is(err, core.ErrBadKey):
		return core.Actor{}, errThrottled
	}
	return actor, err
}

// keyOf reads the key from either header. Two keys are none: it would depend
// on the reader which one counts.
func keyOf(r *http.Request) (string, error) {
	given := r.Header.Values("X-API-Key")
	for _, v := range r.Header.Values("Authorization") {
		scheme, key, _ := strings.Cut(v, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return "", fmt.Errorf("authorization scheme is not Bearer: %w", errNoKey)
		}
		given = append(given, strings.TrimSpace(key))
	}
	switch {
	case len(given) == 0:
		return "", errNoKey
	case len(given) > 1:
		return "", fmt.Errorf("more than one key given: %w", errNoKey)
	case given[0] == "" || len(given[0]) > maxKey:
		return "", core.ErrBadKey
	}
	return given[0], nil
}

// The bounds of listening to unknown keys. A key cannot be guessed; this keeps
// the guessing from costing anything.
const (
	badBurst    = 10
	badInterval = 6 * time.Second
	maxSources  = 4096
	maxFamiliar = 1024
)

// badKeys counts unknown keys by their source. One that was good before is
// listened to whatever else comes from there, so that a stranger behind the
// same address cannot shut an application out.
type badKeys struct {
	now      func() time.Time
	mu       sync.Mutex
	sources  map[netip.Prefix]time.Time // when all is forgiven (GCRA)
	forgave  time.Time
	familiar map[[sha256.Size]byte]struct{}
}

func newBadKeys(now func() time.Time) *badKeys {
	return &badKeys{now: now, sources: map[netip.Prefix]time.Time{}, familiar: map[[sha256.Size]byte]struct{}{}}
}

// hear tells whether a key from there is looked at like any other.
func (b *badKeys) hear(from netip.Addr, key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.familiar[sha256.Sum256([]byte(key))]; ok {
		return true
	}
	return b.sources[b.source(from)].Sub(b.now()) <= (badBurst-1)*badInterval
}

// bad charges the source, and forgets that the key was ever good.
func (b *badKeys) bad(from netip.Addr, key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.familiar, sha256.Sum256([]byte(key)))
	now, source := b.now(), b.source(from)
	full := b.sources[source]
	if full.Before(now) {
		full = now
	}
	b.sources[source] = full.Add(badInterval)
}

func (b *badKeys) good(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.familiar) >= maxFamiliar {
		clear(b.familiar)
	}
	b.familiar[sha256.Sum256([]byte(key))] = struct{}{}
}

// source is where from is counted. With the table full of sources that are not
// yet forgiven, new ones share one place.
func (b *badKeys) source(from netip.Addr) netip.Prefix {
	p := sourceOf(from)
	if _, ok := b.sources[p]; ok || len(b.sources) < maxSources {
		return p
	}
	if b.forgive(); len(b.sources) < maxSources {
		return p
	}
	return netip.Prefix{}
}

// forgive removes sources whose time is over, once in a while: a full table
// must not cost a walk for every stranger.
func (b *badKeys) forgive() {
	now := b.now()
	if now.Sub(b.forgave) < badInterval {
		return
	}
	b.forgave = now
	for old, full := range b.sources {
		if !full.After(now) {
			delete(b.sources, old)
		}
	}
}

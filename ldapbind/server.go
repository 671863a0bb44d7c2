package ldapbind

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// server is one URL: its connections, and what is known of its health.
type server struct {
	dialer
	user, password string
	account        account
	now            func() time.Time
	binds          *pool // each bind leaves its connection bound as somebody else
	searches       *lines
	kick           chan<- struct{}

	mu     sync.Mutex
	health health
	why    error // the trouble last seen; nil when up
	since  time.Time
}

// health is what a server is good for.
type health uint8

// A suspect failed or was slow once: others come first, until a probe has
// looked. One that is down failed its probe and is not tried at all.
const (
	up health = iota
	suspect
	down
)

func newServer(c Config, t target, kick chan<- struct{}) *server {
	s := &server{
		dialer: dialer{
			target:    t,
			connect:   c.ConnectTimeout,
			timeout:   c.Timeout,
			tlsConfig: &tls.Config{ServerName: t.host, RootCAs: c.CAs, MinVersion: tls.VersionTLS12},
		},
		user: c.BindUser, password: c.BindPassword, now: c.Now,
		binds: &pool{gate: newGate(c.MaxBinds, c.MaxWaiting)},
		kick:  kick,
	}
	s.searches = &lines{gate: newGate(c.MaxSearches, c.MaxWaiting), dial: s.dialService}
	return s
}

// search runs one search as the service account. It holds its place until it
// has ended, even where its caller has given up: the connection is shared.
func (s *server) search(ctx context.Context, q ldap.SearchRequest) ([]*ldap.Entry, result, error) {
	if err := s.searches.enter(ctx); err != nil {
		return nil, result{}, err
	}
	answer := make(chan reply, 1)
	go func() {
		defer s.searches.leave()
		answer <- s.searchAgain(ctx, q)
	}()
	var r reply
	select {
	case r = <-answer:
	case <-ctx.Done():
		r.err = ctx.Err()
	}
	s.judge(ctx, r.err)
	return r.found, r.result, r.err
}

// searchAgain sends a search that fell on a connection just being closed once
// more: a search harms nothing. It ends with a fresh connection, or when every
// line has failed once, lest one bad answer ends them for ever.
func (s *server) searchAgain(ctx context.Context, q ldap.SearchRequest) (r reply) {
	for range mostLines + 1 {
		c, fresh, err := s.searches.get(ctx)
		if err != nil {
			return reply{err: err}
		}
		r.found, r.result, r.err = c.search(q)
		if r.err == nil || fresh || ctx.Err() != nil || isTimeout(r.err) {
			return r
		}
	}
	return r
}

// dialService opens a connection that is bound as the service account.
func (s *server) dialService(ctx context.Context) (*conn, error) {
	if err := s.account.refused(s.now()); err != nil {
		return nil, err
	}
	c, err := s.dial(ctx)
	if err != nil {
		return nil, err
	}
	result, _, err := c.bind(ctx, s.user, s.password)
	if err != nil {
		err = fmt.Errorf("binding the service account: %w", err)
	} else if err = s.account.note(result, s.now()); err == nil {
		return c, nil
	}
	c.leave()
	return nil, err
}

// judge draws from how a request went what the server is good for. Callers
// that gave up, and too many callers, say nothing about the server.
func (s *server) judge(ctx context.Context, err error) {
	gaveUp := errors.Is(ctx.Err(), context.Canceled) || errors.Is(err, errOverloaded)
	if err != nil && !gaveUp {
		s.doubt(err)
	}
}

// doubt makes a server suspect and has it probed at once.
func (s *server) doubt(err error) {
	s.mu.Lock()
	fresh := s.health == up
	if fresh {
		s.health, s.why, s.since = suspect, err, s.now()
	}
	s.mu.Unlock()
	if !fresh {
		return
	}
	select {
	case s.kick <- struct{}{}:
	default: // a probe is already ordered
	}
}

// probe looks whether the server answers, and is the only way up or down.
func (s *server) probe(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.connect+s.timeout)
	defer cancel()
	err := s.tryOut(ctx)
	if err != nil && !isTimeout(err) {
		err = s.tryOut(ctx) // one connection may be cut by chance
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.health, s.why = up, nil
	case s.health != down:
		s.health, s.why, s.since = down, err, s.now()
	default:
		s.why = err
	}
}

func (s *server) tryOut(ctx context.Context) error {
	c, err := s.dialService(ctx)
	if err != nil {
		return err
	}
	defer c.leave()
	defer context.AfterFunc(ctx, c.cut)()
	_, result, err := c.search(rootDSE("currentTime"))
	if err == nil && result.code != ldap.LDAPResultSuccess {
		return result
	}
	return err
}

func (s *server) state() (health, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.health, s.why
}

func (s *server) close() {
	s.binds.close()
	s.searches.close()
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

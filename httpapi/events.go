package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"twofold/core"
)

// jsonLines is the content type of streams: one JSON value a line.
const jsonLines = "application/jsonl"

func (s *Server) verifyEvents(c *call) (core.ChainReport, error) {
	if err := c.allow(longest); err != nil {
		return core.ChainReport{}, err
	}
	return s.cfg.Core.VerifyEvents(c.r.Context(), c.actor)
}

// events gives a page of the log, or follows it.
func (s *Server) events(c *call) error {
	q := core.EventQuery{
		Since: c.q.time("since"), Until: c.q.time("until"), User: c.q.Get("user"),
		After: c.q.Get("after"), Limit: c.q.number("limit"),
	}
	follow := c.q.flag("follow")
	if c.q.err != nil {
		return c.q.err
	}
	page, err := s.cfg.Core.Events(c.r.Context(), c.actor, q)
	if err != nil {
		return err
	}
	if follow {
		return s.follow(c, q, page)
	}
	c.write(http.StatusOK, page)
	return nil
}

// How long a follower waits for news before it looks by itself, and before it
// sends an empty line, by which a caller who is gone is noticed.
const (
	followPoll = 2 * time.Second
	followBeat = 20 * time.Second
)

// follow streams the first page and everything after it, until the caller or
// the server goes. Followers are few, so that they need no worker's bound.
func (s *Server) follow(c *call, q core.EventQuery, page core.EventPage) error {
	if !s.followers.enter() {
		return fmt.Errorf("%d streams of events are open already: %w", cap(s.followers), errBusy)
	}
	defer s.followers.leave()
	c.w.Header().Set("Content-Type", jsonLines)
	c.w.WriteHeader(http.StatusOK)
	out := &lines{exchange: c.exchange}
	beat := s.cfg.Now()
	for {
		for _, e := range page.Events {
			out.send(e)
		}
		if now := s.cfg.Now(); len(page.Events) > 0 || now.Sub(beat) >= followBeat || beat.IsZero() {
			beat = now
			out.beat(len(page.Events) == 0)
		}
		q.After = page.Last
		if out.err != nil || page.Next == "" && !s.waitForNews(c.r.Context()) {
			return out.end()
		}
		var err error
		if page, err = s.cfg.Core.Events(c.r.Context(), c.actor, q); err != nil {
			return out.fail(err)
		}
	}
}

// lines writes JSON lines, and flushes them to the caller.
type lines struct {
	*exchange
	err error
}

func (l *lines) send(v any) {
	text, err := json.Marshal(v)
	if err == nil && l.err == nil {
		_, err = l.w.Write(append(text, '\n'))
	}
	if l.err == nil {
		l.err = err
	}
}

// beat flushes, and gives the next lines their time.
func (l *lines) beat(empty bool) {
	c := http.NewResponseController(l.w)
	if empty && l.err == nil {
		_, l.err = l.w.Write([]byte("\n"))
	}
	if l.err == nil {
		l.err = c.Flush()
	}
	if l.err == nil {
		l.err = c.SetWriteDeadline(time.Now().Add(2 * followBeat))
	}
}

// end logs what kept the stream from going on: the status is long sent.
func (l *lines) end() error {
	if l.err != nil {
		l.log.Debug("stream ended", "err", l.err)
	}
	return nil
}

// fail tells the caller, in the stream.
func (l *lines) fail(err error) error {
	if l.r.Context().Err() == nil {
		p, _ := problem(err, l.id)
		l.send(struct {
			Problem *Problem `json:"problem"`
		}{p})
		l.beat(false)
	}
	return l.end()
}

// news wakes whoever waits for an event.
type news struct {
	mu sync.Mutex
	ch chan struct{}
}

func (n *news) wait() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ch == nil {
		n.ch = make(chan struct{})
	}
	return n.ch
}

// Notice wakes those who follow the events. It fits core.Config.Observe, and
// never blocks.
func (s *Server) Notice(core.Event) {
	s.news.mu.Lock()
	defer s.news.mu.Unlock()
	if s.news.ch != nil {
		close(s.news.ch)
		s.news.ch = nil
	}
}

// waitForNews tells whether to go on. It looks now and then in any case: an
// event written by another node wakes nobody here.
func (s *Server) waitForNews(ctx context.Context) bool {
	timer := time.NewTimer(followPoll)
	defer timer.Stop()
	select {
	case <-s.news.wait():
	case <-timer.C:
	case <-ctx.Done():
		return false
	case <-s.closing:
		return false
	}
	return true
}

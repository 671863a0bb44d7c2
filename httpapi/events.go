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
	if !s.verifying.enter() {
		return core.ChainReport{}, errBusy
	}
	defer s.verifying.leave()
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
	news := s.news.wait()
	page, err := s.cfg.Core.Events(c.r.Context(), c.actor, q)
	if err != nil {
		return err
	}
	if follow {
		return s.follow(c, q, page, news)
	}
	c.write(http.StatusOK, page)
	return nil
}

// How long a follower waits for news before it looks by itself; how long it
// lets news gather; and when it makes sure that both sides are still there: it
// sends an empty line, and asks whether the caller may still come in.
const (
	followPoll  = 2 * time.Second
	followPause = 50 * time.Millisecond
	followBeat  = 20 * time.Second
)

// follow streams the first page and everything after it, until the caller or
// the server goes. news is from before the page was read: what came meanwhile
// wakes too.
func (s *Server) follow(c *call, q core.EventQuery, page core.EventPage, news <-chan struct{}) error {
	if !c.hall.followers.enter() {
		return fmt.Errorf("%d streams of events are open already: %w", cap(c.hall.followers), errBusy)
	}
	defer c.hall.followers.leave()
	c.w.Header().Set("Content-Type", jsonLines)
	c.w.WriteHeader(http.StatusOK)
	out := &lines{exchange: c.exchange}
	var beat time.Time
	for {
		out.events(page.Events)
		if now := s.cfg.Now(); now.Sub(beat) >= followBeat {
			beat = now
			if err := c.still(); err != nil {
				return out.fail(err)
			}
			out.empty()
		}
		q.After = page.Last
		if out.err != nil || page.Next == "" && !s.waitFor(c.r.Context(), news) {
			return out.end()
		}
		news = s.news.wait()
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

// events sends some, at once.
func (l *lines) events(all []core.Event) {
	for _, e := range all {
		l.send(e)
	}
	if len(all) > 0 {
		l.flush()
	}
}

// empty sends an empty line.
func (l *lines) empty() {
	if l.err == nil {
		_, l.err = l.w.Write([]byte("\n"))
	}
	l.flush()
}

// flush sends what was written, and gives the next lines their time.
func (l *lines) flush() {
	c := http.NewResponseController(l.w)
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
		l.flush()
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

// waitFor tells whether to go on. It looks now and then in any case: an
// event written by another node wakes nobody here.
func (s *Server) waitFor(ctx context.Context, news <-chan struct{}) bool {
	if !s.pause(ctx, followPause, nil) {
		return false
	}
	return s.pause(ctx, followPoll, news)
}

// pause waits so long, or until early is closed; it tells whether to go on.
func (s *Server) pause(ctx context.Context, wait time.Duration, early <-chan struct{}) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-early:
	case <-timer.C:
	case <-ctx.Done():
		return false
	case <-s.closing:
		return false
	}
	return true
}

package main

import (
	"context"
	"io"
	"log/slog"
	"sync/atomic"

	"twofold/conf"
	"twofold/core"
	"twofold/ops"
)

// newLog writes to w as the configuration says.
func newLog(w io.Writer, format string, level slog.Leveler) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

func (s *server) setLevel(c *conf.Config) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(c.Log.Level)); err != nil {
		s.log.Error("log.level is not understood", "err", err)
		return
	}
	s.level.Set(l)
}

func (s *server) warn(ws conf.Warnings) {
	for _, w := range ws {
		s.log.Warn("config: " + w.String())
	}
}

// journal turns events into log lines. Core may not wait for a log that is
// read slowly: beyond its room, lines are left out and counted. The audit log
// has all of them.
type journal struct {
	log     *slog.Logger
	metrics *ops.Metrics
	also    atomic.Pointer[func(core.Event)]
	lines   chan core.Event
	left    atomic.Uint64
	end     chan struct{}
	ended   chan struct{}
}

func newJournal(log *slog.Logger, m *ops.Metrics) *journal {
	j := &journal{log: log, metrics: m, lines: make(chan core.Event, 4096), end: make(chan struct{}), ended: make(chan struct{})}
	go j.write()
	return j
}

// follow tells another one of every event.
func (j *journal) follow(notice func(core.Event)) { j.also.Store(&notice) }

// tell fits core.Config.Observe.
func (j *journal) tell(e core.Event) {
	j.metrics.Event(e)
	if also := j.also.Load(); also != nil {
		(*also)(e)
	}
	if !j.log.Enabled(context.Background(), slog.LevelInfo) {
		return
	}
	select {
	case j.lines <- e:
	default:
		j.left.Add(1)
	}
}

func (j *journal) write() {
	defer close(j.ended)
	for {
		select {
		case e := <-j.lines:
			j.line(e)
		case <-j.end:
			j.rest()
			return
		}
		if n := j.left.Swap(0); n > 0 {
			j.log.Warn("log is read too slowly; events left out of it", "count", n)
		}
	}
}

// rest writes what is there already.
func (j *journal) rest() {
	for {
		select {
		case e := <-j.lines:
			j.line(e)
		default:
			return
		}
	}
}

// close writes what was told before. It is called once; what is told later is
// left out.
func (j *journal) close() error {
	close(j.end)
	<-j.ended
	return nil
}

// line says who, over which client, with what result, and why. No event
// carries a secret (I10).
func (j *journal) line(e core.Event) {
	attrs := []slog.Attr{slog.String("id", e.Reason.String()), slog.String("why", e.Reason.Name())}
	for _, a := range []struct{ key, value string }{
		{"user", e.User}, {"client", e.Client}, {"nas", e.NAS}, {"from", e.From},
		{"actor", e.Actor}, {"detail", e.Detail}, {"attempt", e.Attempt},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.key, a.value))
		}
	}
	if e.Count > 0 {
		attrs = append(attrs, slog.Int("count", e.Count))
	}
	j.log.LogAttrs(context.Background(), slog.LevelInfo, headline(e), attrs...)
}

// headline begins the line: accept, reject, challenge, or what was done.
func headline(e core.Event) string {
	if e.Reason < 5000 {
		return e.Result.String()
	}
	return e.Reason.Name()
}

package ldapbind

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"twofold/ldapbind/wire"
)

// line is one connection, bound as the service account, that carries many
// searches at once. Those who ask at the same time share one write, and their
// answers one read: under load that is most of what a search costs.
type line struct {
	*conn
	timeout time.Duration

	mu       sync.Mutex
	queued   []byte // requests not yet written
	written  []byte // the buffer before, to be used again
	flushing bool
	pending  map[int]*asked
	dead     error // nothing more is asked
	closed   bool
	used     time.Time
}

// asked is a search on its way. The one who reads fills it in and closes done.
type asked struct {
	found  []wire.Entry
	result wire.Result
	err    error
	done   chan struct{}
}

var errLineClosed = errors.New("the connection was closed")

func newLine(c *conn, timeout time.Duration) *line {
	return &line{conn: c, timeout: timeout, pending: map[int]*asked{}, used: time.Now()}
}

func (l *line) search(ctx context.Context, q wire.Search) ([]wire.Entry, wire.Result, error) {
	a := &asked{done: make(chan struct{})}
	id, first, err := l.queue(q, a)
	if err != nil {
		return nil, a.result, err
	}
	if first {
		runtime.Gosched() // whoever is about to ask too may join this write
		l.flush()
	}
	select {
	case <-a.done:
		return a.found, a.result, a.err
	case <-ctx.Done():
		l.abandon(id)
		return nil, wire.Result{}, ctx.Err()
	}
}

// queue adds a request to those to be written. The first has to flush.
func (l *line) queue(q wire.Search, a *asked) (id int, first bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead != nil {
		return 0, false, l.dead
	}
	l.used = time.Now()
	if len(l.pending) == 0 {
		if err := l.SetReadDeadline(l.used.Add(l.timeout)); err != nil {
			l.dead = err
			return 0, false, err
		}
	}
	id = l.nextID()
	l.queued = wire.AppendSearch(l.queued, id, q)
	l.pending[id] = a
	first = !l.flushing
	l.flushing = true
	return id, first, nil
}

// flush writes what is queued, and what is queued meanwhile.
func (l *line) flush() {
	for {
		requests := l.next()
		if requests == nil {
			return
		}
		err := l.SetWriteDeadline(time.Now().Add(l.timeout))
		if err == nil {
			_, err = l.Write(requests)
		}
		if err != nil {
			l.fail(err)
		}
	}
}

// next takes the queue, and ends the flush where it is empty.
func (l *line) next() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queued) == 0 || l.dead != nil {
		l.flushing = false
		return nil
	}
	requests := l.queued
	l.queued, l.written = l.written[:0], requests
	return requests
}

// listen reads answers until the connection ends. It is also what notices that
// the server closed an idle connection.
func (l *line) listen() {
	for {
		if err := l.beforeRead(); err != nil {
			l.fail(err)
			return
		}
		message, buf, err := wire.Read(l.reader, l.in)
		l.in = buf
		if err == nil {
			err = l.take(message)
		}
		if err != nil {
			l.fail(err)
			return
		}
	}
}

// beforeRead gives a server that owes answers its time for the next one. One
// that owes none may be silent for ever.
func (l *line) beforeRead() error {
	if l.reader.Buffered() > 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var until time.Time
	if len(l.pending) > 0 {
		until = time.Now().Add(l.timeout)
	}
	return l.SetReadDeadline(until)
}

// take hands a message to who asked for it. Answers to searches that were
// abandoned belong to nobody; a message without a number is a server's farewell
// (RFC 4511 section 4.4.1).
func (l *line) take(message []byte) error {
	answer, err := wire.Parse(message)
	if err != nil {
		return err
	}
	if answer.ID == 0 {
		return errLineClosed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.pending[answer.ID]
	if a == nil {
		return nil
	}
	switch answer.Op {
	case wire.SearchEntry:
		a.found, err = appendEntry(a.found, answer)
	case wire.SearchReference: // never followed
	case wire.SearchDone:
		a.result, err = answer.Result()
		if err == nil {
			delete(l.pending, answer.ID)
			close(a.done)
		}
	default:
		err = errProtocol
	}
	return err
}

func (l *line) abandon(id int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pending, id)
}

// fail ends the line for everybody who waits on it.
func (l *line) fail(why error) {
	l.mu.Lock()
	first := !l.closed
	l.closed = true
	if l.dead == nil {
		l.dead = why
	}
	for id, a := range l.pending {
		a.err = why
		delete(l.pending, id)
		close(a.done)
	}
	l.mu.Unlock()
	if first {
		l.lost = l.Close()
	}
}

// load is how many wait on the line; idle since when, if nobody does.
func (l *line) load() (waiting int, idle time.Time, alive bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pending), l.used, l.dead == nil
}

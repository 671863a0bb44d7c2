package ldapbind

import (
	"context"
	"sync"
	"time"
)

// maxIdle is how long a connection may wait for work. Active Directory closes
// those idle for a quarter of an hour.
const maxIdle = 5 * time.Minute

// trusted is how long ago a connection may have been used to be taken for
// open without looking.
const trusted = 2 * time.Millisecond

// pool keeps the connections for binds to one server. The one used last is
// used first, so that those not needed grow old and are closed.
type pool struct {
	*gate

	mu     sync.Mutex
	idle   []*conn
	closed bool
}

// get returns a connection left idle, or nil where the caller has to dial one.
// Either way it holds a slot, which put gives back.
func (p *pool) get(ctx context.Context) (*conn, error) {
	if err := p.enter(ctx); err != nil {
		return nil, err
	}
	for {
		c := p.pop()
		if c == nil {
			return nil, nil
		}
		idle := time.Since(c.lastUse)
		if c.whole() && (idle < trusted || idle < maxIdle && c.stream.silent()) {
			return c, nil
		}
		c.leave()
	}
}

func (p *pool) pop() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	c := p.idle[n-1]
	p.idle[n-1] = nil
	p.idle = p.idle[:n-1]
	return c
}

// put ends the use of a connection; nil where there was none in the end.
func (p *pool) put(c *conn) {
	if c != nil && !p.keep(c) {
		c.leave()
	}
	p.leave()
}

func (p *pool) keep(c *conn) bool {
	c.lastUse = time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !c.whole() || p.closed {
		return false
	}
	p.idle = append(p.idle, c)
	return true
}

// close ends the idle connections, and those in use when they come back.
func (p *pool) close() { p.drop(time.Time{}, true) }

// tidy closes connections that nobody has used for long.
func (p *pool) tidy() { p.drop(time.Now().Add(-maxIdle), false) }

// drop takes out what has been idle since before the time; zero means all.
func (p *pool) drop(before time.Time, closing bool) {
	p.mu.Lock()
	p.closed = p.closed || closing
	var out, stay []*conn
	for _, c := range p.idle {
		if before.IsZero() || c.lastUse.Before(before) {
			out = append(out, c)
		} else {
			stay = append(stay, c)
		}
	}
	p.idle = stay
	p.mu.Unlock()
	for _, c := range out {
		c.leave()
	}
}

func (p *pool) stats() PoolStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gate.stats(len(p.idle))
}

package ldapbind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// conn is one connection. A bind has it to itself, as RFC 4511 section 4.2.1
// demands; many searches may share one.
type conn struct {
	*ldap.Conn
	stream  *stream
	timeout time.Duration // of one request
	asking  atomic.Int64  // searches under way
	broken  atomic.Bool   // an answer is missing or was not understood: never use it again
	lastUse time.Time     // for whoever keeps it
}

// bind sends one bind. Without an error it was answered; with one, sent tells
// whether the server may have seen it (I04).
func (c *conn) bind(ctx context.Context, name, password string) (answer result, sent bool, err error) {
	if err := ctx.Err(); err != nil {
		return result{}, false, err
	}
	before := c.stream.written.Load()
	stop := context.AfterFunc(ctx, c.cut)
	answer, err = c.ask(func() error { return c.Conn.Bind(name, password) })
	if !stop() {
		c.cut() // the other cut may be yet to come
	}
	return answer, c.stream.written.Load() > before, err
}

// search collects the entries that a search brings. Referrals are not followed.
func (c *conn) search(q ldap.SearchRequest) (found []*ldap.Entry, answer result, err error) {
	c.asking.Add(1)
	defer c.asking.Add(-1)
	q.TimeLimit = int((c.timeout + time.Second - 1) / time.Second)
	q.EnforceSizeLimit = true
	answer, err = c.ask(func() error {
		all, err := c.Conn.Search(&q)
		if all != nil {
			found = all.Entries
		}
		return err
	})
	if err != nil {
		return nil, answer, err
	}
	return found, answer, nil
}

// ask runs one request of go-ldap's. Where the answer does not come in time, or
// is not understood, the connection ends, and whatever else waits on it.
func (c *conn) ask(request func() error) (result, error) {
	timer := time.AfterFunc(c.timeout, c.cut)
	answer, err := answered(guard(request))
	late := !timer.Stop()
	if late && err != nil {
		err = fmt.Errorf("no answer within %v: %w", c.timeout, os.ErrDeadlineExceeded)
	}
	if late || err != nil {
		c.cut()
	}
	return answer, err
}

// guard keeps a malformed answer from ending the process: go-ldap takes answers
// apart in the goroutine of whoever asked, which may be one of ours.
func guard(request func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errProtocol, r)
		}
	}()
	return request()
}

var errProtocol = errors.New("the server answered what cannot be understood")

// cut ends a connection at once, without a farewell. go-ldap notices.
func (c *conn) cut() {
	c.broken.Store(true)
	if err := c.stream.raw.Close(); err != nil {
		return // closed already
	}
}

// whole tells whether a connection may be used again, as far as is known.
func (c *conn) whole() bool { return !c.broken.Load() && !c.IsClosing() }

// farewell is how long taking leave may last.
const farewell = 50 * time.Millisecond

// leave closes a connection, with a farewell where it is still whole. What
// goes wrong then concerns nobody any more.
func (c *conn) leave() {
	late := time.AfterFunc(farewell, c.cut)
	defer late.Stop()
	if c.whole() && c.Unbind() == nil {
		return // which closed it
	}
	c.cut()
	if err := c.Close(); err != nil {
		return // closed already
	}
}

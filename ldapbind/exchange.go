package ldapbind

import (
	"context"
	"errors"
	"fmt"
	"time"

	"twofold/ldapbind/wire"
)

var errProtocol = errors.New("the server answered something else than what was asked")

// past makes every read and write on a connection return.
var past = time.Unix(1, 0)

// exchange writes a request and reads the first message of its answer, within
// the deadline and ctx. sent tells whether the server may have seen the
// request. After an error the connection is broken.
func (c *conn) exchange(ctx context.Context, deadline time.Time, request []byte) (answer wire.Response, sent bool, err error) {
	release, err := c.watch(ctx, deadline)
	if err != nil {
		return answer, false, err
	}
	defer func() { release(err) }()
	return c.ask(request)
}

func (c *conn) ask(request []byte) (answer wire.Response, sent bool, err error) {
	c.out = request
	n, err := c.Write(request)
	if err != nil {
		// Nothing written is nothing seen: a TLS record counts as written only
		// when it is whole, and part of one cannot be read.
		return answer, n > 0, fmt.Errorf("writing: %w", err)
	}
	answer, err = c.read()
	return answer, true, err
}

// watch bounds what follows by the deadline and by ctx. What it returns ends
// that, and marks the connection where it failed or was interrupted.
func (c *conn) watch(ctx context.Context, deadline time.Time) (release func(error), err error) {
	if limit, ok := ctx.Deadline(); ok && limit.Before(deadline) {
		deadline = limit
	}
	if err := c.SetDeadline(deadline); err != nil {
		c.broken = true
		return nil, fmt.Errorf("setting the deadline: %w", err)
	}
	if ctx.Done() == nil {
		return func(err error) { c.broken = c.broken || err != nil }, nil
	}
	stop := context.AfterFunc(ctx, c.interrupt)
	return func(err error) {
		if !stop() || err != nil {
			c.broken = true
		}
	}, nil
}

// interrupt ends what the connection waits for; the one who waits closes it.
func (c *conn) interrupt() {
	if err := c.SetDeadline(past); err != nil {
		return // closed already: nobody waits
	}
}

// read reads one answer to the latest request.
func (c *conn) read() (wire.Response, error) {
	message, buf, err := wire.Read(c.reader, c.in)
	c.in = buf
	if err != nil {
		return wire.Response{}, fmt.Errorf("reading: %w", err)
	}
	answer, err := wire.Parse(message)
	if err != nil {
		return wire.Response{}, fmt.Errorf("reading: %w", err)
	}
	if answer.ID != c.id {
		return wire.Response{}, errProtocol
	}
	return answer, nil
}

// bind sends one bind request. Without an error it has an answer.
func (c *conn) bind(ctx context.Context, deadline time.Time, name, password string) (result wire.Result, sent bool, err error) {
	answer, sent, err := c.exchange(ctx, deadline, wire.AppendBind(c.out[:0], c.nextID(), name, password))
	clear(c.out) // the password
	if err != nil {
		return result, sent, err
	}
	if answer.Op != wire.BindResponse {
		c.broken = true
		return result, sent, errProtocol
	}
	if result, err = answer.Result(); err != nil {
		c.broken = true
	}
	return result, sent, err
}

// search collects the entries of one search. Referrals are not followed.
func (c *conn) search(ctx context.Context, deadline time.Time, s wire.Search) (found []wire.Entry, result wire.Result, err error) {
	release, err := c.watch(ctx, deadline)
	if err != nil {
		return nil, result, err
	}
	defer func() { release(err) }()
	answer, _, err := c.ask(wire.AppendSearch(c.out[:0], c.nextID(), s))
	for err == nil {
		switch answer.Op {
		case wire.SearchEntry:
			found, err = appendEntry(found, answer)
		case wire.SearchReference:
		case wire.SearchDone:
			result, err = answer.Result()
			return found, result, err
		default:
			err = errProtocol
		}
		if err == nil {
			answer, err = c.read()
		}
	}
	return nil, result, err
}

func appendEntry(found []wire.Entry, answer wire.Response) ([]wire.Entry, error) {
	e, err := answer.Entry()
	return append(found, e), err
}

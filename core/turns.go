package core

import (
	"context"
	"errors"
	"sync"
)

// Binds under way count against the password budget, since each may turn out
// wrong. A service account that logs in at twenty switches at once must not be
// refused for that: where only binds under way stand in the way, an attempt
// waits for one of them to end.

// mostTurns bounds how many attempts wait for one person's binds. Strangers
// could otherwise keep every worker waiting behind a slow directory (I12).
const mostTurns = 32

// errTurn undoes a transaction whose attempt has to wait.
var errTurn = errors.New("waiting for a bind under way")

// turns are those who wait, by person. Its zero value is ready.
type turns struct {
	mu     sync.Mutex
	people map[AccountID]*turn
}

// turn ends when a bind of its person has ended.
type turn struct {
	ended   chan struct{}
	waiting int
}

// join must come before the look at the account whose outcome is waited for,
// so that no end is missed. There is none where as many wait as may, or where
// nothing would end the wait.
func (t *turns) join(ctx context.Context, id AccountID) (*turn, bool) {
	if ctx.Done() == nil {
		return nil, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.people == nil {
		t.people = map[AccountID]*turn{}
	}
	own := t.people[id]
	if own == nil {
		own = &turn{ended: make(chan struct{})}
		t.people[id] = own
	}
	if own.waiting >= mostTurns {
		return nil, false
	}
	own.waiting++
	return own, true
}

// leave ends the wait of one.
func (t *turns) leave(id AccountID, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own.waiting--
	if own.waiting == 0 && t.people[id] == own {
		delete(t.people, id)
	}
}

// end wakes all who wait for a bind of this person.
func (t *turns) end(id AccountID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own := t.people[id]; own != nil {
		delete(t.people, id)
		close(own.ended)
	}
}

// inTurn begins again whenever a bind under way has ended, until it may go on
// or its time is over.
func (s *Service) inTurn(ctx context.Context, c *Case) Verdict {
	c.note("as many binds are under way as the password budget has left: waiting for one to end")
	for {
		v, again := s.takeTurn(ctx, c)
		if !again {
			return v
		}
	}
}

func (s *Service) takeTurn(ctx context.Context, c *Case) (v Verdict, again bool) {
	own, ok := s.turns.join(ctx, c.Who.ID)
	if !ok {
		return s.noteRefusal(ctx, c, refuse(PasswordsThrottled)), false
	}
	defer s.turns.leave(c.Who.ID, own)
	if v = s.begin(ctx, c); v.next != toWait {
		return v, false
	}
	select {
	case <-own.ended:
		return v, true
	case <-ctx.Done():
		return s.noteRefusal(ctx, c, refuse(PasswordsThrottled)), false
	}
}

package core

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// change is one administrative act on one person, within its transaction.
type change struct {
	*work
	*Account
	actor   Actor
	who     Identity
	anew    bool // the record was damaged, and this act begins another
	audited bool
}

// audit writes the act's event.
func (c *change) audit(why Reason, detail string) error {
	c.audited = true
	if c.anew {
		detail = strings.TrimPrefix(detail+"; the record was damaged", "; ")
	}
	return c.event(Event{
		Reason: why, Actor: c.actor.Name, User: c.who.Display(), Account: c.who.ID, Detail: detail,
	})
}

// errUnaudited: an act forgot its event, which must not happen (I13).
var errUnaudited = errors.New("act left no event")

// change authorises the act, finds the person, and runs fn on their account.
// What fn changes and the event it writes are one transaction, and on the disk
// when change returns: an act that cannot be audited does not happen (I11, I13).
func (s *Service) change(ctx context.Context, actor Actor, what act, name string, fn func(*change) error) (Account, Identity, error) {
	if err := s.authorise(ctx, actor, what, name); err != nil {
		return Account{}, Identity{}, err
	}
	who, err := s.person(ctx, name)
	if err != nil {
		return Account{}, Identity{}, err
	}
	a, err := s.apply(ctx, actor, who, mends(actor, what), fn)
	if err != nil {
		return Account{}, Identity{}, fmt.Errorf("%s %s: %w", what, who.Display(), err)
	}
	return a, who, nil
}

// mends tells whether an act may begin a new record where the old one is
// damaged or lost: only an administrator's reset, after which the person is
// pending and enrols again (I07). What else the record said, a block too, is gone.
func mends(actor Actor, what act) bool { return actor.Role == Admin && what == actReset }

func (s *Service) apply(ctx context.Context, actor Actor, who Identity, mend bool, fn func(*change) error) (after Account, err error) {
	durable, err := s.update(ctx, func(w *work) error {
		after, err = w.account(who.ID)
		c := &change{work: w, Account: &after, actor: actor, who: who}
		if mend && errors.Is(err, ErrDamaged) {
			c.anew, after, err = true, Account{ID: who.ID, Standing: Pending}, nil
		}
		if err != nil {
			return err
		}
		return c.run(fn)
	})
	if err != nil {
		return Account{}, err
	}
	return after, durable.Wait(ctx)
}

// run runs fn on the account and keeps it.
func (c *change) run(fn func(*change) error) error {
	c.Login, c.Domain, c.Name = c.who.Login, c.who.Domain, c.who.Name
	if err := fn(c); err != nil {
		return err
	}
	if !c.audited {
		return errUnaudited
	}
	c.keep(*c.Account)
	if c.Since.IsZero() {
		c.Since = c.now
	}
	return nil
}

// changed is change for acts that answer with the person's new view.
func (s *Service) changed(ctx context.Context, actor Actor, what act, name string, fn func(*change) error) (UserView, error) {
	a, who, err := s.change(ctx, actor, what, name, fn)
	if err != nil {
		return UserView{}, err
	}
	return s.view(a, who), nil
}

// Unlock forgets a person's wrong codes and passwords, ends the lock that
// follows wrong codes after a right password, and enables tokens that were
// disabled for the same cause. The directory's own lock is not touched.
func (s *Service) Unlock(ctx context.Context, actor Actor, name string) (UserView, error) {
	return s.changed(ctx, actor, actUnlock, name, func(c *change) error {
		c.Wrong, c.Known = nil, Known{}
		for i := range c.Lanes {
			c.Lanes[i].Full = c.now
		}
		return c.audit(UserUnlocked, counted(c.enableTokens(), "token", "enabled again"))
	})
}

// enableTokens enables disabled tokens and tells how many there were.
func (a *Account) enableTokens() (n int) {
	for i := range a.Tokens {
		if a.Tokens[i].Disabled {
			a.Tokens[i].Disabled = false
			n++
		}
	}
	if n > 0 {
		a.Standing = Enrolled
	}
	return n
}

// maxWhy bounds the reason of a block, in octets (I12).
const maxWhy = 256

// Block refuses a person until Unblock, whatever they bring.
func (s *Service) Block(ctx context.Context, actor Actor, name, why string) (UserView, error) {
	return s.changed(ctx, actor, actBlock, name, func(c *change) error {
		if len(why) > maxWhy {
			return fmt.Errorf("reason is longer than %d octets: %w", maxWhy, ErrInvalid)
		}
		if c.Account.Block != nil {
			return fmt.Errorf("blocked already, by %s: %w", c.Account.Block.By, ErrConflict)
		}
		c.Account.Block = &Block{By: actor.Name, Why: tidyText(why), Since: c.now}
		return c.audit(UserBlocked, tidyText(why))
	})
}

// Unblock ends a block.
func (s *Service) Unblock(ctx context.Context, actor Actor, name string) (UserView, error) {
	return s.changed(ctx, actor, actUnblock, name, func(c *change) error {
		if c.Account.Block == nil {
			return fmt.Errorf("not blocked: %w", ErrConflict)
		}
		c.Account.Block = nil
		return c.audit(UserUnblocked, "")
	})
}

// counted says "2 tokens enabled again", or nothing of none.
func counted(n int, what, done string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("1 %s %s", what, done)
	}
	return fmt.Sprintf("%d %ss %s", n, what, done)
}

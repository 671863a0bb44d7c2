package core

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// UserQuery asks for stored accounts whose login, name or domain contains
// Text. Cursor continues where a page ended.
type UserQuery struct {
	Text, Cursor string
	Limit        int // 0: 50; at most 500
}

// UserPage is a part of a list. With Next there is more to ask for, even if
// this part is short or empty: the work for one page is bounded.
type UserPage struct {
	Users []UserView `json:"users"`
	Next  string     `json:"next,omitempty"`
}

// The bounds of one page (I12).
const (
	defaultPage = 50
	maxPage     = 500
	maxVisited  = 20_000 // records looked at for one page
)

func pageSize(limit int) int {
	if limit <= 0 {
		return defaultPage
	}
	return min(limit, maxPage)
}

// Users lists accounts from the store, without asking the directory.
func (s *Service) Users(ctx context.Context, actor Actor, q UserQuery) (UserPage, error) {
	if err := s.authorise(ctx, actor, actShow, ""); err != nil {
		return UserPage{}, err
	}
	after, err := cursor(q.Cursor)
	if err != nil {
		return UserPage{}, err
	}
	page, visited, text := UserPage{Users: []UserView{}}, 0, fold(q.Text)
	err = s.store.Scan(ctx, kindAccount, after, func(key string, load func(Record) error) bool {
		if len(page.Users) == pageSize(q.Limit) || visited == maxVisited {
			page.Next = hex.EncodeToString([]byte(after))
			return false
		}
		visited, after = visited+1, key
		if v := s.listed(key, load); v.Damaged || v.contains(text) {
			page.Users = append(page.Users, v)
		}
		return ctx.Err() == nil
	})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return UserPage{}, fmt.Errorf("listing accounts: %w", err)
	}
	return page, nil
}

// cursor reads the key that a page ended with.
func cursor(text string) (string, error) {
	key, err := hex.DecodeString(text)
	if err != nil || len(key) > 128 {
		return "", fmt.Errorf("cursor %.32q did not come from a list: %w", text, ErrInvalid)
	}
	return string(key), nil
}

// listed views a scanned record. A damaged one is shown as such: it must not
// vanish from the list, nor keep the others out of it.
func (s *Service) listed(key string, load func(Record) error) UserView {
	var a Account
	copy(a.ID[:], key)
	if err := load(&a); err != nil {
		return UserView{Account: a.ID, Damaged: true}
	}
	return s.view(a, Identity{})
}

func (v UserView) contains(text string) bool {
	for _, name := range []string{v.Login, v.Name, v.Domain, v.Display()} {
		if strings.Contains(fold(name), text) {
			return true
		}
	}
	return false
}

// User shows one person. Somebody the store never heard of, but the directory
// knows, is shown as never enrolled.
func (s *Service) User(ctx context.Context, actor Actor, name string) (UserView, error) {
	if err := s.authorise(ctx, actor, actShow, name); err != nil {
		return UserView{}, err
	}
	who, err := s.person(ctx, name)
	if err != nil {
		return UserView{}, err
	}
	a, err := s.stored(ctx, who.ID)
	if err != nil {
		return UserView{}, err
	}
	return s.view(a, who), nil
}

// person leads a name to somebody (I06). A person whom the directory no longer
// tells of can still be named by the account's id, so that a record can be
// dealt with when its entry is gone or the directory is down.
func (s *Service) person(ctx context.Context, name string) (Identity, error) {
	who, err := s.resolve(ctx, name)
	if err == nil {
		return who, nil
	}
	id, ok := parseAccountID(name)
	if !ok {
		return Identity{}, lookupError(name, err)
	}
	a, gone := s.stored(ctx, id)
	if gone != nil {
		return Identity{}, gone
	}
	if a.Since.IsZero() {
		return Identity{}, fmt.Errorf("account %v: %w", id, ErrUnknownUser)
	}
	return Identity{ID: id, Login: a.Login, Domain: a.Domain, Name: a.Name}, nil
}

// lookupError says what was looked up.
func lookupError(name string, err error) error {
	return fmt.Errorf("looking up %q: %w", tidyName(name), unknownDomain(name, err))
}

// unknownDomain adds that it may be the name's domain which is unknown: only
// the directories' own domains and suffixes lead anywhere.
func unknownDomain(name string, err error) error {
	if errors.Is(err, ErrUnknownUser) && bareName(name) != strings.TrimSpace(name) {
		return fmt.Errorf("%w: nobody has that name, or its domain is not a configured one", err)
	}
	return err
}

// stored reads an account, fresh if there is none. Reading is possible when
// the disk is too low for writes.
func (s *Service) stored(ctx context.Context, id AccountID) (a Account, err error) {
	_, err = s.update(WithReserve(ctx), func(w *work) (err error) {
		a, err = w.account(id)
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("reading the account: %w", err)
	}
	return a, nil
}

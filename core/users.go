package core

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// UserView is what administrators see of a person. It holds no secret.
type UserView struct {
	Account        AccountID   `json:"account"`
	Login          string      `json:"login"`
	Domain         string      `json:"domain,omitempty"`
	Name           string      `json:"name,omitempty"`
	UPN            string      `json:"upn,omitempty"`          // only where the directory was asked
	Directory      string      `json:"directory,omitempty"`    // likewise
	InDirectory    bool        `json:"in_directory,omitempty"` // likewise: lists come from the store alone
	Standing       string      `json:"standing"`               // "never enrolled", "enrolled", "pending"
	Blocked        *BlockView  `json:"blocked,omitempty"`
	Tokens         []TokenView `json:"tokens"`
	TempCodes      []TempView  `json:"temp_codes"`
	Lanes          []LaneView  `json:"lanes"`
	LockedUntil    time.Time   `json:"locked_until,omitzero"`
	WrongPasswords int         `json:"wrong_passwords"`
	LastAccept     time.Time   `json:"last_accept,omitzero"`
	Since          time.Time   `json:"since,omitzero"`
	Damaged        bool        `json:"damaged,omitempty"` // in lists: the record does not open; nothing else is known
}

// Display names the person as events do.
func (v UserView) Display() string { return Identity{Login: v.Login, Domain: v.Domain}.Display() }

// BlockView is an administrator's refusal.
type BlockView struct {
	By    string    `json:"by"`
	Why   string    `json:"why,omitempty"`
	Since time.Time `json:"since"`
}

// TokenView is a token without its seed.
type TokenView struct {
	ID        string    `json:"id"`
	Label     string    `json:"label,omitempty"`
	Algorithm string    `json:"algorithm"`
	Digits    int       `json:"digits"`
	Period    int       `json:"period"` // seconds
	Created   time.Time `json:"created"`
	LastUsed  time.Time `json:"last_used,omitzero"`
	Disabled  bool      `json:"disabled,omitempty"`
}

// TempView is a temporary code or an invitation, without the code.
type TempView struct {
	Until      time.Time `json:"until"`
	Uses       int       `json:"uses"`
	Invitation bool      `json:"invitation,omitempty"`
}

// LaneView is how many wrong codes from a source would still be judged.
type LaneView struct {
	Source    string    `json:"source,omitempty"` // empty: every source without a lane of its own
	WrongLeft int       `json:"wrong_left"`
	Recovers  time.Time `json:"recovers,omitzero"` // when all are back
}

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
		return Identity{}, fmt.Errorf("looking up %q: %w", tidyName(name), err)
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

// view shows a to administrators, beside what the directory says now.
func (s *Service) view(a Account, who Identity) UserView {
	now := s.now()
	v := UserView{
		Account: a.ID, Login: a.Login, Domain: a.Domain, Name: a.Name,
		Standing: a.Standing.String(), Since: a.Since, LastAccept: a.LastIn,
		WrongPasswords: len(a.Wrong),
		Tokens:         []TokenView{}, TempCodes: []TempView{}, Lanes: []LaneView{},
	}
	if who.Directory != "" {
		v.InDirectory, v.Directory, v.UPN = true, who.Directory, who.UPN
		v.Login, v.Domain, v.Name = who.Login, who.Domain, who.Name
		_, window := passwordBudget(who.Lockout, s.current().rules.Throttle, false)
		v.WrongPasswords = a.wrongPasswords(window, now)
	}
	if a.Block != nil {
		v.Blocked = &BlockView{a.Block.By, a.Block.Why, a.Block.Since}
	}
	if a.Known.Until.After(now) {
		v.LockedUntil = a.Known.Until
	}
	v.addCodes(a, now)
	v.addLanes(a, s.current().rules.Throttle, now)
	return v
}

func (v *UserView) addCodes(a Account, now time.Time) {
	for _, t := range a.Tokens {
		v.Tokens = append(v.Tokens, TokenView{
			ID: t.ID, Label: t.Label, Algorithm: t.Params.Algorithm.String(), Digits: int(t.Params.Digits),
			Period: int(t.Params.Period / time.Second), Created: t.Created, LastUsed: t.Used, Disabled: t.Disabled,
		})
	}
	for _, t := range a.Temps {
		if t.Until.After(now) && t.Uses > 0 {
			v.TempCodes = append(v.TempCodes, TempView{t.Until, t.Uses, t.Invite})
		}
	}
}

func (v *UserView) addLanes(a Account, rules ThrottleRules, now time.Time) {
	for _, l := range a.Lanes {
		lane := LaneView{Source: l.Source, WrongLeft: l.Left(rules, now)}
		if l.Full.After(now) {
			lane.Recovers = l.Full
		}
		v.Lanes = append(v.Lanes, lane)
	}
}

package core

import "time"

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
	Counted        *CountView  `json:"directory_count,omitempty"` // only where the directory was asked, and counts some still
	LastAccept     time.Time   `json:"last_accept,omitzero"`
	Since          time.Time   `json:"since,omitzero"`
	Damaged        bool        `json:"damaged,omitempty"` // in lists: the record does not open; nothing else is known
}

// Display names the person as events do.
func (v UserView) Display() string { return Identity{Login: v.Login, Domain: v.Domain}.Display() }

// CountView is what the directory counts of wrong passwords by itself. Unlock
// does not reach it: it passes with time, or with the directory's own unlock.
type CountView struct {
	Wrong     int       `json:"wrong"`
	Threshold int       `json:"threshold"` // as many lock the account there; 0: it never locks
	ClearsBy  time.Time `json:"clears_by"` // at the latest, unless more come
}

// counted shows the directory's count, where there is one.
func (who Identity) counted() *CountView {
	l := who.Lockout
	if !l.Known || l.Bad == 0 {
		return nil
	}
	return &CountView{l.Bad, l.Threshold, who.ReadAt.Add(l.Window)}
}

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
		v.Counted = who.counted()
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

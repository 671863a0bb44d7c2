package core

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/core/otp"
)

var ctx = context.Background()

// enrolled is an office where the people are enrolled, and the keys they got.
func enrolled(t *testing.T, people ...string) (*office, map[string]otp.Key) {
	t.Helper()
	o, keys := newOffice(t, people...), map[string]otp.Key{}
	for _, login := range people {
		made := ok[Enrolment](t)(o.Enrol(ctx, root, login, EnrolRequest{Label: "phone"}))
		keys[login] = ok[otp.Key](t)(otp.ParseURI(made.URI))
	}
	return o, keys
}

// last is the newest event.
func (o *office) last() Event { return o.seen[len(o.seen)-1] }

func TestEnrolMakesATokenThatIsActiveAtOnce(t *testing.T) {
	o := newOffice(t, "alice")
	made := ok[Enrolment](t)(o.Enrol(ctx, root, `CORP\alice`, EnrolRequest{Label: "phone"}))
	key := ok[otp.Key](t)(otp.ParseURI(made.URI))
	a := o.account("alice")
	if a.Standing != Enrolled || len(a.Tokens) != 1 || a.Tokens[0].ID != made.Token || a.Tokens[0].Label != "phone" {
		t.Errorf("%v, %v", a.Standing, a.Tokens)
	}
	if string(key.Secret) != string(a.Tokens[0].Secret) || otp.FormatKey(key.Secret) != made.Key {
		t.Error("what was handed out is not what was stored")
	}
	if key.Issuer != "Example Corp" || key.Account != "alice@corp.example.com" {
		t.Errorf("the phone will say %s: %s", key.Issuer, key.Account)
	}
	if e := o.last(); e.Reason != UserEnrolled || e.Actor != root.Name || e.User != `CORP\alice` || e.Account != a.ID {
		t.Errorf("event %+v", e)
	}
}

func TestEnrolTwiceIsAConflictUnlessAnotherTokenIsWanted(t *testing.T) {
	o, _ := enrolled(t, "alice")
	if _, err := o.Enrol(ctx, root, "alice", EnrolRequest{}); !errors.Is(err, ErrConflict) {
		t.Errorf("got %v", err)
	}
	for range maxTokens - 1 {
		ok[Enrolment](t)(o.Enrol(ctx, root, "alice", EnrolRequest{Add: true}))
	}
	if _, err := o.Enrol(ctx, root, "alice", EnrolRequest{Add: true}); !errors.Is(err, ErrConflict) {
		t.Errorf("token %d: %v", maxTokens+1, err)
	}
	if n := len(o.account("alice").Tokens); n != maxTokens {
		t.Errorf("%d tokens", n)
	}
}

func TestI10_NothingHandedOutShowsWhenPrinted(t *testing.T) {
	o := newOffice(t, "alice")
	made := ok[Enrolment](t)(o.Enrol(ctx, root, "alice", EnrolRequest{}))
	temp := ok[TempCode](t)(o.TempCode(ctx, root, "alice", TempCodeRequest{}))
	reset := ok[ResetResult](t)(o.Reset(ctx, root, "alice", ResetRequest{Invite: true}))
	secret, _, err := o.CreateKey(ctx, root, Auditor, "phone")
	if err != nil {
		t.Fatal(err)
	}
	view := ok[string](t)(asJSON(ok[UserView](t)(o.User(ctx, root, "alice"))))
	keys := ok[string](t)(asJSON(ok[[]APIKey](t)(o.Keys(ctx, root))))
	printed := fmt.Sprintf("%v %+v %#v %s %v %+v %v %+v ", made, made, made, made, temp, temp, reset, reset) + view + keys
	for _, e := range o.seen {
		printed += ok[string](t)(asJSON(e))
	}
	for what, hidden := range map[string]string{"seed": made.Key[:9], "uri": "secret=", "code": temp.Code,
		"invitation": reset.Invitation, "API key": secret[12:]} {
		if strings.Contains(printed, hidden) {
			t.Errorf("the %s shows", what)
		}
	}
}

func asJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

func TestResetRemovesEverythingAndLeavesThePersonPending(t *testing.T) {
	o, _ := enrolled(t, "alice")
	ok[TempCode](t)(o.TempCode(ctx, root, "alice", TempCodeRequest{}))
	r := ok[ResetResult](t)(o.Reset(ctx, helper, "alice", ResetRequest{}))
	a := o.account("alice")
	if r.Tokens != 1 || r.Invitation != "" || a.Standing != Pending || len(a.Tokens) != 0 || len(a.Temps) != 0 {
		t.Errorf("%+v, %v, %v, %v", r, a.Standing, a.Tokens, a.Temps)
	}
	if o.last().Reason != UserReset {
		t.Errorf("event %v", o.last().Reason.Name())
	}
}

func TestAnInvitationIsACodeForEnrolmentOnly(t *testing.T) {
	o := newOffice(t, "alice")
	r := ok[ResetResult](t)(o.Reset(ctx, helper, "alice", ResetRequest{Invite: true}))
	a := o.account("alice")
	if a.Standing != Pending || len(a.Temps) != 1 || !a.Temps[0].Invite || a.Temps[0].Uses != 1 {
		t.Fatalf("%v, %+v", a.Standing, a.Temps)
	}
	if string(a.Temps[0].Hash) != string(hashTemp(a.ID, r.Invitation)) || a.Temps[0].Digits != len(r.Invitation) {
		t.Error("the code given out is not the one stored")
	}
	if left := a.Temps[0].Until.Sub(o.time()).Round(time.Millisecond); left != invitationValid || !exact(r.Until).Equal(exact(a.Temps[0].Until)) {
		t.Errorf("it lasts %v", left)
	}
	if n := len(o.seen); o.seen[n-2].Reason != UserReset || o.seen[n-1].Reason != InvitationIssued {
		t.Error("it left other events")
	}
}

func TestThereIsNothingToResetOfSomebodyWhoNeverEnrolled(t *testing.T) {
	o := newOffice(t, "alice")
	if _, err := o.Reset(ctx, root, "alice", ResetRequest{}); !errors.Is(err, ErrConflict) {
		t.Errorf("got %v", err)
	}
	if len(o.shelf.keys(kindAccount)) != 0 {
		t.Error("an account was made")
	}
}

func TestUnlockForgetsWhatWasWrong(t *testing.T) {
	o, _ := enrolled(t, "alice")
	o.edit("alice", func(a *Account) {
		for range 200 {
			a.wrongAfterPassword(o.time())
			a.lane(nowhere, o.time()).charge(o.current().rules.Throttle, o.time())
		}
		a.wrongPassword(o.time())
	})
	if v := ok[UserView](t)(o.User(ctx, root, "alice")); !v.Tokens[0].Disabled || v.Standing != "pending" || v.Lanes[0].WrongLeft != 0 || v.WrongPasswords != 1 {
		t.Fatalf("not as bad as it should be: %+v", v)
	}
	v := ok[UserView](t)(o.Unlock(ctx, helper, "alice"))
	if v.Tokens[0].Disabled || v.Standing != "enrolled" || v.Lanes[0].WrongLeft != 10 || v.WrongPasswords != 0 || !v.LockedUntil.IsZero() {
		t.Errorf("%+v", v)
	}
	if e := o.last(); e.Reason != UserUnlocked || e.Detail != "1 token enabled again" {
		t.Errorf("event %+v", e)
	}
}

func TestUnlockDoesNotBringResetTokensBack(t *testing.T) {
	o, _ := enrolled(t, "alice")
	ok[ResetResult](t)(o.Reset(ctx, root, "alice", ResetRequest{}))
	if v := ok[UserView](t)(o.Unlock(ctx, root, "alice")); v.Standing != "pending" || len(v.Tokens) != 0 {
		t.Errorf("%+v", v)
	}
}

func TestBlockAndUnblock(t *testing.T) {
	o := newOffice(t, "alice")
	v := ok[UserView](t)(o.Block(ctx, helper, "alice", "left the\ncompany"))
	if v.Blocked == nil || v.Blocked.By != helper.Name || v.Blocked.Why != "left the?company" {
		t.Errorf("%+v", v.Blocked)
	}
	if _, err := o.Block(ctx, helper, "ALICE@corp.example.com", ""); !errors.Is(err, ErrConflict) {
		t.Errorf("blocked twice: %v", err)
	}
	if v := ok[UserView](t)(o.Unblock(ctx, helper, "alice")); v.Blocked != nil {
		t.Errorf("%+v", v.Blocked)
	}
	if _, err := o.Unblock(ctx, helper, "alice"); !errors.Is(err, ErrConflict) {
		t.Errorf("unblocked twice: %v", err)
	}
	if got, want := o.log()[1:], []Reason{UserBlocked, UserUnblocked}; !slices.Equal(got, want) {
		t.Errorf("events %v", got)
	}
	if _, err := o.Block(ctx, helper, "alice", strings.Repeat("x", maxWhy+1)); !errors.Is(err, ErrInvalid) {
		t.Errorf("an endless reason: %v", err)
	}
}

func TestTempCodesAreBounded(t *testing.T) {
	o := newOffice(t, "alice")
	for _, req := range []TempCodeRequest{{For: 25 * time.Hour}, {For: time.Second}, {For: -time.Hour}, {Uses: -1}, {Uses: 21}} {
		if _, err := o.TempCode(ctx, root, "alice", req); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", req, err)
		}
	}
	first := ok[TempCode](t)(o.TempCode(ctx, root, "alice", TempCodeRequest{}))
	if first.Uses != 1 || first.Until.Sub(o.time()) != time.Hour || len(first.Code) != 8 {
		t.Errorf("%v", first)
	}
	second := ok[TempCode](t)(o.TempCode(ctx, root, "alice", TempCodeRequest{For: 2 * time.Hour, Uses: 3}))
	a := o.account("alice")
	if len(a.Temps) != 1 || string(a.Temps[0].Hash) != string(hashTemp(a.ID, second.Code)) || a.Temps[0].Uses != 3 {
		t.Errorf("the second did not take the first one's place: %+v", a.Temps)
	}
}

func TestI06_EverySpellingLeadsToOneAccount(t *testing.T) {
	o := newOffice(t, "alice")
	ok[Enrolment](t)(o.Enrol(ctx, root, "alice", EnrolRequest{}))
	for _, name := range []string{"ALICE", `CORP\Alice`, "alice@CORP.example.com"} {
		if _, err := o.Enrol(ctx, root, name, EnrolRequest{}); !errors.Is(err, ErrConflict) {
			t.Errorf("%s is another person: %v", name, err)
		}
	}
	if n := len(o.shelf.keys(kindAccount)); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

func TestI06_WhoIsGoneFromTheDirectoryIsNamedByTheAccountOnly(t *testing.T) {
	o, _ := enrolled(t, "alice", "bob")
	id := o.account("alice").ID.String()
	for _, name := range []string{"alice", `corp\alice`, "alice@corp.example.com"} {
		delete(o.book.people, name)
	}
	if _, err := o.User(ctx, root, "alice"); !errors.Is(err, ErrUnknownUser) {
		t.Errorf("by login: %v", err)
	}
	v := ok[UserView](t)(o.User(ctx, root, id))
	if v.InDirectory || v.Login != "alice" || v.Standing != "enrolled" {
		t.Errorf("%+v", v)
	}
	ok[ResetResult](t)(o.Reset(ctx, root, id, ResetRequest{}))
	other := AccountID{1}
	if _, err := o.User(ctx, root, other.String()); !errors.Is(err, ErrUnknownUser) {
		t.Errorf("an account nobody has: %v", err)
	}
	if _, err := o.User(ctx, root, strings.ToUpper(id)); !errors.Is(err, ErrUnknownUser) {
		t.Errorf("another spelling of the id: %v", err)
	}
}

func TestSomebodyCanBeBlockedByTheAccountWhileTheDirectoryIsDown(t *testing.T) {
	o, _ := enrolled(t, "alice")
	id := o.account("alice").ID.String()
	o.book.down = true
	if _, err := o.Block(ctx, root, "alice", ""); !errors.Is(err, ErrUnavailable) {
		t.Errorf("by name: %v", err)
	}
	if v := ok[UserView](t)(o.Block(ctx, root, id, "")); v.Blocked == nil {
		t.Error("not blocked")
	}
}

func TestI07_AMarkerWithoutItsAccountIsDamage(t *testing.T) {
	o, _ := enrolled(t, "alice")
	delete(o.shelf.records, string(kindAccount)+"\x00"+o.shelf.keys(kindAccount)[0])
	if _, err := o.User(ctx, root, "alice"); !errors.Is(err, ErrDamaged) {
		t.Errorf("show: %v", err)
	}
	if _, err := o.Enrol(ctx, root, "alice", EnrolRequest{}); !errors.Is(err, ErrDamaged) {
		t.Errorf("enrol: %v", err)
	}
	if _, err := o.Block(ctx, root, "alice", ""); !errors.Is(err, ErrDamaged) {
		t.Errorf("block: %v", err)
	}
}

func TestI07_ADamagedRecordIsMendedByAnAdministratorsResetOnly(t *testing.T) {
	for name, damage := range map[string]func(*office, string){
		"lost":    func(o *office, at string) { delete(o.shelf.records, at) },
		"damaged": func(o *office, at string) { o.shelf.records[at] = []byte{0xff} },
	} {
		t.Run(name, func(t *testing.T) {
			o, _ := enrolled(t, "alice")
			damage(o, string(kindAccount)+"\x00"+o.shelf.keys(kindAccount)[0])
			if _, err := o.Reset(ctx, helper, "alice", ResetRequest{}); !errors.Is(err, ErrDamaged) {
				t.Errorf("by the help desk: %v", err)
			}
			ok[ResetResult](t)(o.Reset(ctx, root, "alice", ResetRequest{}))
			if e := o.last(); e.Reason != UserReset || e.Detail != "the record was damaged" {
				t.Errorf("event %+v", e)
			}
			if v := ok[UserView](t)(o.User(ctx, root, "alice")); v.Standing != "pending" || len(v.Tokens) != 0 {
				t.Errorf("%+v", v)
			}
			ok[Enrolment](t)(o.Enrol(ctx, root, "alice", EnrolRequest{}))
		})
	}
}

func TestI11_AnActThatLeavesNoEventIsNotDone(t *testing.T) {
	o := newOffice(t, "alice")
	_, _, err := o.change(ctx, root, actBlock, "alice", func(c *change) error {
		c.Account.Block = &Block{By: "nobody"}
		return nil
	})
	if !errors.Is(err, errUnaudited) || o.account("alice").Block != nil {
		t.Errorf("it was done: %v", err)
	}
}

func TestUsersAreListedInPages(t *testing.T) {
	o, _ := enrolled(t, "alice", "bob", "carol", "dave", "erin")
	var logins []string
	q := UserQuery{Limit: 2}
	for pages := 1; ; pages++ {
		page := ok[UserPage](t)(o.Users(ctx, auditor, q))
		for _, v := range page.Users {
			logins = append(logins, v.Login)
		}
		if q.Cursor = page.Next; page.Next == "" {
			break
		}
		if pages > 5 {
			t.Fatal("the list has no end")
		}
	}
	if want := []string{"alice", "bob", "carol", "dave", "erin"}; !slices.Equal(logins, want) {
		t.Errorf("%v", logins)
	}
	for text, want := range map[string]int{"": 5, "AR": 1, "corp": 5, `corp\b`: 1, "Erin": 1, "nobody": 0} {
		if page := ok[UserPage](t)(o.Users(ctx, auditor, UserQuery{Text: text})); len(page.Users) != want {
			t.Errorf("%q finds %d", text, len(page.Users))
		}
	}
	if _, err := o.Users(ctx, auditor, UserQuery{Cursor: "zz"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a cursor of one's own: %v", err)
	}
}

func TestADamagedAccountIsListedAsSuch(t *testing.T) {
	o, _ := enrolled(t, "alice", "bob")
	o.shelf.records[string(kindAccount)+"\x00"+o.shelf.keys(kindAccount)[0]] = []byte{0xff}
	page := ok[UserPage](t)(o.Users(ctx, root, UserQuery{Text: "bob"}))
	if len(page.Users) != 2 || !page.Users[0].Damaged || page.Users[1].Login != "bob" {
		t.Errorf("%+v", page.Users)
	}
}

func TestReadingIsPossibleWhenTheDiskIsLow(t *testing.T) {
	o, _ := enrolled(t, "alice")
	o.shelf.fill = true
	ok[UserView](t)(o.User(ctx, root, "alice"))
	ok[EventPage](t)(o.Events(ctx, root, EventQuery{User: "alice"}))
	ok[ChainReport](t)(o.VerifyEvents(ctx, root))
	ok[Status](t)(o.Status(ctx, root))
	if _, err := o.Block(ctx, root, "alice", ""); !errors.Is(err, ErrUnavailable) {
		t.Errorf("blocked all the same: %v", err)
	}
}

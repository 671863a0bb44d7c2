package core_test

import (
	"context"
	"testing"
	"time"

	"twofold/core"
)

// The deadline passes while the directory thinks: what it did counts.
func TestI04_AWrongPasswordCountsThoughTheCallerHasGone(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	ctx, stop := context.WithCancel(context.Background())
	at := w.attempt("alice", "typo"+w.code("alice", 0))
	at.Binder = meanwhile{w.dir, stop}
	w.Authenticate(ctx, at)
	view, err := w.User(context.Background(), root, "alice")
	if act(t)(view, err); view.WrongPasswords != 1 {
		t.Errorf("%d wrong passwords are counted, want 1", view.WrongPasswords)
	}
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode) // and the code is not held
}

func TestI02_NoAcceptOnceTheDeadlineHasPassed(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	broken := &brokenStore{Store: w.store}
	w.store = broken
	w.restart()
	broken.fail.Store(true)
	ctx, stop := context.WithCancel(context.Background())
	at := w.attempt("alice", alicePass+w.code("alice", 0))
	at.Binder = meanwhile{w.dir, stop}
	want(t, w.Authenticate(ctx, at), core.NoAnswer, core.OutOfTime)
}

func TestAccountsThatOnlyHadAPasswordCountedHaveTheirNames(t *testing.T) {
	w := newWorld(t)
	w.rules.Exclusions = []core.Exclusion{{Users: []string{"svc-*"}}}
	want(t, w.login("svc-backup", "typo"), core.Reject, core.WrongPassword)
	page, err := w.Users(context.Background(), root, core.UserQuery{Text: "svc"})
	if act(t)(page, err); len(page.Users) != 1 || page.Users[0].Display() != `CORP\svc-backup` {
		t.Errorf("listed: %+v", page.Users)
	}
}

func TestAnEmptyStateIsNone(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	at := w.attempt("alice", alicePass)
	at.State, at.Code = []byte{}, w.code("alice", 0)
	want(t, w.Authenticate(context.Background(), at), core.Accept, core.AcceptedCode)
	at = w.attempt("alice", "")
	at.State, at.Code = []byte{}, w.code("alice", 1)
	want(t, w.Authenticate(context.Background(), at), core.Reject, core.EmptyPassword)
}

// A process that dies takes a temporary code's use with it, and one only.
func TestI03_ATemporaryCodeOfAnAttemptThatDiedIsUsed(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	temp, err := w.TempCode(context.Background(), root, "alice", core.TempCodeRequest{Uses: 2})
	act(t)(temp, err)
	at := w.attempt("alice", alicePass+temp.Code)
	at.Binder = &dyingBinder{}
	func() {
		defer func() { recover() }() // the process is gone between bind and settlement
		w.Authenticate(context.Background(), at)
	}()
	want(t, w.login("alice", alicePass+temp.Code), core.Reject, core.CodeInUse)
	w.wait(61 * time.Second)
	want(t, w.login("alice", alicePass+temp.Code), core.Accept, core.AcceptedTempCode)
	want(t, w.login("alice", alicePass+temp.Code), core.Reject, core.WrongCode)
}

package core_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"twofold/core"
)

// What happens to an enrolment between its two legs must count: the key is
// shown, the code is right, and yet nobody may come in.
func TestI01_AnEnrolmentEndsWhereThePersonMayNoLongerComeIn(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *world){
		"blocked":             func(t *testing.T, w *world) { act(t)(w.Block(context.Background(), root, "alice", "left")) },
		"disabled":            func(_ *testing.T, w *world) { w.dir.person("alice").State = core.EntryDisabled },
		"no more enrolments":  func(_ *testing.T, w *world) { w.client.Unenrolled = core.RefuseUnenrolled },
		"keys no more shown":  func(_ *testing.T, w *world) { w.rules.Enrolment.ShowKey = false },
		"a client of appends": func(_ *testing.T, w *world) { w.client.Mode = core.Append },
		"another network":     func(_ *testing.T, w *world) { w.rules.Enrolment.Networks = nil },
		"a clock behind":      func(_ *testing.T, w *world) { w.client.UnenrolledUntil = time.Time{}; w.behind() },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			enrolment(w)
			d := w.from("10.9.8.7", "alice", alicePass)
			want(t, d, core.Challenge, core.ChallengedEnrol)
			w.keys["alice"] = shown(t, d)
			change(t, w)
			for d.Result == core.Challenge {
				d = w.replyFrom("10.9.8.7", "alice", d, w.code("alice", 0))
			}
			if d.Result == core.Accept {
				t.Fatalf("let in: %s", d.Reason.Name())
			}
		})
	}
}

// behind lets somebody in by a code, and sets the clock back.
func (w *world) behind() {
	w.enrol("bob")
	w.login("bob", "Builder.2"+w.code("bob", 0))
	w.wait(-time.Minute)
}

// act fails the test where an administrative act fails.
func act(t testing.TB) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// meanwhile is a Binder that lets something happen while the directory thinks.
type meanwhile struct {
	core.Binder
	do func()
}

func (m meanwhile) Bind(ctx context.Context, who core.Identity, password string) core.Bound {
	b := m.Binder.Bind(ctx, who, password)
	m.do()
	return b
}

func (w *world) loginWhile(user, password string, do func()) core.Decision {
	at := w.attempt(user, password)
	at.Binder = meanwhile{w.dir, do}
	return w.Authenticate(context.Background(), at)
}

func TestI01_WhatIsRevokedWhileTheBindIsUnderWayLetsNobodyIn(t *testing.T) {
	for name, c := range map[string]struct {
		do     func(*world) (any, error)
		reason core.Reason
	}{
		"a block": {func(w *world) (any, error) { return w.Block(context.Background(), root, "alice", "left") }, core.Blocked},
		"a reset": {func(w *world) (any, error) {
			return w.Reset(context.Background(), root, "alice", core.ResetRequest{})
		}, core.EnrolmentPending},
		"a reset with an invitation": {func(w *world) (any, error) {
			return w.Reset(context.Background(), root, "alice", core.ResetRequest{Invite: true})
		}, core.EnrolmentPending},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.client.Mode, w.rules.Enrolment.ShowKey = core.Append, true
			w.enrol("alice")
			d := w.loginWhile("alice", alicePass+w.code("alice", 0), func() { act(t)(c.do(w)) })
			want(t, d, core.Reject, c.reason)
			view, err := w.User(context.Background(), root, "alice")
			if act(t)(view, err); name == "a block" && view.Blocked == nil || name != "a block" && len(view.Tokens) > 0 {
				t.Errorf("undone: %+v", view)
			}
		})
	}
}

func TestI01_ATemporaryCodeTakenBackWhileTheBindIsUnderWayLetsNobodyIn(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	temp, err := w.TempCode(context.Background(), root, "alice", core.TempCodeRequest{Uses: 2})
	act(t)(temp, err)
	d := w.loginWhile("alice", alicePass+temp.Code, func() {
		act(t)(w.TempCode(context.Background(), root, "alice", core.TempCodeRequest{}))
	})
	if d.Result == core.Accept {
		t.Errorf("let in by a code that was replaced: %s", d.Reason.Name())
	}
}

func TestI03_AnInvitationTakenBackEndsTheDialogueItOpened(t *testing.T) {
	w := newWorld(t)
	enrolment(w)
	invite := func() string {
		r, err := w.Reset(context.Background(), root, "alice", core.ResetRequest{Invite: true})
		act(t)(r, err)
		return r.Invitation
	}
	d := w.reply("alice", w.login("alice", alicePass), invite())
	want(t, d, core.Challenge, core.ChallengedEnrol)
	w.keys["alice"] = shown(t, d)
	second := invite() // the first one fell into wrong hands
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Reject, core.ChallengeInvalid)
	d = w.reply("alice", w.login("alice", alicePass), second)
	w.keys["alice"] = shown(t, d)
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Accept, core.AcceptedEnrolled)
}

func TestI03_OneInvitationMakesOneToken(t *testing.T) {
	w := newWorld(t)
	enrolment(w)
	r, err := w.Reset(context.Background(), root, "alice", core.ResetRequest{Invite: true})
	act(t)(r, err)
	one := w.reply("alice", w.login("alice", alicePass), r.Invitation)
	two := w.reply("alice", w.login("alice", alicePass), r.Invitation)
	for i, d := range []core.Decision{one, two} {
		w.keys["alice"] = shown(t, d)
		d = w.reply("alice", d, w.code("alice", 0))
		if (d.Result == core.Accept) != (i == 0) {
			t.Fatalf("dialogue %d: %v (%s)", i, d.Result, d.Reason.Name())
		}
	}
}

func TestI03_TemporaryCodesFromBeforeALossAreRefused(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	temp, err := w.TempCode(context.Background(), root, "alice", core.TempCodeRequest{})
	act(t)(temp, err)
	w.Service, err = core.New(context.Background(), core.Config{Store: w.store, Directory: w.dir, Rules: w.rules, Now: w.clock, Lost: true})
	act(t)(w.Service, err)
	w.wait(time.Second)
	want(t, w.login("alice", alicePass+temp.Code), core.Reject, core.WrongCode) // it may have been used in what was lost
	temp, err = w.TempCode(context.Background(), root, "alice", core.TempCodeRequest{})
	act(t)(temp, err)
	want(t, w.login("alice", alicePass+temp.Code), core.Accept, core.AcceptedTempCode)
}

// Somebody who knows the password alone is let in by it at one door; that
// must not open lane after lane of guesses at the doors that want a code.
func TestI05_AnAcceptWithoutACodeMakesNoPlaceFamiliar(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	open := *w.client
	open.Name, open.Factor = "wifi", core.FactorNone
	judged, addr := 0, netip.MustParseAddr("198.51.100.1")
	for range 20 {
		at := w.attempt("alice", alicePass)
		at.Client, at.Place.Person = &open, addr
		want(t, w.Authenticate(context.Background(), at), core.Accept, core.AcceptedNotRequired)
		for range 12 {
			at = w.attempt("alice", "guess"+w.wrong("alice"))
			at.Place.Person = addr
			if w.Authenticate(context.Background(), at).Reason == core.WrongCode {
				judged++
			}
		}
		addr = addr.Next()
	}
	if judged > 10 {
		t.Errorf("%d codes judged at once, want at most 10", judged)
	}
}

// Wrong codes after a right password go on counting until a code was right.
func TestI05_AnAcceptWithoutACodeForgivesNoWrongCode(t *testing.T) {
	w := newWorld(t)
	immediate(w)
	w.rules.Throttle.Burst, w.rules.Throttle.Per30Days = 90, 100
	w.enrol("alice")
	open := *w.client
	open.Name, open.Factor = "wifi", core.FactorNone
	var d core.Decision
	for range 10 {
		d = w.reply("alice", w.login("alice", alicePass), w.wrong("alice"))
		at := w.attempt("alice", alicePass)
		at.Client = &open
		w.Authenticate(context.Background(), at)
	}
	want(t, d, core.Reject, core.LockedAfterPassword)
}

func TestASpentLaneCostsNobodyTheirPassword(t *testing.T) {
	for _, answers := range []int{0, 1} { // the code that was appended typed again, or the next one
		w := newWorld(t)
		w.enrol("alice")
		for range 10 {
			w.reply("alice", w.login("alice", "guess"), w.wrong("alice"))
		}
		d := w.login("alice", alicePass+w.code("alice", 0))
		want(t, d, core.Challenge, core.CodesThrottled)
		w.wait(time.Duration(answers) * 30 * time.Second)
		d = w.reply("alice", d, w.code("alice", 0))
		want(t, d, core.Challenge, core.ChallengedNext)
		w.wait(30 * time.Second)
		want(t, w.reply("alice", d, w.code("alice", 0)), core.Accept, core.AcceptedPair)
	}
}

func TestAnAttemptWithoutAClientIsAskedForEverything(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	at := w.attempt("alice", alicePass)
	at.Client = nil
	want(t, w.Authenticate(context.Background(), at), core.Challenge, core.ChallengedCode)
	want(t, w.Refuse(context.Background(), at, core.UnusablePassword), core.Reject, core.UnusablePassword)
}

func TestI11_ARefusalOverADamagedRecordLeavesItsEvent(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	lose := &core.Account{ID: w.dir.person("alice").ID}
	act(t)(w.store.Update(context.Background(), func(tx core.Tx) error { tx.Delete(lose); return nil }))
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Reject, core.RecordDamaged)
	if e := w.events[len(w.events)-1]; e.Reason != core.RecordDamaged || e.User != `CORP\alice` {
		t.Errorf("the last event is %s", e.Reason.Name())
	}
}

func TestI11_AnOutageLeavesItsEventThoughTheTimeIsUp(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	ctx, stop := context.WithCancel(context.Background())
	w.dir.down = true
	stop()
	want(t, w.Authenticate(ctx, w.attempt("alice", alicePass)), core.NoAnswer, core.OutOfTime)
	if e := w.events[len(w.events)-1]; e.Reason != core.OutOfTime {
		t.Errorf("the last event is %s", e.Reason.Name())
	}
}

// lowDisk takes only what may use the reserve.
type lowDisk struct {
	core.Store
	low bool
}

func (l *lowDisk) Update(ctx context.Context, fn func(core.Tx) error) (core.Durable, error) {
	if l.low && !core.MayUseReserve(ctx) {
		return nil, errors.Join(errors.New("disk is low"), core.ErrUnavailable)
	}
	return l.Store.Update(ctx, fn)
}

func TestI11_ALowDiskStillLetsPeopleIn(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	disk := &lowDisk{Store: w.store}
	w.store = disk
	w.restart()
	disk.low = true
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
	w.wait(time.Minute)
	d := w.login("alice", alicePass)
	want(t, d, core.Challenge, core.ChallengedCode)
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Accept, core.AcceptedCode)
	before := len(w.events)
	want(t, w.login("alice", "guess"+w.wrong("alice")), core.NoAnswer, core.StoreDown)
	want(t, w.login("nobody", "guess123456"), core.NoAnswer, core.StoreDown)
	for _, e := range w.events[before:] {
		if e.Reason != core.StoreDown || e.Seq != 0 {
			t.Errorf("strangers use up the room that is kept: %s, number %d", e.Reason.Name(), e.Seq)
		}
	}
}

package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"twofold/core"
)

func TestI05_WrongTailsAreChargedThoughAChallengeFollows(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	for range 10 {
		want(t, w.login("alice", "guess"+w.wrong("alice")), core.Challenge, core.WrongCode)
	}
	want(t, w.login("alice", "guess"+w.wrong("alice")), core.Challenge, core.CodesThrottled)
}

func TestI03_TheCodeOfAnAttemptThatDiedIsUsedAndItsPasswordCounts(t *testing.T) {
	w := newWorld(t)
	w.client.Mode, w.rules.OTP.Window = core.Append, 5
	w.enrol("alice")
	code := w.code("alice", 0)
	at := w.attempt("alice", alicePass+code)
	at.Binder = &dyingBinder{}
	func() {
		defer func() { recover() }() // the process is gone between bind and settlement
		w.Authenticate(t.Context(), at)
	}()
	w.wait(time.Minute)
	want(t, w.login("alice", "typo"+w.code("alice", 0)), core.Reject, core.WrongPassword)
	want(t, w.login("alice", alicePass+code), core.Reject, core.CodeUsed)
	view, err := w.User(t.Context(), root, "alice")
	if act(t)(view, err); view.WrongPasswords != 2 {
		t.Errorf("%d wrong passwords are counted, want 2", view.WrongPasswords)
	}
}

func TestALostDialogueCostsItsUserNoWrongCode(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	for range 3 { // a password mistyped, and then the wrong prompt believed
		d := w.login("alice", "typo"+w.code("alice", 0))
		want(t, w.reply("alice", d, w.wrong("alice")), core.Reject, core.WrongPassword)
	}
	view, err := w.User(t.Context(), root, "alice")
	act(t)(view, err)
	for _, lane := range view.Lanes {
		if lane.WrongLeft != w.rules.Throttle.Burst {
			t.Errorf("%d wrong codes left of %d", lane.WrongLeft, w.rules.Throttle.Burst)
		}
	}
}

func TestI04_APasswordLongerThanAnyProtocolCarriesIsNotBound(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	for length, reason := range map[int]core.Reason{core.MaxPassword: core.WrongPassword, core.MaxPassword + 1: core.UnusablePassword} {
		binds := w.dir.binds
		at := w.attempt("alice", strings.Repeat("x", length))
		at.Code = w.code("alice", 0)
		want(t, w.Authenticate(t.Context(), at), core.Reject, reason)
		if bound := w.dir.binds > binds; bound != (length <= core.MaxPassword) {
			t.Errorf("%d octets: bound is %v", length, bound)
		}
	}
}

// An invitation proves who enrols. It is no code to come in by, even where a
// dialogue with a right password waits for one.
func TestI01_AnInvitationIsNoAnswerToADialogueOfBefore(t *testing.T) {
	w := newWorld(t)
	enrolment(w)
	w.client.Check = core.Immediate
	w.enrol("alice")
	d := w.login("alice", alicePass)
	want(t, d, core.Challenge, core.ChallengedCode)
	reset, err := w.Reset(t.Context(), root, "alice", core.ResetRequest{Invite: true})
	act(t)(reset, err)
	want(t, w.reply("alice", d, reset.Invitation), core.Reject, core.ChallengeInvalid)
}

func TestI01_ADialogueEndsWhereTheRulesChange(t *testing.T) {
	for name, change := range map[string]func(*world){
		"an exclusion":     func(w *world) { w.rules.Exclusions = []core.Exclusion{{Users: []string{"alice"}}} },
		"the code only":    func(w *world) { w.client.Factor = core.FactorOnly },
		"no second factor": func(w *world) { w.client.Factor = core.FactorNone },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.enrol("alice")
			d := w.login("alice", alicePass)
			change(w)
			want(t, w.reply("alice", d, w.code("alice", 0)), core.Reject, core.ChallengeInvalid)
		})
	}
}

func TestAnEmptyAnswerIsNoWrongCode(t *testing.T) {
	w := newWorld(t)
	immediate(w)
	w.enrol("alice")
	want(t, w.reply("alice", w.login("alice", alicePass), ""), core.Reject, core.MissingCode)
	w.client.Check = core.Deferred
	for range 10 {
		w.reply("alice", w.login("alice", "guess"), w.wrong("alice"))
	}
	d := w.reply("alice", w.login("alice", alicePass), w.code("alice", 0))
	want(t, d, core.Challenge, core.ChallengedNext)
	want(t, w.reply("alice", d, "abc"), core.Reject, core.MissingCode)
	d = w.reply("alice", w.login("alice", alicePass), strings.Repeat("1", 11))
	want(t, d, core.Reject, core.MissingCode)
}

func TestI03_ACodeThatEndsAnImmediateDialogueIsUsed(t *testing.T) {
	w := newWorld(t)
	immediate(w)
	w.enrol("alice")
	for _, result := range []core.Result{core.Accept, core.Reject} {
		if d := w.reply("alice", w.login("alice", alicePass), w.code("alice", 0)); d.Result != result {
			t.Fatalf("%v (%s), want %v", d.Result, d.Reason.Name(), result)
		}
	}
}

func TestARightCodeForgivesWrongOnesAfterAPassword(t *testing.T) {
	w := newWorld(t)
	immediate(w)
	w.rules.Throttle.Burst, w.rules.Throttle.Per30Days = 90, 100
	w.enrol("alice")
	for range 3 {
		for range 9 {
			want(t, w.reply("alice", w.login("alice", alicePass), w.wrong("alice")), core.Challenge, core.WrongCode)
		}
		want(t, w.reply("alice", w.login("alice", alicePass), w.code("alice", 0)), core.Accept, core.AcceptedCode)
		w.wait(time.Minute)
	}
}

func TestI03_ABindThatOutlastedItsHoldLetsNobodyIn(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	want(t, w.loginWhile("alice", alicePass+w.code("alice", 0), func() {
		w.wait(time.Minute)
		w.login("alice", "another attempt")
	}), core.NoAnswer, core.OutOfTime)
}

func TestI03_CodesAtOnceNeverMoveTheLastStepBack(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	older, newer := w.code("alice", 0), w.code("alice", 1)
	want(t, w.loginWhile("alice", alicePass+older, func() {
		want(t, w.login("alice", alicePass+older+newer), core.Reject, core.CodeInUse)
		want(t, w.login("alice", alicePass+newer), core.Accept, core.AcceptedCode)
	}), core.Accept, core.AcceptedCode)
	want(t, w.login("alice", alicePass+newer), core.Reject, core.CodeUsed)
}

func TestI03_TheNewestAcceptStaysTheNewest(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	w.enrol("bob")
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
	w.wait(-20 * time.Second)
	want(t, w.login("bob", "Builder.2"+w.code("bob", 0)), core.Accept, core.AcceptedCode)
	w.wait(-20 * time.Second)
	want(t, w.login("bob", "Builder.2"+w.code("bob", 1)), core.Reject, core.ClockUntrusted)
}

func TestI11_AcceptsAreNeverSummed(t *testing.T) {
	w := newWorld(t)
	w.rules.Exclusions = []core.Exclusion{{Users: []string{"svc-*"}}}
	before := len(w.events)
	for range 50 {
		want(t, w.login("svc-backup", "Tape.3"), core.Accept, core.AcceptedExcluded)
	}
	if n := len(w.events) - before; n != 50 {
		t.Errorf("%d events of 50 Accepts", n)
	}
}

// A first leg that cannot succeed is no way to ask which names exist.
func TestI08_LostDialoguesOfStrangersLookAlike(t *testing.T) {
	for name, password := range map[string]string{"nothing": "", "a NUL": "a\x00b", "too much": strings.Repeat("x", core.MaxPassword+1)} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.enrol("alice")
			var known, unknown []core.Result
			for range 15 {
				known = append(known, w.reply("alice", w.login("alice", password), w.wrong("alice")).Result)
				unknown = append(unknown, w.reply("nobody", w.login("nobody", password), w.wrong("alice")).Result)
			}
			if !slices.Equal(known, unknown) {
				t.Errorf("a known name is answered %v, an unknown one %v", known, unknown)
			}
		})
	}
}

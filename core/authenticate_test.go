package core_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"twofold/core"
)

const alicePass = "Wonder.land1"

func TestPasswordAndAppendedCodeLetIn(t *testing.T) {
	for _, mode := range []core.Mode{core.Append, core.Both} {
		w := newWorld(t)
		w.client.Mode = mode
		w.enrol("alice")
		want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
		if w.dir.binds != 1 {
			t.Errorf("%d binds, want 1", w.dir.binds)
		}
	}
}

func TestPasswordThenCodeLetIn(t *testing.T) {
	for _, mode := range []core.Mode{core.ChallengeOnly, core.Both} {
		w := newWorld(t)
		w.client.Mode = mode
		w.enrol("alice")
		d := w.login("alice", alicePass)
		want(t, d, core.Challenge, core.ChallengedCode)
		if w.dir.binds != 0 {
			t.Error("the first leg of a deferred check bound")
		}
		want(t, w.reply("alice", d, w.code("alice", 0)), core.Accept, core.AcceptedCode)
		if w.dir.binds != 1 {
			t.Errorf("%d binds, want 1", w.dir.binds)
		}
	}
}

func TestACodeMayStandElsewhereInTheField(t *testing.T) {
	w := newWorld(t)
	w.client.Mode, w.client.Position = core.Append, core.Prefix
	w.enrol("alice")
	want(t, w.login("alice", w.code("alice", 0)+alicePass), core.Accept, core.AcceptedCode)
	w.wait(time.Minute)
	w.client.Position, w.client.Separator = core.Suffix, ","
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Reject, core.MissingCode)
	want(t, w.login("alice", alicePass+","+w.code("alice", 0)), core.Accept, core.AcceptedCode)
}

func TestAPasswordThatEndsInDigitsIsNoProblem(t *testing.T) {
	w := newWorld(t)
	w.dir.person("alice").password = "summer202612"
	w.client.Mode = core.Append
	w.enrol("alice")
	want(t, w.login("alice", "summer202612"+w.code("alice", 0)), core.Accept, core.AcceptedCode)
}

func TestTheSecondLegMustNotBringAnotherPersonOrClient(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	w.enrol("bob")
	d := w.login("alice", alicePass)
	want(t, w.reply("bob", d, w.code("bob", 0)), core.Reject, core.ChallengeForeign)
	other := *w.client
	other.Name = "wifi"
	at := w.attempt("alice", "")
	at.Client, at.Code, at.State = &other, w.code("alice", 0), d.Ask.State
	want(t, w.Authenticate(context.Background(), at), core.Reject, core.ChallengeForeign)
	want(t, w.reply("ALICE", d, w.code("alice", 0)), core.Accept, core.AcceptedCode)
}

func TestAChallengeIsAnsweredOnceAndInTime(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	d := w.login("alice", alicePass)
	want(t, w.reply("alice", d, w.wrong("alice")), core.Reject, core.WrongCode)
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Reject, core.ChallengeUsed)
	d = w.login("alice", alicePass)
	w.wait(2 * time.Minute)
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Reject, core.ChallengeExpired)
	d = w.login("alice", alicePass)
	w.restart()
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Reject, core.ChallengeInvalid)
}

func TestI01_NothingLetsInWithoutEveryFactor(t *testing.T) {
	for _, c := range []struct {
		name     string
		password func(*world) string
		reason   core.Reason
	}{
		{"nothing", func(*world) string { return "" }, core.MissingCode},
		{"the password alone", func(*world) string { return alicePass }, core.MissingCode},
		{"the code alone", func(w *world) string { return w.code("alice", 0) }, core.EmptyPassword},
		{"a wrong code", func(w *world) string { return alicePass + w.wrong("alice") }, core.WrongCode},
		{"a wrong password", func(w *world) string { return "nonsense" + w.code("alice", 0) }, core.WrongPassword},
		{"a code of two steps later", func(w *world) string { return alicePass + w.code("alice", 2) }, core.WrongCode},
		{"a code of two steps ago", func(w *world) string { return alicePass + w.code("alice", -2) }, core.WrongCode},
		{"the code in other digits", func(w *world) string { return alicePass + "١٢٣٤٥٦" }, core.MissingCode},
		{"a NUL", func(w *world) string { return "a\x00b" + w.code("alice", 0) }, core.UnusablePassword},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.client.Mode = core.Append
			w.enrol("alice")
			d := w.login("alice", c.password(w))
			want(t, d, core.Reject, c.reason)
			if d.NotSoon.Sub(w.clock()) != w.client.RejectFloor {
				t.Error("the reject floor is missing")
			}
			if w.dir.empty > 0 {
				t.Error("an empty password was bound")
			}
		})
	}
}

func TestI01_TheZeroDecisionLetsNobodyIn(t *testing.T) {
	if (core.Decision{}).Result == core.Accept {
		t.Fatal("the zero Decision accepts")
	}
	var c core.Client // and a client without a rule asks for both factors
	if c.Factor != core.FactorRequired || c.Unenrolled != core.RefuseUnenrolled || c.AllowExclusions {
		t.Fatal("the zero Client asks for less than everything")
	}
}

func TestI02_NoAcceptWhereTheRecordCannotBeMadeDurable(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	broken := &brokenStore{Store: w.store}
	w.store = broken
	w.restart()
	broken.fail.Store(true)
	d := w.login("alice", alicePass+w.code("alice", 0))
	want(t, d, core.NoAnswer, core.StoreDown)
	broken.fail.Store(false)
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Reject, core.CodeUsed)
}

// brokenStore orders transactions whose Durable fails.
type brokenStore struct {
	core.Store
	fail atomic.Bool
}

func (b *brokenStore) Update(ctx context.Context, fn func(core.Tx) error) (core.Durable, error) {
	d, err := b.Store.Update(ctx, fn)
	if err == nil && b.fail.Load() {
		return lost{}, nil
	}
	return d, err
}

type lost struct{}

func (lost) Wait(context.Context) error { return errors.New("disk gone") }

func TestI03_ACodeIsAcceptedOnce(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	code := w.code("alice", 0)
	want(t, w.login("alice", alicePass+code), core.Accept, core.AcceptedCode)
	want(t, w.login("alice", alicePass+code), core.Reject, core.CodeUsed)
	w.restart()
	want(t, w.login("alice", alicePass+code), core.Reject, core.CodeUsed)
	want(t, w.login("alice", alicePass+w.code("alice", -1)), core.Reject, core.CodeUsed)
	want(t, w.login("alice", alicePass+w.code("alice", 1)), core.Accept, core.AcceptedCode)
	d := w.login("alice", alicePass)
	want(t, d, core.Reject, core.MissingCode)
}

func TestI03_OneCodeFromTwoHundredRequestsAtOnceLetsOneIn(t *testing.T) {
	w := newWorld(t)
	w.dir.slow = 5 * time.Millisecond
	w.enrol("alice")
	spellings := []string{"alice", "ALICE", `CORP\alice`, "alice@corp.example.com", "Alice@example.com"}
	code := w.code("alice", 0)
	var accepts atomic.Int32
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if w.login(spellings[i%len(spellings)], alicePass+code).Result == core.Accept {
				accepts.Add(1)
			}
		})
	}
	wg.Wait()
	if accepts.Load() != 1 || w.dir.binds != 1 {
		t.Errorf("%d Accepts and %d binds, want one of each", accepts.Load(), w.dir.binds)
	}
}

func TestI03_ARightCodeWithAWrongPasswordIsNotUsedUp(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	want(t, w.login("alice", "typo"+w.code("alice", 0)), core.Reject, core.WrongPassword)
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
}

func TestI03_CodesFromBeforeALossAreRefused(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	code := w.code("alice", 1)
	svc, err := core.New(context.Background(), core.Config{Store: w.store, Directory: w.dir, Rules: w.rules, Now: w.clock, Lost: true})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = svc
	want(t, w.login("alice", alicePass+code), core.Reject, core.CodeUsed)
	w.wait(2 * time.Minute)
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
}

func TestI03_AnAttemptThatDiedCountsAsUsedAndWrong(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	code := w.code("alice", 0)
	dies := &dyingBinder{}
	at := w.attempt("alice", alicePass+code)
	at.Binder = dies
	func() {
		defer func() { recover() }() // the process is gone between bind and settlement
		w.Authenticate(context.Background(), at)
	}()
	want(t, w.login("alice", alicePass+code), core.Reject, core.CodeInUse)
	w.wait(30 * time.Second)
	want(t, w.login("alice", alicePass+code), core.Reject, core.CodeInUse)
	w.wait(31 * time.Second)
	want(t, w.login("alice", alicePass+w.code("alice", -1)), core.Accept, core.AcceptedCode)
}

type dyingBinder struct{}

func (*dyingBinder) Bind(context.Context, core.Identity, string) core.Bound { panic("killed") }

func TestI04_ParallelWrongPasswordsNeverLockTheAccount(t *testing.T) {
	for _, threshold := range []int{2, 3, 4, 6, 10} {
		w := newWorld(t)
		w.dir.slow = time.Millisecond
		w.client.Mode = core.Append
		w.dir.person("alice").Lockout.Threshold = threshold
		w.enrol("alice")
		for round := range 4 {
			code := w.code("alice", 0)
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() { w.login("alice", "wrong"+code) })
			}
			wg.Wait()
			if p := w.dir.person("alice"); p.locked || p.bad >= threshold {
				t.Fatalf("threshold %d: %d wrong binds after round %d", threshold, p.bad, round)
			}
			w.wait(30 * time.Second)
		}
		if w.dir.binds == 0 {
			t.Errorf("threshold %d: nothing was bound at all", threshold)
		}
	}
}

func TestI04_ExemptPeopleAreNotLockedEither(t *testing.T) {
	w := newWorld(t)
	w.rules.Exclusions = []core.Exclusion{{Groups: []string{"service accounts"}}}
	for range 50 {
		w.login("svc-backup", "wrong")
		w.wait(time.Second)
	}
	if p := w.dir.person("svc-backup"); p.bad > 3 {
		t.Errorf("%d wrong binds against a threshold of 6, want at most 3", p.bad)
	}
	want(t, w.login("svc-backup", "Tape.3"), core.Reject, core.PasswordsThrottled)
	w.wait(31 * time.Minute)
	w.dir.person("svc-backup").bad = 0
	want(t, w.login("svc-backup", "Tape.3"), core.Accept, core.AcceptedExcluded)
}

func TestI04_ABindWhoseOutcomeIsUnknownIsNotRepeatedAndCounts(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	w.dir.answer = &core.Bound{Outcome: core.BindUnknown}
	for range 10 {
		if d := w.login("alice", alicePass+w.code("alice", 0)); d.Result == core.Accept {
			t.Fatal("let in without an answer")
		}
	}
	if w.dir.binds != 5 { // a threshold of 6 less one
		t.Errorf("%d binds, want 5", w.dir.binds)
	}
}

func TestI05_WrongCodesNeverReachTheDirectory(t *testing.T) {
	for _, mode := range []core.Mode{core.Append, core.ChallengeOnly, core.Both} {
		w := newWorld(t)
		w.client.Mode = mode
		w.enrol("alice")
		for range 50 {
			d := w.login("alice", alicePass+w.wrong("alice"))
			if d.Result == core.Challenge {
				d = w.reply("alice", d, w.wrong("alice"))
			}
			if d.Result == core.Accept {
				t.Fatal("let in")
			}
		}
		if w.dir.binds != 0 || w.dir.person("alice").bad != 0 {
			t.Errorf("mode %d: %d binds, want none", mode, w.dir.binds)
		}
	}
}

func TestASpentLaneAsksForTwoConsecutiveCodes(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	for range 12 {
		w.login("alice", alicePass+w.wrong("alice"))
	}
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Reject, core.CodesThrottled)
	want(t, w.login("alice", alicePass+w.code("alice", 0)+w.code("alice", 0)), core.Reject, core.CodesThrottled)
	want(t, w.login("alice", alicePass+w.code("alice", 0)+w.code("alice", 1)), core.Accept, core.AcceptedPair)
	want(t, w.login("alice", alicePass+w.code("alice", 0)+w.code("alice", 1)), core.Reject, core.CodeUsed)
}

func TestASpentLaneAsksForTheNextCodeInAChallenge(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.ChallengeOnly
	w.enrol("alice")
	for range 10 {
		want(t, w.reply("alice", w.login("alice", alicePass), w.wrong("alice")), core.Reject, core.WrongCode)
	}
	d := w.reply("alice", w.login("alice", alicePass), w.code("alice", 0))
	want(t, d, core.Challenge, core.ChallengedNext)
	if d.Ask.For != core.AskNextCode {
		t.Errorf("asks for %d, want the next code", d.Ask.For)
	}
	w.wait(30 * time.Second)
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Accept, core.AcceptedPair)

	d = w.reply("alice", w.login("alice", alicePass), w.wrong("alice"))
	want(t, d, core.Challenge, core.ChallengedNext)
	want(t, w.reply("alice", d, w.code("alice", 1)), core.Reject, core.WrongCode)
}

func TestAPairMustBeNewInBothItsCodes(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	seen := w.code("alice", 0)
	want(t, w.login("alice", alicePass+seen), core.Accept, core.AcceptedCode)
	want(t, w.login("alice", alicePass+seen+w.code("alice", 1)), core.Reject, core.CodeUsed)
}

func TestI05_AStrangerGetsAHundredCodesJudgedInAMonthAndTheOwnerStillGetsIn(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	home := netip.MustParseAddr("198.51.100.7")
	from := func(addr netip.Addr, password string) core.Decision {
		at := w.attempt("alice", password)
		at.Place.Person = addr
		return w.Authenticate(context.Background(), at)
	}
	want(t, from(home, alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
	judged := 0
	for hour := range 30 * 24 {
		guess := "guess" + w.wrong("alice")
		for range 20 { // more than a lane ever has; the rest of a hundred a second would all be throttled
			if w.login("alice", guess).Reason == core.WrongCode {
				judged++
			}
		}
		if hour%24 == 9 {
			want(t, from(home, alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
			w.wait(time.Minute)
			pair := w.code("alice", 0) + w.code("alice", 1)
			want(t, from(netip.MustParseAddr("203.0.113.9"), alicePass+pair), core.Accept, core.AcceptedPair)
			w.wait(-time.Minute)
		}
		w.wait(time.Hour)
	}
	if judged > 100 {
		t.Errorf("%d single codes judged, want at most 100", judged)
	}
	if p := w.dir.person("alice"); p.bad != 0 {
		t.Errorf("badPwdCount %d, want 0", p.bad)
	}
}

func TestI06_AllSpellingsShareOneTokenAndOneMemory(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	for i, name := range []string{"alice", "ALICE", "alice@corp.example.com", "alice@example.com", `CORP\alice`, "AlIcE@EXAMPLE.com", " alice "} {
		code := w.code("alice", 0)
		want(t, w.login(name, alicePass+code), core.Accept, core.AcceptedCode)
		want(t, w.login("alice", alicePass+code), core.Reject, core.CodeUsed)
		w.wait(time.Duration(30+i) * time.Second)
	}
}

func TestI07_ADamagedOrLostRecordIsARefusal(t *testing.T) {
	w := newWorld(t)
	w.client.Unenrolled, w.client.UnenrolledUntil = core.AllowUnenrolled, w.clock().Add(time.Hour)
	w.enrol("alice")
	want(t, w.login("bob", "Builder.2"), core.Accept, core.AcceptedUnenrolled)
	id := w.dir.person("alice").ID
	lose := &core.Account{ID: id}
	durable, err := w.store.Update(context.Background(), func(tx core.Tx) error { tx.Delete(lose); return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := durable.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	want(t, w.login("alice", alicePass), core.Reject, core.RecordDamaged)
	if w.dir.binds != 1 {
		t.Errorf("%d binds, want bob's only", w.dir.binds)
	}
}

func TestI07_OutagesLetNobodyIn(t *testing.T) {
	w := newWorld(t)
	w.client.Unenrolled, w.client.UnenrolledUntil = core.AllowUnenrolled, w.clock().Add(time.Hour)
	w.enrol("alice")
	w.dir.down = true
	want(t, w.login("alice", alicePass), core.NoAnswer, core.DirectoryDown)
	w.dir.down = false
	w.dir.answer = &core.Bound{Outcome: core.Unsent}
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.NoAnswer, core.DirectoryDown)
	w.dir.answer = nil
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
}

func TestI08_StrangersSeeNoDifference(t *testing.T) {
	for _, mode := range []core.Mode{core.Append, core.ChallengeOnly, core.Both} {
		w := newWorld(t)
		w.client.Mode = mode
		w.enrol("alice")
		w.enrol("bob")
		if _, err := w.Block(context.Background(), root, "bob", "left"); err != nil {
			t.Fatal(err)
		}
		wrongPassword := "typo" + w.code("alice", 0)
		cases := map[string]func() core.Decision{
			"unknown user":   func() core.Decision { return w.login("nobody", "guess123456") },
			"unenrolled":     func() core.Decision { return w.login("svc-backup", "guess123456") },
			"blocked":        func() core.Decision { return w.login("bob", "guess123456") },
			"wrong code":     func() core.Decision { return w.login("alice", "guess"+w.wrong("alice")) },
			"no code":        func() core.Decision { return w.login("alice", "guess") },
			"wrong password": func() core.Decision { return w.login("alice", wrongPassword) },
			"empty":          func() core.Decision { return w.login("alice", "") },
		}
		for range 11 { // from the eleventh round on all lanes are spent: throttled
			for name, try := range cases {
				d := try()
				wantKind := core.Reject
				if mode != core.Append {
					wantKind = core.Challenge
				}
				if d.Result != wantKind || d.Result == core.Challenge && (d.Ask.For != core.AskCode || d.Ask.Key != "") {
					t.Fatalf("mode %d, %s: %v for %d (%s)", mode, name, d.Result, d.Ask.For, d.Reason.Name())
				}
			}
		}
	}
}

func TestI08_SecondLegsOfStrangersLookAlikeWhenThrottledToo(t *testing.T) {
	for _, mode := range []core.Mode{core.ChallengeOnly, core.Both} {
		w := newWorld(t)
		w.client.Mode = mode
		w.enrol("alice")
		var known, unknown []core.Result
		for range 15 {
			known = append(known, w.reply("alice", w.login("alice", "guess"), w.wrong("alice")).Result)
			unknown = append(unknown, w.reply("nobody", w.login("nobody", "guess"), w.wrong("alice")).Result)
		}
		if diff := cmp.Diff(known, unknown); diff != "" {
			t.Fatalf("mode %d: a known name is answered otherwise than an unknown one: %s", mode, diff)
		}
		if known[0] != core.Reject || known[14] != core.Challenge {
			t.Errorf("mode %d: %v, want rejects and then challenges for the next code", mode, known)
		}
	}
}

func TestI12_AMillionFirstLegsWriteNothing(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.ChallengeOnly
	w.enrol("alice")
	before := len(w.events)
	for range 2000 {
		w.login("alice", alicePass)
		w.login("nobody", alicePass)
	}
	if len(w.events) != before {
		t.Errorf("%d events", len(w.events)-before)
	}
}

func TestI11_EveryDecisionLeavesItsEventAndFloodsAreSummed(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	w.login("alice", alicePass+w.code("alice", 0))
	e := w.events[len(w.events)-1]
	if e.Reason != core.AcceptedCode || e.Result != core.Accept || e.User != `CORP\alice` || e.Client != "vpn" || e.NAS != "10.1.0.5" {
		t.Errorf("event %+v", e)
	}
	before := len(w.events)
	for range 1000 {
		w.login("nobody", "guess123456")
	}
	if n := len(w.events) - before; n != 20 {
		t.Errorf("%d events of a flood within a minute, want 20", n)
	}
	w.wait(time.Minute)
	if err := w.Maintain(context.Background()); err != nil {
		t.Fatal(err)
	}
	e = w.events[len(w.events)-1]
	if e.Reason != core.RefusalsSummed || e.Count != 980 {
		t.Errorf("event %s with count %d, want the sum of 980", e.Reason.Name(), e.Count)
	}
}

func TestI10_NoSecretInAnyEventOrTrail(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	trail := &core.Trail{}
	for _, password := range []string{alicePass + w.code("alice", 0), "typo" + w.code("alice", 1), alicePass + w.wrong("alice")} {
		at := w.attempt("alice", password)
		at.Trail = trail
		w.Authenticate(context.Background(), at)
	}
	text := strings.Join(trail.Steps, "\n")
	for _, e := range w.events {
		text += "\n" + e.User + e.Detail + e.Actor
	}
	for _, secret := range []string{alicePass, "typo", w.code("alice", 0), w.code("alice", 1), w.wrong("alice")} {
		if strings.Contains(text, secret) {
			t.Errorf("a secret stands in:\n%s", text)
		}
	}
	if len(trail.Steps) < 6 {
		t.Errorf("the trail says little: %q", trail.Steps)
	}
}

func TestAServiceAccountLogsInAtManyDoorsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.dir.slow = 2 * time.Millisecond
	w.rules.Exclusions = []core.Exclusion{{Users: []string{"svc-backup"}}}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var in atomic.Int32
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			if w.Authenticate(ctx, w.attempt("svc-backup", "Tape.3")).Result == core.Accept {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	if in.Load() != 30 {
		t.Errorf("%d of 30 were let in", in.Load())
	}
}

func TestI04_WhoWaitsForABindDoesNotExceedTheBudget(t *testing.T) {
	w := newWorld(t)
	w.dir.slow = 2 * time.Millisecond
	w.rules.Exclusions = []core.Exclusion{{Users: []string{"svc-backup"}}}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { w.Authenticate(ctx, w.attempt("svc-backup", "wrong")) })
	}
	wg.Wait()
	if p := w.dir.person("svc-backup"); p.bad != 3 {
		t.Errorf("%d wrong binds against a threshold of 6, want 3", p.bad)
	}
}

func TestI12_OnlySoManyWaitForAPersonsBinds(t *testing.T) {
	w := newWorld(t)
	w.rules.Exclusions = []core.Exclusion{{Users: []string{"svc-backup"}}}
	ctx, cancel := context.WithCancel(context.Background())
	stuck := &stuckBinder{free: make(chan struct{})}
	const binding, waiting, more = 3, 32, 8
	answered := make(chan core.Decision, binding+waiting+more)
	for range binding + waiting + more {
		go func() {
			at := w.attempt("svc-backup", "Tape.3")
			at.Binder = stuck
			answered <- w.Authenticate(ctx, at)
		}()
	}
	for range more { // those beyond are refused while the others wait
		want(t, <-answered, core.Reject, core.PasswordsThrottled)
	}
	if len(answered) > 0 {
		t.Error("somebody who may wait did not")
	}
	cancel()
	for range waiting {
		want(t, <-answered, core.Reject, core.PasswordsThrottled)
	}
	close(stuck.free)
	for range binding {
		<-answered
	}
}

// stuckBinder keeps everybody waiting until it is freed.
type stuckBinder struct{ free chan struct{} }

func (b *stuckBinder) Bind(context.Context, core.Identity, string) core.Bound {
	<-b.free
	return core.Bound{Outcome: core.Right}
}

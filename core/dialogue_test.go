package core_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"twofold/core"
	"twofold/core/otp"
)

// immediate is a client that binds before it challenges.
func immediate(w *world) {
	w.client.Mode, w.client.Check = core.ChallengeOnly, core.Immediate
}

func TestAnImmediateCheckBindsFirstAndOnce(t *testing.T) {
	w := newWorld(t)
	immediate(w)
	w.enrol("alice")
	want(t, w.login("alice", "typo"), core.Reject, core.WrongPassword)
	d := w.login("alice", alicePass)
	want(t, d, core.Challenge, core.ChallengedCode)
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Accept, core.AcceptedCode)
	if w.dir.binds != 2 {
		t.Errorf("%d binds, want one per password", w.dir.binds)
	}
}

func TestAfterARightPasswordTheCodeMayBeTriedAgain(t *testing.T) {
	w := newWorld(t)
	immediate(w)
	w.enrol("alice")
	d := w.login("alice", alicePass)
	first := d
	for range 2 {
		d = w.reply("alice", d, w.wrong("alice"))
		want(t, d, core.Challenge, core.WrongCode)
	}
	want(t, w.reply("alice", first, w.code("alice", 0)), core.Reject, core.ChallengeUsed)
	want(t, w.reply("alice", d, w.wrong("alice")), core.Reject, core.WrongCode)
	d = w.login("alice", alicePass)
	d = w.reply("alice", d, w.wrong("alice"))
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Accept, core.AcceptedCode)
	if w.dir.binds != 2 {
		t.Errorf("%d binds, want one per dialogue", w.dir.binds)
	}
}

func TestTenWrongCodesAfterARightPasswordLockLongerEachTime(t *testing.T) {
	w := newWorld(t)
	immediate(w)
	w.rules.Throttle.Burst, w.rules.Throttle.Per30Days = 90, 100
	w.enrol("alice")
	miss := func() core.Decision { return w.reply("alice", w.login("alice", alicePass), w.wrong("alice")) }
	for _, lock := range []time.Duration{15 * time.Minute, 30 * time.Minute} {
		for range 9 {
			want(t, miss(), core.Challenge, core.WrongCode)
		}
		want(t, miss(), core.Reject, core.LockedAfterPassword)
		binds := w.dir.binds
		w.wait(lock - time.Second)
		want(t, w.login("alice", alicePass), core.Reject, core.LockedAfterPassword)
		if w.dir.binds != binds {
			t.Error("a locked account was bound")
		}
		w.wait(time.Second)
	}
}

func TestAHundredWrongCodesAfterARightPasswordDisableTheTokens(t *testing.T) {
	w := newWorld(t)
	immediate(w)
	w.rules.Throttle.Burst, w.rules.Throttle.Per30Days = 1000, 2000
	w.client.Unenrolled, w.client.UnenrolledUntil = core.AllowUnenrolled, w.clock().Add(1000*time.Hour)
	w.enrol("alice")
	var last core.Decision
	for range 100 {
		last = w.reply("alice", w.login("alice", alicePass), w.wrong("alice"))
		w.wait(25 * time.Hour)
	}
	want(t, last, core.Reject, core.TokenDisabled)
	w.client.UnenrolledUntil = w.clock().Add(time.Hour)
	want(t, w.login("alice", alicePass), core.Reject, core.TokensDisabled)
	if _, err := w.Unlock(context.Background(), root, "alice"); err != nil {
		t.Fatal(err)
	}
	want(t, w.reply("alice", w.login("alice", alicePass), w.code("alice", 0)), core.Accept, core.AcceptedCode)
}

func TestAWrongTailIsGivenBackWhenItsChallengeSucceeds(t *testing.T) {
	w := newWorld(t)
	w.dir.person("alice").password = "horse123456"
	w.enrol("alice")
	for range 15 { // one more wrong code each, were they not given back
		d := w.login("alice", "horse123456")
		if d.Result != core.Challenge {
			t.Fatalf("%v (%s)", d.Result, d.Reason.Name())
		}
		want(t, w.reply("alice", d, w.code("alice", 0)), core.Accept, core.AcceptedCode)
		w.wait(30 * time.Second)
	}
}

func TestAnAppendedUsedCodeLeadsToAChallengeForANewOne(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	field := alicePass + w.code("alice", 0)
	want(t, w.login("alice", field), core.Accept, core.AcceptedCode)
	d := w.login("alice", field) // a gateway that sends the portal's credentials again
	want(t, d, core.Challenge, core.CodeUsed)
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Reject, core.CodeUsed)
	d = w.login("alice", field)
	want(t, w.reply("alice", d, w.code("alice", 1)), core.Accept, core.AcceptedCode)
}

func TestI08_ALostDialogueIsLostWhateverCodeItBrings(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	d := w.login("alice", "typo"+w.code("alice", 0))
	want(t, d, core.Challenge, core.WrongPassword)
	binds := w.dir.binds
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Reject, core.WrongPassword)
	if w.dir.binds != binds {
		t.Error("a lost dialogue was bound")
	}
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
}

func TestACodeFieldOfItsOwnIsAnsweredAtOnce(t *testing.T) {
	w := newWorld(t)
	w.enrol("alice")
	try := func(user, password, code string) core.Decision {
		at := w.attempt(user, password)
		at.Code = code
		return w.Authenticate(context.Background(), at)
	}
	want(t, try("alice", alicePass, w.wrong("alice")), core.Reject, core.WrongCode)
	want(t, try("nobody", alicePass, w.wrong("alice")), core.Reject, core.UnknownUser)
	want(t, try("alice", "typo", w.code("alice", 0)), core.Reject, core.WrongPassword)
	spaced := w.code("alice", 0)
	want(t, try("alice", alicePass, spaced[:3]+" "+spaced[3:]), core.Accept, core.AcceptedCode)
	want(t, try("alice", alicePass, spaced), core.Reject, core.CodeUsed)
}

func TestACodeAloneLetsInWhereTheNASChecksThePassword(t *testing.T) {
	w := newWorld(t)
	w.client.Factor = core.FactorOnly
	w.enrol("alice")
	code := w.code("alice", 0)
	want(t, w.login("alice", w.wrong("alice")), core.Reject, core.WrongCode)
	want(t, w.login("alice", code), core.Accept, core.AcceptedCodeOnly)
	want(t, w.login("alice", code), core.Reject, core.CodeUsed)
	want(t, w.login("bob", code), core.Reject, core.NotEnrolled)
	if w.dir.binds != 0 {
		t.Errorf("%d binds, want none", w.dir.binds)
	}
}

func TestExcludedPeopleMayStillAppendCodes(t *testing.T) {
	w := newWorld(t)
	w.rules.Exclusions = []core.Exclusion{{Users: []string{"alice"}, Reason: "roll-out"}}
	w.enrol("alice")
	want(t, w.login("alice", alicePass), core.Accept, core.AcceptedExcluded)
	code := w.code("alice", 0)
	want(t, w.login("alice", alicePass+code), core.Accept, core.AcceptedExcluded)
	want(t, w.login("alice", alicePass+code), core.Accept, core.AcceptedExcluded)
	want(t, w.login("alice", "typo"), core.Reject, core.WrongPassword)
}

func enrolment(w *world) {
	w.client.Unenrolled, w.rules.Enrolment = core.EnrolUnenrolled, core.EnrolmentRules{
		ShowKey: true, Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
}

func (w *world) from(addr, user, password string) core.Decision {
	at := w.attempt(user, password)
	at.Place.Person = netip.MustParseAddr(addr)
	return w.Authenticate(context.Background(), at)
}

func (w *world) replyFrom(addr, user string, d core.Decision, code string) core.Decision {
	at := w.attempt(user, "")
	at.Place.Person, at.Code, at.State = netip.MustParseAddr(addr), code, d.Ask.State
	return w.Authenticate(context.Background(), at)
}

func TestEnrolmentByChallenge(t *testing.T) {
	w := newWorld(t)
	enrolment(w)
	want(t, w.from("10.9.8.7", "alice", "typo"), core.Challenge, core.WrongPassword)
	d := w.from("10.9.8.7", "alice", alicePass)
	want(t, d, core.Challenge, core.ChallengedEnrol)
	key := shown(t, d)
	other := shown(t, w.from("10.9.8.7", "alice", alicePass))
	if string(key.Secret) == string(other.Secret) {
		t.Error("two dialogues show the same key")
	}
	w.keys["alice"] = key
	d = w.replyFrom("10.9.8.7", "alice", d, w.wrong("alice"))
	want(t, d, core.Challenge, core.WrongCode)
	if again := shown(t, d); string(again.Secret) != string(key.Secret) {
		t.Error("the key changed within a dialogue")
	}
	code := w.code("alice", 0)
	want(t, w.replyFrom("10.9.8.7", "alice", d, code), core.Accept, core.AcceptedEnrolled)
	want(t, w.login("alice", alicePass), core.Challenge, core.ChallengedCode)
	want(t, w.login("alice", alicePass+code), core.Challenge, core.CodeUsed)
	want(t, w.login("alice", alicePass+w.code("alice", 1)), core.Accept, core.AcceptedCode)
}

func shown(t *testing.T, d core.Decision) otp.Key {
	t.Helper()
	if d.Ask.For != core.AskEnrol || d.Ask.Key == "" {
		t.Fatalf("no key is shown: %+v", d.Reason.Name())
	}
	key, err := otp.ParseURI(d.Ask.URI)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAnEnrolmentBegunTwiceEndsOnce(t *testing.T) {
	w := newWorld(t)
	enrolment(w)
	one, two := w.from("10.9.8.7", "alice", alicePass), w.from("10.9.8.7", "alice", alicePass)
	w.keys["alice"] = shown(t, one)
	want(t, w.replyFrom("10.9.8.7", "alice", one, w.code("alice", 0)), core.Accept, core.AcceptedEnrolled)
	w.keys["alice"] = shown(t, two)
	want(t, w.replyFrom("10.9.8.7", "alice", two, w.code("alice", 0)), core.Reject, core.ChallengeInvalid)
}

func TestAnInvitationOpensEnrolmentFromAnywhereOnce(t *testing.T) {
	w := newWorld(t)
	enrolment(w)
	w.enrol("alice")
	reset, err := w.Reset(context.Background(), root, "alice", core.ResetRequest{Invite: true})
	if err != nil {
		t.Fatal(err)
	}
	d := w.login("alice", alicePass)
	want(t, d, core.Challenge, core.ChallengedCode)
	if w.dir.binds != 0 {
		t.Error("bound before the invitation was seen")
	}
	d = w.reply("alice", d, reset.Invitation)
	want(t, d, core.Challenge, core.ChallengedEnrol)
	w.keys["alice"] = shown(t, d)
	want(t, w.reply("alice", d, w.code("alice", 0)), core.Accept, core.AcceptedEnrolled)
	want(t, w.reply("alice", w.login("alice", alicePass), reset.Invitation), core.Reject, core.WrongCode)
}

func TestATemporaryCodeLetsInAsOftenAsItSays(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	temp, err := w.TempCode(context.Background(), root, "alice", core.TempCodeRequest{Uses: 1, For: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	want(t, w.login("alice", alicePass+temp.Code), core.Accept, core.AcceptedTempCode)
	want(t, w.login("alice", alicePass+temp.Code), core.Reject, core.WrongCode)
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
}

func TestAResetPersonIsPendingAndNotSomebodyNew(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.client.Unenrolled, w.client.UnenrolledUntil = core.AllowUnenrolled, w.clock().Add(time.Hour)
	w.enrol("alice")
	code := w.code("alice", 0)
	if _, err := w.Reset(context.Background(), root, "alice", core.ResetRequest{}); err != nil {
		t.Fatal(err)
	}
	want(t, w.login("alice", alicePass+code), core.Reject, core.EnrolmentPending)
	want(t, w.login("alice", alicePass), core.Reject, core.EnrolmentPending)
}

func TestCodesAreNotJudgedWhileTheClockIsBehind(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	w.enrol("bob")
	want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Accept, core.AcceptedCode)
	w.wait(-time.Minute)
	want(t, w.login("bob", "Builder.2"+w.code("bob", 0)), core.Reject, core.ClockUntrusted)
	w.wait(time.Minute)
	want(t, w.login("bob", "Builder.2"+w.code("bob", 0)), core.Accept, core.AcceptedCode)
}

func TestRefusedBindsAreTold(t *testing.T) {
	for code, reason := range map[string]core.Reason{"530": core.LogonRestricted, "532": core.PasswordExpired, "533": core.EntryIsDisabled,
		"701": core.EntryIsExpired, "773": core.PasswordMustChange, "775": core.EntryIsLocked, "ldap-53": core.BindRefused} {
		w := newWorld(t)
		w.client.Mode = core.Append
		w.enrol("alice")
		w.dir.answer = &core.Bound{Outcome: core.Refused, Code: code}
		want(t, w.login("alice", alicePass+w.code("alice", 0)), core.Reject, reason)
	}
}

func TestAWrongPairCostsNoLaneAndBeginsAnew(t *testing.T) {
	w := newWorld(t)
	immediate(w)
	w.enrol("alice")
	for range 10 { // the lane is spent
		w.reply("alice", w.login("alice", alicePass), w.wrong("alice"))
	}
	w.wait(16 * time.Minute) // past the lock that ten wrong codes brought
	before, err := w.User(context.Background(), root, "alice")
	if err != nil {
		t.Fatal(err)
	}
	d := w.reply("alice", w.login("alice", alicePass), w.wrong("alice"))
	want(t, d, core.Challenge, core.ChallengedNext)
	d = w.reply("alice", d, w.wrong("alice"))
	want(t, d, core.Challenge, core.WrongCode)
	if d.Ask.For != core.AskCode {
		t.Errorf("asks for %d, want a first code again", d.Ask.For)
	}
	d = w.reply("alice", d, w.code("alice", 0))
	want(t, d, core.Challenge, core.ChallengedNext)
	want(t, w.reply("alice", d, w.code("alice", 1)), core.Accept, core.AcceptedPair)
	after, err := w.User(context.Background(), root, "alice")
	if err != nil {
		t.Fatal(err)
	}
	if before.Lanes[0].Recovers != after.Lanes[0].Recovers {
		t.Errorf("the lane recovers at %v, want %v", after.Lanes[0].Recovers, before.Lanes[0].Recovers)
	}
}

func TestASecondLossDoesNotLowerTheFloor(t *testing.T) {
	w := newWorld(t)
	w.client.Mode = core.Append
	w.enrol("alice")
	lost := func() {
		svc, err := core.New(context.Background(), core.Config{Store: w.store, Directory: w.dir, Rules: w.rules, Now: w.clock, Lost: true})
		if err != nil {
			t.Fatal(err)
		}
		w.Service = svc
	}
	lost()
	code := w.code("alice", 1)
	w.wait(-10 * time.Minute)
	lost() // with a clock that runs behind
	w.wait(10 * time.Minute)
	want(t, w.login("alice", alicePass+code), core.Reject, core.CodeUsed)
}

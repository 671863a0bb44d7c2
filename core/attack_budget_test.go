package core

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"twofold/core/otp"
)

// The directory forgets wrong passwords when it sees a right one. We see the
// outcomes in another order than it did.
func TestI04_ARightPasswordForgivesOnlyWhatCameBeforeIt(t *testing.T) {
	who := Identity{ReadAt: noon.Add(-time.Second), Lockout: Lockout{Known: true, Threshold: 10, Window: 30 * time.Minute}}
	kase := func(id string) *Case {
		return &Case{Attempt: Attempt{ID: id, Client: &Client{}}, Who: who, Rules: &Rules{Throttle: usual}}
	}
	a := Account{Standing: NeverEnrolled}
	v := Verdict{next: toBind, then: toAdmit, need: Need{PasswordOnly, AcceptedExcluded}}
	a.wrongPassword(noon.Add(-time.Minute))
	a.hold("right", hit{}, noon)
	for i := range 6 {
		a.hold(fmt.Sprint(i), hit{}, noon)
	}
	for i := range 6 { // all of them reached the directory after the right one, and were answered before it
		a, _ = a.settle(kase(fmt.Sprint(i)), v, Bound{Outcome: Wrong}, noon.Add(time.Second))
	}
	a, after := a.settle(kase("right"), v, Bound{Outcome: Right}, noon.Add(2*time.Second))
	if after.next != toAdmit {
		t.Fatalf("refused: %s", after.reason.Name())
	}
	if left := a.bindsLeft(who, usual, true, noon.Add(3*time.Second)); left != 3 {
		t.Errorf("%d binds left, want 3: six wrong ones may count against a threshold of ten", left)
	}
}

// Whatever the order in which the directory and we see binds, it never locks.
func TestI04_NoOrderOfOutcomesLocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		threshold := rapid.IntRange(2, 14).Draw(t, "threshold")
		ad := adCount{threshold: threshold, window: 30 * time.Minute}
		who := Identity{ReadAt: noon, Lockout: Lockout{Known: true, Threshold: threshold, Window: ad.window}}
		var a Account
		var sent, seen []string // binds on their way, and those the directory has answered
		right, now := map[string]bool{}, noon
		for i := range rapid.IntRange(1, 150).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 900).Draw(t, "ms")) * time.Millisecond)
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0, 1:
				if a.reap(now); a.bindsLeft(who, usual, rapid.Bool().Draw(t, "code"), now) > 0 {
					id := fmt.Sprint(i)
					right[id] = rapid.IntRange(0, 4).Draw(t, "right") == 0
					a.hold(id, hit{}, now)
					sent = append(sent, id)
				}
			case 2:
				if len(sent) > 0 {
					at := rapid.IntRange(0, len(sent)-1).Draw(t, "which")
					id := sent[at]
					sent, seen = append(sent[:at:at], sent[at+1:]...), append(seen, id)
					if right[id] {
						ad.bad = 0
					} else if ad.wrong(now); ad.locked {
						t.Fatalf("locked at a threshold of %d", threshold)
					}
				}
			case 3:
				if len(seen) > 0 {
					at := rapid.IntRange(0, len(seen)-1).Draw(t, "answered")
					id := seen[at]
					seen = append(seen[:at:at], seen[at+1:]...)
					c := &Case{Attempt: Attempt{ID: id, Client: &Client{}}, Who: who, Rules: &Rules{Throttle: usual}}
					b := Bound{Outcome: Wrong}
					if right[id] {
						b.Outcome = Right
					}
					a, _ = a.settle(c, Verdict{next: toBind, then: toAdmit, need: Need{Factors: PasswordOnly}}, b, now)
				}
			}
		}
	})
}

// A temporary code may happen to be a token's code too: both are held.
func TestI03_ACodeThatIsTwoThingsIsHeldAsBoth(t *testing.T) {
	id := AccountID{1}
	params := otp.Params{Algorithm: otp.SHA1, Digits: 8, Period: 30 * time.Second, Window: 1}
	token := Token{ID: "t", Secret: []byte("12345678901234567890"), Params: params}
	code := params.Code(token.Secret, params.StepAt(noon))
	a := Account{ID: id, Standing: Enrolled, Tokens: []Token{token},
		Temps: []Temp{{Hash: hashTemp(id, code), Digits: 8, Uses: 2, Until: noon.Add(time.Hour), Given: noon}}}
	s := sieve{rules: &Rules{OTP: params}, now: noon}
	h, why := a.match(code, s)
	if why != NoReason || len(h.steps) != 1 || h.temp == nil {
		t.Fatalf("%s: %+v", why.Name(), h)
	}
	a.hold("one", h, noon)
	if _, why := a.match(code, s); why != CodeInUse {
		t.Errorf("a second attempt with it is told %q", why.Name())
	}
	a.release("one")
	a.consume(h, noon)
	if a.Temps[0].Uses != 1 || a.Tokens[0].Last != h.steps[0].step {
		t.Error("it was not consumed as both")
	}
}

func TestI12_HoldsOfManyAttemptsAreBounded(t *testing.T) {
	a, who := Account{}, Identity{Lockout: Lockout{Known: true, Threshold: 999, Window: time.Hour}}
	c := &Case{Attempt: Attempt{Client: &Client{}}, Who: who, Rules: &Rules{Throttle: usual}}
	for i := range 500 {
		c.Attempt.ID = fmt.Sprint(i)
		a.permit(c, "password", hit{}, toAdmit, leg{}, noon)
	}
	if len(a.Holds) != wrongKept {
		t.Errorf("%d holds, want %d", len(a.Holds), wrongKept)
	}
	a.reap(noon.Add(holdLife))
	if len(a.Holds) != 0 || len(a.Wrong) != wrongKept {
		t.Errorf("%d holds and %d wrong passwords after they ran out", len(a.Holds), len(a.Wrong))
	}
}

// A lost dialogue holds no password. If it did, it would not be bound.
func TestI08_ALostDialogueIsNotBoundWhateverItHolds(t *testing.T) {
	params := otp.Default()
	token := Token{ID: "t", Secret: []byte("12345678901234567890"), Params: params}
	c := &Case{Rules: &Rules{OTP: params, Throttle: usual}, Leg: leg{Method: legDeferred, Pass: "password", Doom: WrongPassword},
		Attempt: Attempt{ID: "x", Client: &Client{}, Code: params.Code(token.Secret, params.StepAt(noon))}}
	a := Account{Standing: Enrolled, Tokens: []Token{token}}
	if _, v := a.check(c, Need{PasswordAndCode, AcceptedCode}, head{}, noon); v.next != toRefuse || v.reason != WrongPassword {
		t.Errorf("verdict %d (%s)", v.next, v.reason.Name())
	}
	c.Leg.Doom = NoReason
	if _, v := a.check(c, Need{PasswordAndCode, AcceptedCode}, head{}, noon); v.next != toBind {
		t.Errorf("the same dialogue, not lost: verdict %d (%s)", v.next, v.reason.Name())
	}
}

func TestI01_ADisabledTokenMatchesNothing(t *testing.T) {
	params := otp.Default()
	token := Token{ID: "t", Secret: []byte("12345678901234567890"), Params: params, Disabled: true}
	step := params.StepAt(noon)
	code, next := params.Code(token.Secret, step), params.Code(token.Secret, step+1)
	a := Account{Standing: Enrolled, Tokens: []Token{token}}
	s := sieve{rules: &Rules{OTP: params}, now: noon}
	if _, why := a.match(code, s); why != WrongCode {
		t.Errorf("its code is told %s", why.Name())
	}
	if _, why := a.pair(code, next, s); why != WrongCode {
		t.Errorf("its pair is told %s", why.Name())
	}
	c := &Case{Attempt: Attempt{Client: &Client{}}}
	if why := a.revoked(c, hit{steps: []tokenStep{{"t", step}}}, noon); why != TokensDisabled {
		t.Errorf("disabled while the bind was under way: %s", why.Name())
	}
}

func TestI04_AnAttemptThatDiedIsOneWrongPassword(t *testing.T) {
	a := Account{}
	a.hold("x", hit{steps: []tokenStep{{"t", 5}, {"u", 5}}}, noon)
	if a.reap(noon.Add(holdLife)); len(a.Wrong) != 1 {
		t.Errorf("%d wrong passwords are counted, want 1", len(a.Wrong))
	}
}

package core

import (
	"strings"
	"testing"
	"time"
)

func TestExplainSaysWhatThrottleAndBudgetMakeOfIt(t *testing.T) {
	vpn := &Client{Name: "vpn"}
	spend := func(o *office) {
		o.edit("alice", func(a *Account) {
			for range 10 {
				a.lane(nowhere, o.time()).charge(o.current().rules.Throttle, o.time())
			}
		})
	}
	wrong := func(o *office) {
		o.edit("alice", func(a *Account) {
			for range 3 {
				a.wrongPassword(o.time())
			}
		})
	}
	lockout := func(l Lockout) func(*office) {
		return func(o *office) {
			who := o.book.people["alice"]
			who.Lockout, who.ReadAt = l, o.time().Add(-time.Minute)
			o.book.people["alice"] = who
		}
	}
	for name, c := range map[string]struct {
		client  *Client
		before  []func(*office)
		outcome string
		reason  Reason
	}{
		"a spent lane": {vpn, []func(*office){spend},
			"password and code: two consecutive ones (single ones are throttled until 2026-11-22T16:00:00Z)", AcceptedCode},
		"a spent lane and the code only": {&Client{Name: "switch", Factor: FactorOnly}, []func(*office){spend, wrong},
			"code alone: the client checks the password: two consecutive ones (single ones are throttled until 2026-11-22T16:00:00Z)", AcceptedCodeOnly},
		"a spent lane and no code asked for": {&Client{Name: "wifi", Factor: FactorNone}, []func(*office){spend},
			"password alone: " + AcceptedNotRequired.Text(), AcceptedNotRequired},
		"a spent lane and a temporary code only": {vpn, []func(*office){func(o *office) {
			ok[ResetResult](t)(o.Reset(ctx, root, "alice", ResetRequest{}))
			ok[TempCode](t)(o.TempCode(ctx, root, "alice", TempCodeRequest{For: 20 * time.Hour}))
		}, spend}, "password and code; but codes are throttled until 2026-11-22T16:00:00Z, and there is no token to take two consecutive ones of", AcceptedCode},
		"no bind left": {vpn, []func(*office){wrong},
			"password and code; but no bind is left until 2026-11-22T08:15:00Z: refused until then", PasswordsThrottled},
		"wrong passwords at other doors": {vpn, []func(*office){lockout(Lockout{Known: true, Threshold: 4, Window: time.Hour, Bad: 3})},
			"password and code; but no bind is left until 2026-11-22T08:59:00Z: refused until then", PasswordsThrottled},
		"a threshold of one": {vpn, []func(*office){lockout(Lockout{Known: true, Threshold: 1, Window: time.Hour})},
			"password and code; but no bind may be sent: the directory locks accounts too soon", PasswordsThrottled},
		"a block before all": {vpn, []func(*office){wrong, func(o *office) { ok[UserView](t)(o.Block(ctx, root, "alice", "")) }},
			"refused: " + Blocked.Text(), Blocked},
	} {
		t.Run(name, func(t *testing.T) {
			o, _ := enrolled(t, "alice")
			o.clock = o.clock.Truncate(time.Second)
			for _, change := range c.before {
				change(o)
			}
			e := ok[Explanation](t)(o.Explain(ctx, auditor, ExplainRequest{User: "alice", Client: c.client}))
			if e.Outcome != c.outcome || e.Reason != c.reason {
				t.Errorf("%q (%v), by %q", e.Outcome, e.Reason.Name(), e.Policy)
			}
		})
	}
}

func TestExplainAndALoginTellTheSameBudget(t *testing.T) {
	for _, client := range []*Client{{Mode: Append}, {Mode: ChallengeOnly, Check: Immediate}, {Factor: FactorNone}} {
		o, keys := enrolled(t, "alice")
		who := o.book.people["alice"]
		who.Lockout = Lockout{Known: true, Threshold: 6, Window: time.Hour}
		o.book.people["alice"] = who
		e := ok[Explanation](t)(o.Explain(ctx, auditor, ExplainRequest{User: "alice", Client: client}))
		password := "Passw0rd"
		if client.Mode == Append && client.Factor == FactorRequired {
			password += keys["alice"].Code(keys["alice"].Secret, keys["alice"].StepAt(o.time()))
		}
		_, trail, err := o.Try(ctx, root, Attempt{ID: "t1", Client: client, User: "alice", Password: password})
		if err != nil || budget(e.Policy) != budget(trail.Steps) || budget(e.Policy) == "" {
			t.Errorf("explain says %q, the login %q, %v", e.Policy, trail.Steps, err)
		}
	}
}

func budget(steps []string) string {
	for _, s := range steps {
		if strings.HasPrefix(s, "password budget: ") {
			return s
		}
	}
	return ""
}

package core

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestExplainSaysWhatWouldBeAskedAndWhy(t *testing.T) {
	vpn := &Client{Name: "vpn", AllowExclusions: true}
	for _, c := range []struct {
		name    string
		user    string
		client  *Client
		before  func(*office)
		outcome string
		reason  Reason
	}{
		{"enrolled", "alice", vpn, nil, "password and code", AcceptedCode},
		{"never enrolled", "bob", vpn, nil, "refused: " + NotEnrolled.Text(), NotEnrolled},
		{"blocked", "alice", vpn, func(o *office) { ok[UserView](t)(o.Block(ctx, root, "alice", "left")) }, "refused: " + Blocked.Text(), Blocked},
		{"code only", "alice", &Client{Name: "switch", Factor: FactorOnly}, nil, "code alone: the client checks the password", AcceptedCodeOnly},
		{"excluded", "alice", vpn, func(o *office) {
			o.rules(func(r *Rules) {
				r.Exclusions = []Exclusion{{Users: []string{"svc-*"}}, {Users: []string{"AL?CE"}, Reason: "cannot type", Until: time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC)}}
			})
		}, "password alone: exclusion 2, cannot type (until 2027-03-31 inclusive)", AcceptedExcluded},
		{"not required", "alice", &Client{Name: "wifi", Factor: FactorNone}, nil, "password alone: " + AcceptedNotRequired.Text(), AcceptedNotRequired},
		{"a clock that ran back", "alice", vpn, func(o *office) {
			put(t, o, &head{Seq: 2, Step: o.time().Add(time.Hour)})
		}, "refused: " + ClockUntrusted.Text(), ClockUntrusted},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, _ := enrolled(t, "alice")
			o.book.add("bob")
			if c.before != nil {
				c.before(o)
			}
			e := ok[Explanation](t)(o.Explain(ctx, auditor, ExplainRequest{User: c.user, Client: c.client}))
			if e.Outcome != c.outcome || e.Reason != c.reason || len(e.Policy) == 0 {
				t.Errorf("%q (%v), by %q", e.Outcome, e.Reason.Name(), e.Policy)
			}
		})
	}
}

func TestExplainShowsTheEntryAndTheLanes(t *testing.T) {
	o, _ := enrolled(t, "alice")
	home := netip.MustParseAddr("192.0.2.7")
	who := o.book.people["alice"]
	who.Groups = []Group{{"Staff", "CN=Staff"}}
	who.Lockout = Lockout{Known: true, Threshold: 5, Window: 30 * time.Minute, Bad: 1}
	o.book.people["alice"] = who
	o.edit("alice", func(a *Account) {
		rules := o.current().rules.Throttle
		a.seen(home, rules, o.time())
		a.lane(home, o.time()).charge(rules, o.time())
	})
	o.wait(time.Second)
	before := o.shelf.writes
	e := ok[Explanation](t)(o.Explain(ctx, auditor, ExplainRequest{User: "alice", Client: &Client{Name: "vpn"}, Person: home}))
	if e.Entry.DN != who.DN || !slices.Equal(e.Entry.Groups, []string{"Staff"}) || e.Entry.State != "usable" ||
		e.Entry.Lockout != "locks after 5 wrong passwords within 30m0s; 1 counted" {
		t.Errorf("%+v", e.Entry)
	}
	steps := strings.Join(e.Policy, "\n")
	for _, part := range []string{"codes from 192.0.2.7: 9 wrong ones more", "password budget: 3 binds left with a right code"} {
		if !strings.Contains(steps, part) {
			t.Errorf("%q is not in %q", part, steps)
		}
	}
	if len(e.User.Tokens) != 1 || len(e.User.Lanes) != 1 || o.shelf.writes != before || o.book.binds != 0 {
		t.Errorf("%+v, %d writes, %d binds", e.User, o.shelf.writes-before, o.book.binds)
	}
}

func TestExplainNeedsSomebodyAndAClient(t *testing.T) {
	o := newOffice(t, "alice")
	if _, err := o.Explain(ctx, root, ExplainRequest{User: "nobody", Client: &Client{}}); !errors.Is(err, ErrUnknownUser) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := o.Explain(ctx, root, ExplainRequest{User: "alice"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("no client: %v", err)
	}
}

func TestTryTellsTheStepsAndIsAudited(t *testing.T) {
	o, keys := enrolled(t, "alice")
	code := keys["alice"].Code(keys["alice"].Secret, keys["alice"].StepAt(o.time()))
	d, trail, err := o.Try(ctx, root, Attempt{ID: "t1", Client: &Client{Name: "vpn"}, User: "alice", Password: "Passw0rd" + code})
	if err != nil || d.Result != Accept || len(trail.Steps) == 0 {
		t.Fatalf("%v (%v), %v", d.Result, d.Reason.Name(), err)
	}
	log := o.log()
	if got := log[len(log)-2:]; !slices.Equal(got, []Reason{LoginTried, AcceptedCode}) {
		t.Errorf("events %v", got)
	}
	if steps := strings.Join(trail.Steps, " "); strings.Contains(steps, code) || strings.Contains(steps, "Passw0rd") {
		t.Error("a secret stands in the steps")
	}
	if _, _, err := o.Try(ctx, root, Attempt{User: "alice"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("without a client: %v", err)
	}
}

func TestI11_NothingIsTriedThatCannotBeAudited(t *testing.T) {
	o, _ := enrolled(t, "alice")
	o.shelf.down = ErrUnavailable
	if _, _, err := o.Try(ctx, root, Attempt{Client: &Client{}, User: "alice", Password: "Passw0rd123456"}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if o.book.binds != 0 {
		t.Error("the directory was asked")
	}
}

func TestStatusCounts(t *testing.T) {
	o, _ := enrolled(t, "alice", "bob")
	o.key(Auditor)
	o.rules(func(r *Rules) {
		r.Exclusions = []Exclusion{{Users: []string{"a"}}, {Users: []string{"b"}, Until: o.time()}}
	})
	status := ok[Status](t)(o.Status(ctx, auditor))
	if status.Accounts != 2 || status.APIKeys != 1 || status.Events != 4 || status.LastEvent != 4 || status.Exclusions != 1 ||
		status.OldestEvent != o.event(0).At || status.NewestEvent != o.event(3).At || status.EventBytes < 200 {
		t.Errorf("%+v", status)
	}
}

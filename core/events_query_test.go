package core

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// all reads every page of a query.
func (o *office) all(q EventQuery) (events []Event) {
	o.t.Helper()
	for pages := 0; ; pages++ {
		page := ok[EventPage](o.t)(o.Events(ctx, auditor, q))
		events = append(events, page.Events...)
		if page.Next == "" {
			return events
		}
		if q.After = page.Next; pages > 1000 {
			o.t.Fatal("the log has no end")
		}
	}
}

// details are those of events, which written numbers.
func details(events []Event) string {
	var all []string
	for _, e := range events {
		all = append(all, e.Detail)
	}
	return strings.Join(all, " ")
}

func TestEventsAreReadInTheirOrder(t *testing.T) {
	o := written(t, 12)
	for _, limit := range []int{1, 3, 11, 12, 100} {
		if got := details(o.all(EventQuery{Limit: limit})); got != " 1 2 3 4 5 6 7 8 9 10 11" {
			t.Errorf("in pages of %d: %s", limit, got)
		}
	}
}

func TestEventsOfAPersonAreFoundUnderEverySpelling(t *testing.T) {
	o := written(t, 12)
	id := o.book.people["alice"].ID.String()
	for _, name := range []string{"alice", `CORP\ALICE`, "alice@corp.example.com"} {
		for _, limit := range []int{1, 2, 6, 100} {
			if got := details(o.all(EventQuery{User: name, Limit: limit})); got != "1 3 5 7 9 11" {
				t.Errorf("%s in pages of %d: %s", name, limit, got)
			}
		}
	}
	o.put("alice")
	if got := details(o.all(EventQuery{User: id})); got != "1 3 5 7 9 11" {
		t.Errorf("by the account, once gone: %q", got)
	}
}

// put stores an account, as an Accept would, and takes the entry away.
func (o *office) put(login string) {
	o.t.Helper()
	who := o.book.people[login]
	put(o.t, o, &Account{ID: who.ID, Login: login, Since: o.time()})
	delete(o.book.people, login)
}

func TestEventsOfANameNobodyHasAreFoundByTheName(t *testing.T) {
	o := written(t, 12)
	o.note(Event{Reason: UnknownUser, User: "bobb", Detail: "typo"})
	o.note(Event{Reason: UnknownUser, User: "other", Detail: "other"})
	if got := details(o.all(EventQuery{User: "BOBB"})); got != "typo" {
		t.Errorf("found %q", got)
	}
}

func TestEventsCanBeReadWhileTheDirectoryIsDown(t *testing.T) {
	o := written(t, 12)
	o.book.down = true
	for _, name := range []string{"Alice", `CORP\alice`} {
		if got := details(o.all(EventQuery{User: name, Limit: 4})); got != "1 3 5 7 9 11" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestEventsAreBoundedInTime(t *testing.T) {
	o := written(t, 12)
	since, until := o.event(4).At, o.event(8).At
	for _, user := range []string{"", "alice", "bob"} {
		want := map[string]string{"": "4 5 6 7", "alice": "5 7", "bob": "4 6"}[user]
		if got := details(o.all(EventQuery{User: user, Since: since, Until: until, Limit: 1})); got != want {
			t.Errorf("%q: %s, want %s", user, got, want)
		}
	}
	if got := o.all(EventQuery{Since: o.time().Add(time.Hour)}); len(got) != 0 {
		t.Errorf("%d from the future", len(got))
	}
}

func TestFollowingTheLogGivesEachEventOnce(t *testing.T) {
	o := written(t, 3)
	page := ok[EventPage](t)(o.Events(ctx, auditor, EventQuery{}))
	for i := range 5 {
		if again := ok[EventPage](t)(o.Events(ctx, auditor, EventQuery{After: page.Last})); len(again.Events) != 0 || again.Last != page.Last {
			t.Fatalf("%d events again", len(again.Events))
		}
		o.note(Event{Reason: Reloaded, Detail: fmt.Sprint(i)})
		page = ok[EventPage](t)(o.Events(ctx, auditor, EventQuery{After: page.Last}))
		if details(page.Events) != fmt.Sprint(i) {
			t.Errorf("got %s, want %d", details(page.Events), i)
		}
	}
}

func TestADamagedEventIsNotPassedOver(t *testing.T) {
	o := written(t, 12)
	o.shelf.records[string(kindEvent)+"\x00"+o.shelf.keys(kindEvent)[5]] = []byte{0xff}
	for _, user := range []string{"", "alice"} {
		if _, err := o.Events(ctx, auditor, EventQuery{User: user}); !errors.Is(err, ErrDamaged) {
			t.Errorf("%q: %v", user, err)
		}
	}
}

func TestACursorOfOnesOwnIsRefused(t *testing.T) {
	o := written(t, 3)
	for _, after := range []string{"zz", strings.Repeat("00", 200)} {
		if _, err := o.Events(ctx, auditor, EventQuery{After: after}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%.4s: %v", after, err)
		}
	}
}

func TestAnEventInJSONSaysItsIDNameAndText(t *testing.T) {
	o := written(t, 2)
	e := o.event(1)
	text := ok[string](t)(asJSON(e))
	for _, part := range []string{`"id":"TF2005"`, `"name":"wrong-code"`, `"text":"The one-time code`, `"result":"reject"`,
		`"account":"` + e.Account.String() + `"`, `"user":"CORP\\alice"`, `"seq":2`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is missing from %s", part, text)
		}
	}
	var read Event
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	e.Hash = nil
	if diff := cmp.Diff(e, read); diff != "" {
		t.Errorf("read back: %s", diff)
	}
	for _, bad := range []string{`{"id":2005}`, `{"id":"TF99999"}`, `{"id":"2005"}`, `{"result":"yes"}`, `{"account":"00"}`} {
		if err := json.Unmarshal([]byte(bad), &read); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestEveryReasonHasANumberANameAndAText(t *testing.T) {
	names := map[string]Reason{}
	all := Reasons()
	for _, r := range all {
		if other, twice := names[r.Name()]; twice {
			t.Errorf("%v and %v are both called %s", r, other, r.Name())
		}
		names[r.Name()] = r
		if strings.ToLower(r.Name()) != r.Name() || strings.ContainsAny(r.Name(), " _") || !strings.HasSuffix(r.Text(), ".") {
			t.Errorf("%v: %q, %q", r, r.Name(), r.Text())
		}
	}
	if !slices.IsSorted(all) || len(slices.Compact(all)) != len(names) {
		t.Error("the table is not in the order of the numbers")
	}
	if r := Reason(9999); r.Name() != "TF9999" || r.Text() == "" {
		t.Errorf("an unknown one is %q, %q", r.Name(), r.Text())
	}
}

// TestNoReasonIsMissingFromTheTable reads the constants themselves.
func TestNoReasonIsMissingFromTheTable(t *testing.T) {
	for name, number := range declared(t) {
		if _, ok := reasonIndex[number]; !ok && number != NoReason {
			t.Errorf("%s (%v) has no row", name, number)
		}
	}
}

func TestEventsOfAPersonIncludeThoseThatStandUnderANameOnly(t *testing.T) {
	o := newOffice(t, "alice", "bob")
	vpn := &Client{Name: "vpn"}
	_, _, err := o.Try(ctx, root, Attempt{ID: "t1", Client: vpn, User: "alice", Password: "typo"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Alice", `CORP\alice`, "alice@CORP.example.com", "bob", "alice@elsewhere.org", `OTHER\alice`} {
		o.Refuse(ctx, Attempt{Client: vpn, User: name}, MethodUnsupported)
	}
	if _, err := o.Block(ctx, auditor, "alice", "why"); !errors.Is(err, ErrForbidden) {
		t.Fatal(err)
	}
	want := []string{"TF5012 CORP\\alice", "TF2031 Alice", `TF2031 CORP\alice`, "TF2031 alice@CORP.example.com", "TF5013 alice"}
	for _, limit := range []int{1, 2, 100} {
		var got []string
		for _, e := range o.all(EventQuery{User: "alice", Limit: limit}) {
			if e.Reason != NotEnrolled {
				got = append(got, e.Reason.String()+" "+e.User)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in pages of %d: %s", limit, diff)
		}
	}
	if id := o.all(EventQuery{User: "alice"})[0].Account; id != o.book.people["alice"].ID {
		t.Errorf("the login that was tried is of account %v", id)
	}
}

func TestAMistypedNameIsNoPersonWithoutEvents(t *testing.T) {
	o := written(t, 12)
	if page, err := o.Events(ctx, auditor, EventQuery{User: "alcie"}); !errors.Is(err, ErrUnknownUser) {
		t.Errorf("%d events, %v", len(page.Events), err)
	}
	o.Refuse(ctx, Attempt{Client: &Client{}, User: "alcie"}, MethodUnsupported)
	if got := o.all(EventQuery{User: "alcie"}); len(got) != 1 {
		t.Errorf("%d events", len(got))
	}
}

func TestAnEventBetweenTwoScansIsNotPassedOver(t *testing.T) {
	o := written(t, 3)
	who, scans := o.book.people["alice"], 0
	o.shelf.scanned = func(kind Kind) {
		if scans++; kind == kindByUser && scans == 2 {
			o.shelf.scanned = nil
			o.note(Event{Reason: WrongCode, User: who.Display(), Account: who.ID, Detail: "first"})
			o.note(Event{Reason: MethodUnsupported, User: "alice", Detail: "second"})
		}
	}
	page := ok[EventPage](t)(o.Events(ctx, auditor, EventQuery{User: "alice"}))
	page2 := ok[EventPage](t)(o.Events(ctx, auditor, EventQuery{User: "alice", After: page.Last}))
	if got := details(append(page.Events, page2.Events...)); got != "1 first second" {
		t.Errorf("followed: %q", got)
	}
}

func TestI12_EventsUnderANameOnlyArePrunedWithTheirIndex(t *testing.T) {
	o := newOffice(t)
	for range 30 {
		o.Refuse(ctx, Attempt{Client: &Client{}, User: "stranger"}, MethodUnsupported)
		o.wait(time.Minute)
	}
	o.rules(func(r *Rules) { r.Events.Keep = 10*time.Minute + time.Second })
	o.maintain()
	if n := len(o.shelf.keys(kindByUser)); n != 10 {
		t.Errorf("%d entries in the index, want 10", n)
	}
}

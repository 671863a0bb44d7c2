package core

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestUnlockTellsWhatTheDirectoryCountsStill(t *testing.T) {
	o, _ := enrolled(t, "alice")
	if v := ok[UserView](t)(o.Unlock(ctx, root, "alice")); v.Counted != nil {
		t.Errorf("nothing is counted, and it says %+v", v.Counted)
	}
	who := o.book.people["alice"]
	who.Lockout, who.ReadAt = Lockout{Known: true, Threshold: 6, Window: 30 * time.Minute, Bad: 5}, o.time()
	o.book.people["alice"] = who
	want := CountView{Wrong: 5, Threshold: 6, ClearsBy: o.time().Add(30 * time.Minute)}
	if v := ok[UserView](t)(o.Unlock(ctx, root, "alice")); v.Counted == nil || *v.Counted != want {
		t.Errorf("%+v, want %+v", v.Counted, want)
	}
	if v := ok[UserPage](t)(o.Users(ctx, root, UserQuery{})).Users[0]; v.Counted != nil {
		t.Errorf("lists do not ask the directory, and yet %+v", v.Counted)
	}
}

func TestAnUnknownNameWithADomainSaysThatTheDomainMayBeIt(t *testing.T) {
	o := newOffice(t, "alice")
	for name, told := range map[string]bool{"alice@nowhere.org": true, `NOWHERE\alice`: true, "alcie": false} {
		_, enrol := o.Enrol(ctx, root, name, EnrolRequest{})
		_, explain := o.Explain(ctx, root, ExplainRequest{User: name, Client: &Client{}})
		for _, err := range []error{enrol, explain} {
			if !errors.Is(err, ErrUnknownUser) || strings.Contains(err.Error(), "its domain is not a configured one") != told {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	o.book.down = true
	if _, err := o.Enrol(ctx, root, "alice@nowhere.org", EnrolRequest{}); strings.Contains(err.Error(), "configured") {
		t.Errorf("while the directory is down: %v", err)
	}
}

package core

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// acts is every way into the administrative half, and who may go it. It is
// written out here once more, so that a slip in the table of the code shows.
var acts = []struct {
	name string
	may  []Role
	do   func(context.Context, *office, Actor) error
}{
	{"users", []Role{Admin, Helpdesk, Auditor}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Users(ctx, a, UserQuery{})
		return err
	}},
	{"user", []Role{Admin, Helpdesk, Auditor}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.User(ctx, a, "alice")
		return err
	}},
	{"enrol", []Role{Admin}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Enrol(ctx, a, "bob", EnrolRequest{})
		return err
	}},
	{"reset", []Role{Admin, Helpdesk}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Reset(ctx, a, "alice", ResetRequest{})
		return err
	}},
	{"unlock", []Role{Admin, Helpdesk}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Unlock(ctx, a, "alice")
		return err
	}},
	{"block", []Role{Admin, Helpdesk}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Block(ctx, a, "alice", "left")
		return err
	}},
	{"unblock", []Role{Admin, Helpdesk}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Unblock(ctx, a, "carol")
		return err
	}},
	{"temp-code", []Role{Admin, Helpdesk}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.TempCode(ctx, a, "alice", TempCodeRequest{})
		return err
	}},
	{"explain", []Role{Admin, Helpdesk, Auditor}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Explain(ctx, a, ExplainRequest{User: "alice", Client: &Client{Name: "vpn"}})
		return err
	}},
	{"import", []Role{Admin}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Import(ctx, a, nil, ImportOptions{})
		return err
	}},
	{"create a key", []Role{Admin}, func(ctx context.Context, o *office, a Actor) error {
		_, _, err := o.CreateKey(ctx, a, Auditor, "")
		return err
	}},
	{"list keys", []Role{Admin, Auditor}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Keys(ctx, a)
		return err
	}},
	{"revoke a key", []Role{Admin}, func(ctx context.Context, o *office, a Actor) error {
		_, key, err := o.CreateKey(ctx, root, Auditor, "")
		return errors.Join(err, o.RevokeKey(ctx, a, key.ID))
	}},
	{"events", []Role{Admin, Helpdesk, Auditor}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Events(ctx, a, EventQuery{})
		return err
	}},
	{"verify events", []Role{Admin, Auditor}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.VerifyEvents(ctx, a)
		return err
	}},
	{"status", []Role{Admin, Helpdesk, Auditor}, func(ctx context.Context, o *office, a Actor) error {
		_, err := o.Status(ctx, a)
		return err
	}},
	{"try a login", []Role{Admin}, func(ctx context.Context, o *office, a Actor) error {
		_, _, err := o.Try(ctx, a, Attempt{Client: &Client{Name: "vpn"}, User: "alice"})
		return err
	}},
}

// staffed is an office where alice is enrolled, bob is not and carol is blocked.
func staffed(t *testing.T) *office {
	o := newOffice(t, "alice", "bob", "carol")
	ok[Enrolment](t)(o.Enrol(context.Background(), root, "alice", EnrolRequest{}))
	ok[UserView](t)(o.Block(context.Background(), root, "carol", ""))
	return o
}

func TestI13_EachRoleMayDoExactlyWhatItMay(t *testing.T) {
	for _, act := range acts {
		for _, role := range []Role{NoRole, Application, Auditor, Helpdesk, Admin, Admin + 1} {
			t.Run(act.name+" as "+role.String(), func(t *testing.T) {
				o := staffed(t)
				before := o.log()
				err := act.do(context.Background(), o, Actor{Name: "somebody", Role: role})
				refused := slices.Contains(o.log()[len(before):], ActRefused)
				if !slices.Contains(act.may, role) {
					if !errors.Is(err, ErrForbidden) || !refused {
						t.Errorf("error %v, refusal audited: %v", err, refused)
					}
					return
				}
				if err != nil || refused {
					t.Errorf("error %v, refusal audited: %v", err, refused)
				}
			})
		}
	}
}

func TestI13_ARefusedActChangesNothing(t *testing.T) {
	for _, act := range acts {
		t.Run(act.name, func(t *testing.T) {
			o := staffed(t)
			accounts, keys := len(o.shelf.keys(kindAccount)), o.account("alice")
			if err := act.do(context.Background(), o, software); !errors.Is(err, ErrForbidden) {
				t.Fatal(err)
			}
			after := o.account("alice")
			if len(o.shelf.keys(kindAccount)) != accounts || len(after.Tokens) != len(keys.Tokens) ||
				after.Block != nil || len(after.Temps) != 0 || o.account("carol").Block == nil || o.book.binds != 0 {
				t.Error("it did")
			}
		})
	}
}

func TestI11_WithoutAStoreNoActIsDoneAndNoneIsPermitted(t *testing.T) {
	for _, act := range acts {
		t.Run(act.name, func(t *testing.T) {
			o := staffed(t)
			o.shelf.down = ErrUnavailable
			if err := act.do(context.Background(), o, software); !errors.Is(err, ErrForbidden) {
				t.Errorf("a refusal that could not be audited became: %v", err)
			}
		})
	}
}

func TestI12_AFloodOfRefusedActsIsSummed(t *testing.T) {
	o := staffed(t)
	before := len(o.log())
	for range 500 {
		if _, err := o.Users(context.Background(), software, UserQuery{}); !errors.Is(err, ErrForbidden) {
			t.Fatal(err)
		}
	}
	if n := len(o.log()) - before; n != floodFree {
		t.Errorf("%d events, want %d", n, floodFree)
	}
	o.wait(floodWindow)
	if err := o.Maintain(context.Background()); err != nil {
		t.Fatal(err)
	}
	if last := o.seen[len(o.seen)-1]; last.Reason != RefusalsSummed || last.Count != 500-floodFree {
		t.Errorf("the sum is %v of %d", last.Reason.Name(), last.Count)
	}
}

func TestRolesAreReadAsTheyAreWritten(t *testing.T) {
	for _, role := range []Role{Application, Auditor, Helpdesk, Admin} {
		if read, err := ParseRole(role.String()); read != role || err != nil {
			t.Errorf("%v became %v, %v", role, read, err)
		}
	}
	for _, name := range []string{"", "none", "Admin", "root", "role(9)"} {
		if role, err := ParseRole(name); role != NoRole || !errors.Is(err, ErrInvalid) {
			t.Errorf("%q became %v, %v", name, role, err)
		}
	}
}

func TestNamesThatWouldForgeALogLineAreTidied(t *testing.T) {
	for typed, want := range map[string]string{
		"alice":                   "alice",
		"al\nice":                 "al?ice",
		"al\x1b[31mice":           "al?[31mice",
		"al\u202eice":             "al?ice",
		"jürgen":                  "jürgen",
		"al\xffice":               "al?ice",
		string(make([]byte, 200)): string(bytesOf('?', 128)),
	} {
		if got := tidyName(typed); got != want {
			t.Errorf("%q became %q, want %q", typed, got, want)
		}
	}
}

func bytesOf(b byte, n int) []byte {
	all := make([]byte, n)
	for i := range all {
		all[i] = b
	}
	return all
}

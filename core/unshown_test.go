package core

import (
	"errors"
	"strings"
	"testing"
)

func TestAnInvitationThatWouldOpenNothingIsNotGivenOut(t *testing.T) {
	o, _ := enrolled(t, "alice")
	o.rules(func(r *Rules) { r.Enrolment.ShowKey = false })
	writes := o.shelf.writes
	r, err := o.Reset(ctx, root, "alice", ResetRequest{Invite: true})
	if !errors.Is(err, ErrConflict) || r != (ResetResult{}) || !strings.Contains(err.Error(), "enrol_show_key is off; use user enrol") {
		t.Errorf("%v, %v", r, err)
	}
	if o.shelf.writes != writes || len(o.account("alice").Tokens) != 1 {
		t.Error("and yet something changed")
	}
	ok[ResetResult](t)(o.Reset(ctx, root, "alice", ResetRequest{}))
	ok[TempCode](t)(o.TempCode(ctx, root, "alice", TempCodeRequest{}))
}

func TestATrailSaysThatPolicyRefusesAndNotThatTheCodeWasWrong(t *testing.T) {
	for why, refuse := range map[Reason]func(*office){
		EnrolmentUnshowable: func(o *office) { o.rules(func(r *Rules) { r.Enrolment.ShowKey = false }) },
		Blocked:             func(o *office) { ok[UserView](t)(o.Block(ctx, root, "alice", "left")) },
	} {
		t.Run(why.Name(), func(t *testing.T) {
			o := newOffice(t, "alice")
			given := ok[ResetResult](t)(o.Reset(ctx, root, "alice", ResetRequest{Invite: true}))
			refuse(o)
			first := Attempt{ID: "t1", Client: &Client{Name: "vpn"}, User: "alice", Password: "Passw0rd" + given.Invitation}
			d, trail, err := o.Try(ctx, root, first)
			steps := strings.Join(trail.Steps, "\n")
			second := Attempt{ID: "t2", Client: first.Client, User: "alice", Code: given.Invitation, State: d.Ask.State}
			_, more, again := o.Try(ctx, root, second)
			if err != nil || again != nil || d.Result != Challenge {
				t.Fatalf("%v, %v, %v", d.Result, err, again)
			}
			for _, steps := range []string{steps, strings.Join(more.Steps, "\n")} {
				if strings.Contains(steps, "wrong") || !strings.Contains(steps, "refused by policy ("+why.Name()+"); the code is not looked at") {
					t.Errorf("the steps are\n%s", steps)
				}
			}
		})
	}
}

func TestATrailOfALostDialogueDoesNotSayThatTheCodeWasWrong(t *testing.T) {
	o, keys := enrolled(t, "alice")
	vpn := &Client{Name: "vpn"}
	code := keys["alice"].Code(keys["alice"].Secret, keys["alice"].StepAt(o.time()))
	d, _, err := o.Try(ctx, root, Attempt{ID: "t1", Client: vpn, User: "alice", Password: "typo" + code})
	if err != nil || d.Reason != WrongPassword {
		t.Fatalf("%v, %v", d.Reason.Name(), err)
	}
	_, trail, err := o.Try(ctx, root, Attempt{ID: "t2", Client: vpn, User: "alice", Code: "123456", State: d.Ask.State})
	if steps := strings.Join(trail.Steps, "\n"); err != nil || strings.Contains(steps, "wrong code") || !strings.Contains(steps, "refused at the first leg (wrong-password)") {
		t.Errorf("%v, the steps are\n%s", err, steps)
	}
}

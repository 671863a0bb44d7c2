package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"twofold/core/otp"
)

// scene is one step of the tour. It says what it does, does it, and fails
// unless it comes out as told.
type scene struct {
	title string
	act   func(*stage, context.Context) error
}

// errOtherwise ends the tour: the program does not do what it says.
var errOtherwise = errors.New("this did not come out as told")

// scenes is the tour. Steps that need a key find it in the cast.
func scenes() []scene {
	return []scene{
		{"alice enrols: an administrator runs `twofold user enrol alice`, and she scans this",
			func(st *stage, ctx context.Context) error { return st.enrol(ctx, "alice", true) }},
		{"alice logs in: password and code in one field, as VPN clients send them", (*stage).aliceLogsIn},
		{"somebody who looked over her shoulder sends the same once more, in another spelling", (*stage).replay},
		{"bob enrols, and logs in by challenge: first the password, then the code", (*stage).bobLogsIn},
		{"somebody has bob's password and guesses a code; the directory never hears of it", (*stage).guess},
		{"carol never enrolled: she is asked for a code like everybody, and refused whatever she answers", (*stage).carolTries},
		{"svc-backup cannot type a code; its group service-accounts is excluded", (*stage).excluded},
		{"bob loses his phone: `twofold user reset bob`; its codes are worth nothing from now on", (*stage).reset},
	}
}

func (st *stage) tour(ctx context.Context) error {
	st.keys = map[string]otp.Key{}
	all := scenes()
	for i, s := range all {
		if err := st.sayf("\n%d. %s\n", i+1, s.title); err != nil {
			return err
		}
		if err := s.act(st, ctx); err != nil {
			return fmt.Errorf("step %d of the demo: %w", i+1, err)
		}
	}
	return st.sayf("\nThat is the tour: %d steps, all as told.\n", len(all))
}

func (st *stage) sayf(format string, args ...any) error { return printf(st.out, format, args...) }

func codeOf(k otp.Key) string { return k.Code(k.Secret, k.StepAt(time.Now())) }

// wrongCode is a code that is right at none of the steps that count.
func wrongCode(k otp.Key) string {
	for n := range 10 {
		code := fmt.Sprintf("%0*d", k.Digits, n)
		p := k.Params
		p.Window = otp.MaxWindow
		if _, right := p.Match(k.Secret, code, time.Now()); !right {
			return code
		}
	}
	return ""
}

func base32Key(k otp.Key) string { return otp.FormatKey(k.Secret) }

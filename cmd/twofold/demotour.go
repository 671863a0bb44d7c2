package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	codec "layeh.com/radius"

	"twofold/core"
	"twofold/core/otp"
	"twofold/internal/qr"
	"twofold/radius/exchange"
)

// scene is one step of the tour. It says what it does, does it, and fails
// unless it comes out as told.
type scene struct {
	title string
	act   func(context.Context, *stage) error
}

// errOtherwise ends the tour: the program does not do what it says.
var errOtherwise = errors.New("this did not come out as told")

func (st *stage) tour(ctx context.Context) error {
	cast := map[string]otp.Key{}
	used := ""
	scenes := []scene{
		{"alice enrols: an administrator runs `twofold user enrol alice`, she scans this", func(ctx context.Context, st *stage) error {
			return st.enrol(ctx, cast, "alice", true)
		}},
		{"alice logs in: password and code in one field, as VPN clients send them", func(ctx context.Context, st *stage) error {
			used = codeOf(cast["alice"])
			return st.login(ctx, "alice", st.site.Password("alice")+used, codec.CodeAccessAccept)
		}},
		{"somebody who looked over her shoulder sends the same again, as ALICE@example.com", func(ctx context.Context, st *stage) error {
			return st.login(ctx, "ALICE", st.site.Password("alice")+used, codec.CodeAccessReject)
		}},
		{"bob enrols, and logs in by challenge: first the password, then the code", func(ctx context.Context, st *stage) error {
			if err := st.enrol(ctx, cast, "bob", false); err != nil {
				return err
			}
			return st.challenge(ctx, "bob", cast["bob"])
		}},
		{"bob's password with a wrong code: refused, and the directory never hears of it", func(ctx context.Context, st *stage) error {
			return st.login(ctx, "bob", st.site.Password("bob")+wrongCode(cast["bob"]), codec.CodeAccessChallenge, codec.CodeAccessReject)
		}},
		{"carol never enrolled: her password alone is not enough", func(ctx context.Context, st *stage) error {
			return st.login(ctx, "carol", st.site.Password("carol"), codec.CodeAccessReject, codec.CodeAccessChallenge)
		}},
		{"svc-backup cannot type a code; the group service-accounts is excluded", func(ctx context.Context, st *stage) error {
			return st.login(ctx, "svc-backup", st.site.Password("svc-backup"), codec.CodeAccessAccept)
		}},
		{"bob loses his phone: `twofold user reset bob`; its codes are worth nothing from now on", func(ctx context.Context, st *stage) error {
			if _, err := st.admin.Reset(ctx, "bob", core.ResetRequest{}); err != nil {
				return err
			}
			return st.login(ctx, "bob", st.site.Password("bob")+codeOf(cast["bob"]), codec.CodeAccessReject)
		}},
	}
	for i, s := range scenes {
		if err := st.sayf("\n%d. %s\n", i+1, s.title); err != nil {
			return err
		}
		if err := s.act(ctx, st); err != nil {
			return fmt.Errorf("step %d of the demo: %w", i+1, err)
		}
	}
	return st.sayf("\nThat is the tour: %d steps, all as told.\n", len(scenes))
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

func (st *stage) enrol(ctx context.Context, cast map[string]otp.Key, user string, show bool) error {
	made, err := st.admin.Enrol(ctx, user, core.EnrolRequest{Label: "phone"})
	if err != nil {
		return err
	}
	key, err := otp.ParseURI(made.URI)
	if err != nil {
		return err
	}
	cast[user] = key
	if !show {
		return st.sayf("   %s has a token; key %s\n", user, made.Key)
	}
	code, err := qr.Encode(made.URI)
	if err != nil {
		return err
	}
	if err := code.Print(st.out); err != nil {
		return err
	}
	return st.sayf("   key %s\n", made.Key)
}

// login sends one Access-Request and holds the answer against what may come.
func (st *stage) login(ctx context.Context, user, password string, want ...codec.Code) error {
	return st.send(ctx, exchange.Request{User: user, Password: password}, want...)
}

func (st *stage) send(ctx context.Context, r exchange.Request, want ...codec.Code) error {
	_, err := st.exchange(ctx, r, want...)
	return err
}

func (st *stage) exchange(ctx context.Context, r exchange.Request, want ...codec.Code) (exchange.Reply, error) {
	began := time.Now()
	reply, err := st.nas.Do(ctx, r)
	if err != nil {
		return reply, err
	}
	if err := st.sayf("   %-10s → %s%s  (%d ms)\n", r.User, reply.Code, quoted(reply.Text), time.Since(began).Milliseconds()); err != nil {
		return reply, err
	}
	for _, w := range want {
		if reply.Code == w {
			return reply, nil
		}
	}
	return reply, fmt.Errorf("%w: %s where %s was expected", errOtherwise, reply.Code, want[0])
}

func quoted(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(" %q", text)
}

func (st *stage) challenge(ctx context.Context, user string, key otp.Key) error {
	asked, err := st.exchange(ctx, exchange.Request{User: user, Password: st.site.Password(user)}, codec.CodeAccessChallenge)
	if err != nil {
		return err
	}
	return st.send(ctx, exchange.Request{User: user, Password: codeOf(key), State: asked.State}, codec.CodeAccessAccept)
}

// encore says what to try now.
func (st *stage) encore(ctx context.Context) error { return nil }

package main

import (
	"context"
	"fmt"
	"time"

	codec "layeh.com/radius"

	"twofold/core"
	"twofold/core/otp"
	"twofold/internal/qr"
	"twofold/radius/exchange"
)

func (st *stage) enrol(ctx context.Context, user string, show bool) error {
	made, err := st.admin.Enrol(ctx, user, core.EnrolRequest{Label: "phone"})
	if err != nil {
		return err
	}
	if st.keys[user], err = otp.ParseURI(made.URI); err != nil {
		return fmt.Errorf("reading the new token's URI: %w", err)
	}
	if show {
		if err := st.draw(made.URI); err != nil {
			return err
		}
	}
	if err := st.sayf("   %s has a token, key %s\n", user, made.Key); err != nil {
		return err
	}
	return st.expect(ctx, core.UserEnrolled)
}

func (st *stage) draw(uri string) error {
	code, err := qr.Encode(uri)
	if err != nil {
		return fmt.Errorf("drawing the QR code: %w", err)
	}
	if err := code.Print(st.out); err != nil {
		return fmt.Errorf("printing the QR code: %w", err)
	}
	return nil
}

func (st *stage) aliceLogsIn(ctx context.Context) error {
	st.code = codeOf(st.keys["alice"])
	return st.accepted(ctx, "alice", st.site.Password("alice")+st.code, core.AcceptedCode)
}

func (st *stage) replay(ctx context.Context) error {
	return st.refused(ctx, "ALICE@example.com", st.site.Password("alice")+st.code, st.code, core.CodeUsed)
}

func (st *stage) bobLogsIn(ctx context.Context) error {
	if err := st.enrol(ctx, "bob", false); err != nil {
		return err
	}
	asked, err := st.send(ctx, exchange.Request{User: "bob", Password: st.site.Password("bob")})
	if err != nil {
		return err
	}
	if asked.Code != codec.CodeAccessChallenge {
		return fmt.Errorf("%w: %s where a challenge was expected", errOtherwise, asked.Code)
	}
	answered, err := st.send(ctx, exchange.Request{User: "bob", Password: codeOf(st.keys["bob"]), State: asked.State})
	if err != nil {
		return err
	}
	return st.verdict(ctx, answered, codec.CodeAccessAccept, core.AcceptedCode)
}

func (st *stage) guess(ctx context.Context) error {
	wrong := wrongCode(st.keys["bob"])
	return st.refused(ctx, "bob", st.site.Password("bob")+wrong, wrong, core.WrongCode)
}

func (st *stage) carolTries(ctx context.Context) error {
	return st.refused(ctx, "carol", st.site.Password("carol"), "000000", core.NotEnrolled)
}

func (st *stage) excluded(ctx context.Context) error {
	return st.accepted(ctx, "svc-backup", st.site.Password("svc-backup"), core.AcceptedExcluded)
}

func (st *stage) reset(ctx context.Context) error {
	if _, err := st.admin.Reset(ctx, "bob", core.ResetRequest{}); err != nil {
		return err
	}
	if err := st.expect(ctx, core.UserReset); err != nil {
		return err
	}
	code := codeOf(st.keys["bob"])
	return st.refused(ctx, "bob", st.site.Password("bob")+code, code, core.EnrolmentPending)
}

func (st *stage) accepted(ctx context.Context, user, password string, why core.Reason) error {
	reply, err := st.send(ctx, exchange.Request{User: user, Password: password})
	if err != nil {
		return err
	}
	return st.verdict(ctx, reply, codec.CodeAccessAccept, why)
}

// refused answers a challenge, too, since refusals hide behind one (I08).
func (st *stage) refused(ctx context.Context, user, password, answer string, why core.Reason) error {
	reply, err := st.send(ctx, exchange.Request{User: user, Password: password})
	if err == nil && reply.Code == codec.CodeAccessChallenge {
		reply, err = st.send(ctx, exchange.Request{User: user, Password: answer, State: reply.State})
	}
	if err != nil {
		return err
	}
	return st.verdict(ctx, reply, codec.CodeAccessReject, why)
}

// send puts one Access-Request on the wire.
func (st *stage) send(ctx context.Context, r exchange.Request) (exchange.Reply, error) {
	began := time.Now()
	reply, err := st.nas.Do(ctx, r)
	if err != nil {
		return reply, fmt.Errorf("sending an Access-Request: %w", err)
	}
	text := reply.Text
	if text != "" {
		text = fmt.Sprintf(" %q", text)
	}
	return reply, st.sayf("   %s → %s%s after %d ms\n", r.User, reply.Code, text, time.Since(began).Milliseconds())
}

// verdict holds the answer and the audit log against what was told.
func (st *stage) verdict(ctx context.Context, got exchange.Reply, want codec.Code, why core.Reason) error {
	if got.Code != want {
		return fmt.Errorf("%w: %s where %s was expected", errOtherwise, got.Code, want)
	}
	return st.expect(ctx, why)
}

// expect reads on in the audit log to its end, which must be why.
func (st *stage) expect(ctx context.Context, why core.Reason) error {
	var last core.Event
	for {
		page, err := st.admin.Events(ctx, core.EventQuery{After: st.seen, Limit: 500})
		if err != nil {
			return err
		}
		if n := len(page.Events); n > 0 {
			last = page.Events[n-1]
		}
		if page.Last != "" {
			st.seen = page.Last
		}
		if page.Next == "" {
			break
		}
		st.seen = page.Next
	}
	if last.Reason != why {
		return fmt.Errorf("%w: the audit log says %s where %s was expected", errOtherwise, last.Reason.Name(), why.Name())
	}
	return st.sayf("   audit log: %s %s: %s\n", last.Reason, last.Reason.Name(), last.Reason.Text())
}

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"twofold/core"
	"twofold/internal/importfile"
)

const seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" // the test key of RFC 4226

func TestImportReportsEachLine(t *testing.T) {
	s := newSite(t, nil)
	file := "user,secret,algorithm,digits,period,label\n" +
		"alice," + seed + ",SHA1,6,30,old phone\n" +
		"nobody,JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP,,,,\n" +
		"bob,not base32!,,,,\n" +
		"bob," + seed + ",,,,\n"
	var told []int
	report, err := s.socket.Import(t.Context(), strings.NewReader(file), importfile.CSV, false, func(done, total int) { told = append(told, done, total) })
	if err != nil {
		t.Fatalf("importing: %v", err)
	}
	if report.Imported != 1 || report.Refused != 3 || len(report.Lines) != 3 {
		t.Fatalf("the report is %+v", report)
	}
	for i, want := range []struct {
		line      int
		user, why string
	}{{3, "nobody", "no such user"}, {4, "bob", "base32"}, {5, "bob", "seed"}} {
		got := report.Lines[i]
		if got.Line != want.line || got.User != want.user || !strings.Contains(got.Why, want.why) || strings.Contains(got.Why, seed) {
			t.Errorf("line %d: %+v", want.line, got)
		}
	}
	v, err := s.socket.User(t.Context(), "alice")
	if err != nil || v.Standing != "enrolled" || len(v.Tokens) != 1 || v.Tokens[0].Label != "old phone" {
		t.Errorf("alice is %+v, %v", v, err)
	}
	if strings.Contains(s.log.text(), seed) {
		t.Error("a seed is in the log")
	}
}

func TestAtomicImportWritesNothingUnlessEveryLineIsValid(t *testing.T) {
	for name, bad := range map[string]string{
		"a line that cannot be read":       "bob\totpauth://totp/x",
		"a line of somebody who is nobody": "nobody\totpauth://totp/x?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			good := "alice\totpauth://totp/x?secret=" + seed + "\n"
			report, err := s.socket.Import(t.Context(), strings.NewReader(good+bad+"\n"), importfile.URIs, true, nil)
			if err != nil || report.Imported != 0 || report.Refused != 1 || report.Lines[0].Line != 2 {
				t.Errorf("the report is %+v, %v", report, err)
			}
			if v, err := s.socket.User(t.Context(), "alice"); err != nil || v.Standing != "never enrolled" {
				t.Errorf("alice is %s, %v", v.Standing, err)
			}
			if report, err = s.socket.Import(t.Context(), strings.NewReader(good), importfile.URIs, true, nil); err != nil || report.Imported != 1 {
				t.Errorf("the good line alone: %+v, %v", report, err)
			}
		})
	}
}

func TestImportDuringAnOutageIsAProblem(t *testing.T) {
	s := newSite(t, nil)
	s.people.setDown(true)
	_, err := s.socket.Import(t.Context(), strings.NewReader("alice\totpauth://totp/x?secret="+seed), importfile.URIs, false, nil)
	if !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	_, err = s.socket.Import(t.Context(), strings.NewReader("alice\n"), importfile.CSV, false, nil)
	if !errors.Is(err, core.ErrInvalid) || !strings.Contains(err.Error(), "header") {
		t.Errorf("without a header: %v", err)
	}
	s.importing <- struct{}{}
	_, err = s.socket.Import(t.Context(), strings.NewReader(""), importfile.URIs, false, nil)
	if !errors.Is(err, errBusy) {
		t.Errorf("a second import: %v", err)
	}
}

func TestImportTellsOfItsProgress(t *testing.T) {
	s := newSite(t, nil)
	clock := time.Now()
	s.cfg.Now = func() time.Time { clock = clock.Add(progressEvery / 40); return clock }
	var file strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&file, "nobody%d\totpauth://totp/x?secret=%s%s\n", i, seed[:28], base32Of(i))
	}
	last, calls := 0, 0
	report, err := s.socket.Import(t.Context(), strings.NewReader(file.String()), importfile.URIs, false, func(done, total int) {
		if done < last || total != 1000 {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last, calls = done, calls+1
	})
	if err != nil || report.Refused != 1000 || calls == 0 || calls > 100 {
		t.Errorf("%d refused, told %d times, %v", report.Refused, calls, err)
	}
}

func base32Of(i int) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	return string([]byte{digits[i>>15&31], digits[i>>10&31], digits[i>>5&31], digits[i&31]})
}

func TestFollowersGetWhatWasAndWhatComes(t *testing.T) {
	s := newSite(t, nil)
	block := func(why string) {
		t.Helper()
		if _, err := s.socket.Block(t.Context(), "alice", why); err != nil {
			t.Fatal(err)
		}
		if _, err := s.socket.Unblock(t.Context(), "alice"); err != nil {
			t.Fatal(err)
		}
	}
	block("before")
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan core.Event, 16)
	done := make(chan error, 1)
	go func() {
		done <- s.socket.Follow(ctx, core.EventQuery{User: `corp\ALICE`, Limit: 1}, func(e core.Event) error { got <- e; return nil })
	}()
	expect := func(why core.Reason, detail string) {
		t.Helper()
		select {
		case e := <-got:
			if e.Reason != why || e.Detail != detail {
				t.Errorf("got %v %q", e.Reason.Name(), e.Detail)
			}
		case <-time.After(followPoll * 3 / 4):
			t.Fatalf("%s %q does not come", why.Name(), detail)
		}
	}
	expect(core.UserBlocked, "before")
	expect(core.UserUnblocked, "")
	block("after")
	expect(core.UserBlocked, "after")
	expect(core.UserUnblocked, "")
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

func TestI12_FollowersAreFewAndEndWithTheServer(t *testing.T) {
	s := newSite(t, func(c *Config) { c.Followers = 1 })
	began := make(chan struct{}, 1)
	done := make(chan error, 1)
	go func() {
		done <- s.socket.Follow(t.Context(), core.EventQuery{}, func(core.Event) error {
			select {
			case began <- struct{}{}:
			default:
			}
			return nil
		})
	}()
	<-began
	err := s.socket.Follow(t.Context(), core.EventQuery{}, func(core.Event) error { return nil })
	if !errors.Is(err, errBusy) {
		t.Errorf("a second follower: %v", err)
	}
	s.close()
	if err := <-done; err != nil {
		t.Errorf("the first one ends with %v", err)
	}
}

func TestEventsAreReadAPageAtATime(t *testing.T) {
	s := newSite(t, nil)
	q := core.EventQuery{Limit: 2}
	seen := uint64(0)
	for {
		page, err := s.socket.Events(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			if e.Seq != seen+1 {
				t.Errorf("event %d follows %d", e.Seq, seen)
			}
			seen = e.Seq
		}
		if q.After = page.Next; page.Next == "" {
			break
		}
	}
	if seen < 5 { // the store's making and four keys
		t.Errorf("%d events", seen)
	}
	if page, err := s.socket.Events(t.Context(), core.EventQuery{Since: time.Now().Add(time.Hour)}); err != nil || len(page.Events) > 0 {
		t.Errorf("events of the future: %v, %v", page.Events, err)
	}
	if report, err := s.socket.VerifyEvents(t.Context()); err != nil || !report.OK || report.Checked != seen {
		t.Errorf("the chain: %+v, %v", report, err)
	}
}

func TestAFollowerWhoseKeyIsRevokedHearsNoMore(t *testing.T) {
	var later atomic.Int64
	s := newSite(t, func(c *Config) { c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) } })
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.api.URL+"/api/v1/events?follow=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-API-Key", s.keys[core.Auditor])
	resp, err := s.api.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.socket.RevokeKey(t.Context(), strings.Split(s.keys[core.Auditor], "_")[1]); err != nil {
		t.Fatal(err)
	}
	later.Store(int64(followBeat))
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || !strings.Contains(string(text), typePrefix+"bad-key") {
		t.Errorf("the stream ends with %v: %s", err, text)
	}
}

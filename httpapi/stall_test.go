package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twofold/core"
)

// stalled is a caller who does not read the answer.
type stalled struct {
	header  http.Header
	writing chan<- struct{}
	release <-chan struct{}
}

func (s stalled) Header() http.Header { return s.header }
func (s stalled) WriteHeader(int)     {}
func (s stalled) Write(b []byte) (int, error) {
	s.writing <- struct{}{}
	<-s.release
	return len(b), nil
}

func TestI12_StrangersWhoDoNotReadTheDocumentTakeNobodysPlace(t *testing.T) {
	s := newSite(t, func(c *Config) { c.Workers, c.Requests = 2, 4 })
	writing, release := make(chan struct{}, 64), make(chan struct{})
	var done []chan struct{}
	for range maxPublic {
		ended := make(chan struct{})
		done = append(done, ended)
		go func() {
			defer close(ended)
			s.API().ServeHTTP(stalled{http.Header{}, writing, release}, httptest.NewRequest("GET", "/api/v1/openapi.json", nil))
		}()
		select {
		case <-writing:
		case <-time.After(5 * time.Second):
			t.Fatal("a place for strangers is missing")
		}
	}
	if a := s.send("GET", "/api/v1/openapi.json", "", ""); a.status != 503 {
		t.Errorf("one more stranger gets %d", a.status)
	}
	if strings.Contains(s.log.text(), "level=ERROR") {
		t.Error("strangers can fill the log")
	}
	if a := s.send("GET", "/api/v1/status", s.keys[core.Auditor], ""); a.status != 200 {
		t.Errorf("a holder of a key gets %d %s", a.status, a.body)
	}
	close(release)
	for _, ended := range done {
		<-ended
	}
	if a := s.send("GET", "/api/v1/openapi.json", "", ""); a.status != 200 {
		t.Errorf("afterwards a stranger gets %d", a.status)
	}
}

func TestI12_WhoMayNotImportKeepsNobodyFromImporting(t *testing.T) {
	s := newSite(t, nil)
	for _, role := range []core.Role{core.Application, core.Auditor, core.Helpdesk} {
		body, more := io.Pipe() // nothing ever comes
		r := httptest.NewRequest("POST", "/api/v1/tokens/import", body)
		r.Header.Set("Content-Type", "text/csv")
		r.Header.Set("X-API-Key", s.keys[role])
		answered := make(chan int, 1)
		go func() {
			w := httptest.NewRecorder()
			s.API().ServeHTTP(w, r)
			answered <- w.Code
		}()
		select {
		case status := <-answered:
			if status != 403 {
				t.Errorf("%s gets %d", role, status)
			}
		case <-time.After(3 * time.Second):
			t.Errorf("%s holds the place for imports", role)
		}
		if err := more.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestI12_FollowersWithKeysLeaveRoomAtTheSocket(t *testing.T) {
	s := newSite(t, func(c *Config) { c.Followers = 1 })
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequest("GET", "/api/v1/events?follow=true", nil).WithContext(ctx)
	r.Header.Set("X-API-Key", s.keys[core.Auditor])
	writing, release, ended := make(chan struct{}, 64), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		s.API().ServeHTTP(stalled{http.Header{}, writing, release}, r)
	}()
	<-writing
	if a := s.send("GET", "/api/v1/events?follow=true", s.keys[core.Auditor], ""); a.status != 503 {
		t.Errorf("a second follower with a key: %d", a.status)
	}
	seen := errors.New("seen")
	if err := s.socket.Follow(t.Context(), core.EventQuery{}, func(core.Event) error { return seen }); !errors.Is(err, seen) {
		t.Errorf("over the socket: %v", err)
	}
	cancel()
	close(release)
	<-ended
}

func TestI12_FewWalkOverTheWholeLogAtOnce(t *testing.T) {
	s := newSite(t, nil)
	for range maxVerifying {
		if !s.verifying.enter() {
			t.Fatal("a place is missing")
		}
	}
	if _, err := s.socket.VerifyEvents(t.Context()); !errors.Is(err, errBusy) {
		t.Errorf("one more: %v", err)
	}
	s.verifying.leave()
	if _, err := s.socket.VerifyEvents(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

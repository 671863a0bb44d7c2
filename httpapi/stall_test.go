package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
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

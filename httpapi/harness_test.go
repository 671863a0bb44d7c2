package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"twofold/core"
	"twofold/core/otp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory is a core.Store: records in a map, one transaction at a time.
type memory struct {
	mu      sync.Mutex
	records map[string][]byte
	down    bool
}

func key(kind core.Kind, key string) string { return string(kind) + "/" + key }

type overlay struct {
	*memory
	puts map[string][]byte // nil: deleted
}

func (o *overlay) Get(r core.Record) error {
	text, ok := o.puts[key(r.Kind(), r.Key())]
	if !ok {
		text = o.records[key(r.Kind(), r.Key())]
	}
	if text == nil {
		return core.ErrMissing
	}
	return r.UnmarshalBinary(text)
}

func (o *overlay) Put(r core.Record) {
	text, err := r.MarshalBinary()
	if err != nil {
		panic(err)
	}
	o.puts[key(r.Kind(), r.Key())] = text
}

func (o *overlay) Delete(r core.Record) { o.puts[key(r.Kind(), r.Key())] = nil }

type durable struct{}

func (durable) Wait(context.Context) error { return nil }

func (m *memory) Update(_ context.Context, fn func(core.Tx) error) (core.Durable, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return nil, fmt.Errorf("disk is full: %w", core.ErrUnavailable)
	}
	o := &overlay{m, map[string][]byte{}}
	if err := fn(o); err != nil {
		return nil, err
	}
	for k, v := range o.puts {
		m.records[k] = v
		if v == nil {
			delete(m.records, k)
		}
	}
	return durable{}, nil
}

func (m *memory) Scan(_ context.Context, kind core.Kind, after string, visit func(string, func(core.Record) error) bool) error {
	m.mu.Lock()
	var keys []string
	for k := range m.records {
		if rest, ok := strings.CutPrefix(k, string(kind)+"/"); ok && rest > after {
			keys = append(keys, rest)
		}
	}
	m.mu.Unlock()
	slices.Sort(keys)
	for _, k := range keys {
		load := func(r core.Record) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			text, ok := m.records[key(kind, k)]
			if !ok {
				return core.ErrMissing
			}
			return r.UnmarshalBinary(text)
		}
		if !visit(k, load) {
			return nil
		}
	}
	return nil
}

// people is a core.Directory of a few, whose password is "right".
type people struct {
	mu    sync.Mutex
	asked []string
	down  bool
}

func (p *people) Resolve(_ context.Context, name string) (core.Identity, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, name)
	if p.down {
		return core.Identity{}, fmt.Errorf("dc1: %w", core.ErrUnavailable)
	}
	login := strings.ToLower(name)
	if _, rest, ok := strings.Cut(login, `\`); ok {
		login = rest
	}
	login, _, _ = strings.Cut(login, "@")
	i := slices.Index([]string{"alice", "bob", "a/b", "..", "carol"}, login)
	if i < 0 {
		return core.Identity{}, core.ErrUnknownUser
	}
	var id core.AccountID
	id[0], id[31] = 1, byte(i+1)
	return core.Identity{ID: id, Directory: "corp", Login: login, Domain: "CORP", UPN: login + "@corp.example.com", ReadAt: time.Now()}, nil
}

func (p *people) last() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.asked) == 0 {
		return ""
	}
	return p.asked[len(p.asked)-1]
}

func (p *people) setDown(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *people) Bind(_ context.Context, _ core.Identity, password string) core.Bound {
	if password == "right" {
		return core.Bound{Outcome: core.Right}
	}
	return core.Bound{Outcome: core.Wrong}
}

// site is a whole server with its two doors.
type site struct {
	*Server
	t      *testing.T
	store  *memory
	people *people
	log    *syncBuffer
	api    *httptest.Server
	socket *Client
	keys   map[core.Role]string
}

type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

var apiClient = &core.Client{Name: "api", AllowExclusions: true, Deadline: 5 * time.Second, RejectFloor: 20 * time.Millisecond}

// newSite starts one; change may alter its configuration.
func newSite(t *testing.T, change func(*Config)) *site {
	t.Helper()
	s := &site{t: t, store: &memory{records: map[string][]byte{}}, people: &people{}, log: &syncBuffer{}, keys: map[core.Role]string{}}
	rules := &core.Rules{
		Issuer: "Example", OTP: otp.Default(), Challenge: core.ChallengeRules{TTL: time.Minute, Tries: 3},
		Throttle: core.ThrottleRules{Burst: 10, Per30Days: 100, FamiliarSources: 8, PasswordFailures: 3},
		Events:   core.EventRules{Keep: time.Hour, MaxSize: 1 << 20}, Enrolment: core.EnrolmentRules{ShowKey: true},
	}
	judge, err := core.New(t.Context(), core.Config{Store: s.store, Directory: s.people, Rules: rules, Observe: func(e core.Event) {
		if s.Server != nil {
			s.Notice(e)
		}
	}})
	if err != nil {
		t.Fatalf("making core: %v", err)
	}
	cfg := Config{
		Core: judge, APIClient: func() *core.Client { return apiClient }, Version: "test",
		Client: func(name string) *core.Client {
			if name == "" || name == "vpn" {
				return &core.Client{Name: "vpn", Deadline: 5 * time.Second}
			}
			return nil
		},
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&cfg)
	}
	s.Server = New(cfg)
	s.api = httptest.NewServer(s.API())
	t.Cleanup(s.api.Close)
	s.listen()
	for _, role := range []core.Role{core.Admin, core.Helpdesk, core.Auditor, core.Application} {
		made, err := s.socket.CreateKey(t.Context(), role, "test")
		if err != nil {
			t.Fatalf("making a key: %v", err)
		}
		s.keys[role] = made.Secret
	}
	return s
}

// listen opens the admin socket, to which this process is the server's user.
func (s *site) listen() {
	path := filepath.Join(s.t.TempDir(), "admin.sock")
	l, err := ListenSocket(path)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.ServeSocket(ctx, l) }()
	s.socket = Dial(path)
	s.t.Cleanup(func() {
		s.socket.Close()
		cancel()
		if err := <-done; err != nil {
			s.t.Errorf("serving the socket: %v", err)
		}
	})
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("reading %s: %v", a.body, err)
	}
}

// send asks over HTTP with a key.
func (s *site) send(method, path, apiKey, body string, headers ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.api.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if apiKey != "" {
		r.Header.Set("Authorization", "Bearer "+apiKey)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := s.api.Client().Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		s.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// code is what alice's phone shows.
func codeOf(t *testing.T, made core.Enrolment, at time.Time) string {
	t.Helper()
	k, err := otp.ParseURI(made.URI)
	if err != nil {
		t.Fatalf("reading the uri: %v", err)
	}
	return k.Code(k.Secret, k.StepAt(at))
}

func noFindings(context.Context) []Finding { return []Finding{} }

func contextWith(r *http.Request, c credentials) context.Context {
	return context.WithValue(r.Context(), credentialsKey{}, c)
}

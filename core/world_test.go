package core_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/core"
	"twofold/core/otp"
	"twofold/storage"
	"twofold/storage/memory"
)

// world is a Service with a directory that counts what it is asked, a store
// in memory and a clock that stands still.
type world struct {
	*core.Service
	t      testing.TB
	dir    *directory
	store  core.Store
	rules  *core.Rules
	client *core.Client
	keys   map[string]otp.Key

	mu     sync.Mutex
	now    time.Time
	events []core.Event
	serial int
}

var root = core.Actor{Name: "uid 0 (root)", Role: core.Admin}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 22, 12, 0, 10, 0, time.UTC), keys: map[string]otp.Key{}}
	w.dir = newDirectory(w.clock)
	w.rules = &core.Rules{
		Issuer: "Example", OTP: otp.Default(),
		Challenge: core.ChallengeRules{TTL: 2 * time.Minute, Tries: 3},
		Throttle:  core.ThrottleRules{Burst: 10, Per30Days: 100, FamiliarSources: 8, PasswordFailures: 3},
		Events:    core.EventRules{Keep: 400 * 24 * time.Hour, MaxSize: 1 << 30},
	}
	w.client = &core.Client{Name: "vpn", AllowExclusions: true, RejectFloor: time.Second}
	engine, err := memory.New()
	if err != nil {
		t.Fatal(err)
	}
	store, err := storage.New(engine, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	w.restart()
	return w
}

// restart opens another Service on the same store, as a new process would.
func (w *world) restart() {
	w.t.Helper()
	var err error
	w.Service, err = core.New(context.Background(), core.Config{
		Store: w.store, Directory: w.dir, Rules: w.rules, Now: w.clock, Observe: w.observe})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) observe(e core.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, e)
}

// enrol gives a person a token.
func (w *world) enrol(name string) {
	w.t.Helper()
	made, err := w.Enrol(context.Background(), root, name, core.EnrolRequest{})
	if err != nil {
		w.t.Fatal(err)
	}
	key, err := otp.ParseURI(made.URI)
	if err != nil {
		w.t.Fatal(err)
	}
	w.keys[name] = key
}

// code is the person's code now, or some steps later.
func (w *world) code(name string, later int) string {
	key := w.keys[name]
	return key.Code(key.Secret, uint64(int(key.StepAt(w.clock()))+later))
}

// wrong is a code that no step near now has.
func (w *world) wrong(name string) string {
	for n := range 1000000 {
		code := fmt.Sprintf("%06d", n)
		near := false
		for step := -12; step <= 12; step++ {
			near = near || w.code(name, step) == code
		}
		if !near {
			return code
		}
	}
	panic("no wrong code")
}

// attempt fills in what a front-end would.
func (w *world) attempt(user, password string) core.Attempt {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serial++
	return core.Attempt{ID: fmt.Sprintf("a%d", w.serial), Client: w.client, User: user, Password: password,
		Place: core.Place{NAS: netip.MustParseAddr("10.1.0.5")}}
}

func (w *world) login(user, password string) core.Decision {
	return w.Authenticate(context.Background(), w.attempt(user, password))
}

// reply answers a challenge.
func (w *world) reply(user string, d core.Decision, code string) core.Decision {
	w.t.Helper()
	if d.Result != core.Challenge {
		w.t.Fatalf("no challenge to answer: %v (%s)", d.Result, d.Reason.Name())
	}
	at := w.attempt(user, "")
	at.Code, at.State = code, d.Ask.State
	return w.Authenticate(context.Background(), at)
}

// want fails the test unless a decision is this one.
func want(t *testing.T, d core.Decision, result core.Result, reason core.Reason) {
	t.Helper()
	if d.Result != result || d.Reason != reason {
		t.Fatalf("%v (%s), want %v (%s)", d.Result, d.Reason.Name(), result, reason.Name())
	}
}

// directory is an Active Directory of a few people that locks accounts.
type directory struct {
	clock func() time.Time
	slow  time.Duration // real time that a bind takes

	mu     sync.Mutex
	people []*person
	binds  int
	empty  int // binds with an empty password, which must never come
	down   bool
	answer *core.Bound // instead of the truth
}

type person struct {
	core.Identity
	password string
	bad      int
	locked   bool
	spelled  []string
}

func newDirectory(clock func() time.Time) *directory {
	d := &directory{clock: clock}
	d.add("alice", "Wonder.land1", "Staff", "VPN Users")
	d.add("bob", "Builder.2", "Staff")
	d.add("svc-backup", "Tape.3", "Service Accounts")
	return d
}

func (d *directory) add(login, password string, groups ...string) *person {
	p := &person{password: password, Identity: core.Identity{
		Directory: "corp", Login: login, Domain: "CORP", UPN: login + "@corp.example.com", Mail: login + "@mail.example.com",
		DN: "CN=" + login + ",DC=corp,DC=example,DC=com", Lockout: core.Lockout{Known: true, Threshold: 6, Window: 30 * time.Minute}}}
	copy(p.ID[:], "corp............"+login+"................")
	for _, g := range groups {
		p.Groups = append(p.Groups, core.Group{Name: g, DN: "CN=" + g + ",DC=corp,DC=example,DC=com"})
	}
	p.spelled = []string{login, `corp\` + login, login + "@corp.example.com", login + "@example.com"}
	d.people = append(d.people, p)
	return p
}

func (d *directory) person(login string) *person {
	for _, p := range d.people {
		if p.Login == login {
			return p
		}
	}
	return nil
}

func (d *directory) Resolve(_ context.Context, name string) (core.Identity, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down {
		return core.Identity{}, fmt.Errorf("no domain controller answers: %w", core.ErrUnavailable)
	}
	for _, p := range d.people {
		for _, s := range p.spelled {
			if strings.EqualFold(s, strings.TrimSpace(name)) {
				who := p.Identity
				who.ReadAt, who.Lockout.Bad = d.clock(), p.bad
				return who, nil
			}
		}
	}
	return core.Identity{}, core.ErrUnknownUser
}

func (d *directory) Bind(_ context.Context, who core.Identity, password string) core.Bound {
	time.Sleep(d.slow)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.binds++
	if password == "" {
		d.empty++
	}
	if d.answer != nil {
		return *d.answer
	}
	p := d.person(who.Login)
	switch {
	case p.locked:
		return core.Bound{Outcome: core.Refused, Code: "775"}
	case p.password == password:
		p.bad = 0
		return core.Bound{Outcome: core.Right}
	}
	p.bad++
	p.locked = p.bad >= p.Lockout.Threshold
	return core.Bound{Outcome: core.Wrong}
}

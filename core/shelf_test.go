package core

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"twofold/core/otp"
)

// shelf is a Store for tests: a map of encoded records.
type shelf struct {
	mu      sync.Mutex
	records map[string][]byte // kind, NUL, key
	down    error             // what Update fails with
	writes  int               // transactions that changed something
	fill    bool              // only transactions that may use the reserve are taken
	scanned func(Kind)        // called before a scan; nil: nothing
}

func newShelf() *shelf { return &shelf{records: map[string][]byte{}} }

func place(r Record) string { return string(r.Kind()) + "\x00" + r.Key() }

func (s *shelf) Update(ctx context.Context, fn func(Tx) error) (Durable, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return nil, s.down
	}
	if s.fill && !MayUseReserve(ctx) {
		return nil, fmt.Errorf("disk is low: %w", ErrUnavailable)
	}
	if err := fn(&shelfTx{s, map[string][]byte{}}); err != nil { // closures may run again: this one always does
		return nil, err
	}
	tx := &shelfTx{s, map[string][]byte{}}
	if err := fn(tx); err != nil {
		return nil, err
	}
	if len(tx.changed) > 500 {
		return nil, fmt.Errorf("a transaction of %d records", len(tx.changed))
	}
	if len(tx.changed) > 0 {
		s.writes++
	}
	for at, b := range tx.changed {
		if b == nil {
			delete(s.records, at)
			continue
		}
		s.records[at] = b
	}
	return onShelf{}, nil
}

type onShelf struct{}

func (onShelf) Wait(context.Context) error { return nil }

type shelfTx struct {
	shelf   *shelf
	changed map[string][]byte
}

func (tx *shelfTx) Get(r Record) error {
	if n := len(r.Key()); n == 0 || n > 128 {
		return fmt.Errorf("a key of %d octets", n)
	}
	b, ok := tx.changed[place(r)]
	if !ok {
		b = tx.shelf.records[place(r)]
	}
	return open(r, b)
}

func open(r Record, b []byte) error {
	if b == nil {
		return ErrMissing
	}
	if err := r.UnmarshalBinary(b); err != nil {
		return errors.Join(ErrDamaged, err)
	}
	return nil
}

func (tx *shelfTx) Put(r Record) {
	b, err := r.MarshalBinary()
	if err != nil {
		panic(err)
	}
	tx.changed[place(r)] = append([]byte{}, b...)
}

func (tx *shelfTx) Delete(r Record) { tx.changed[place(r)] = nil }

func (s *shelf) Scan(_ context.Context, kind Kind, after string, visit func(string, func(Record) error) bool) error {
	if s.scanned != nil {
		s.scanned(kind)
	}
	s.mu.Lock()
	now := maps.Clone(s.records)
	s.mu.Unlock()
	prefix := string(kind) + "\x00"
	for _, at := range slices.Sorted(maps.Keys(now)) {
		key, ours := strings.CutPrefix(at, prefix)
		if !ours || key <= after {
			continue
		}
		if !visit(key, func(r Record) error {
			if place(r) != at {
				return fmt.Errorf("loading a %s record into another", kind)
			}
			return open(r, now[at])
		}) {
			return nil
		}
	}
	return nil
}

// keys lists what is kept of a kind.
func (s *shelf) keys(kind Kind) (keys []string) {
	for _, at := range slices.Sorted(maps.Keys(s.records)) {
		if key, ours := strings.CutPrefix(at, string(kind)+"\x00"); ours {
			keys = append(keys, key)
		}
	}
	return keys
}

// phonebook is a Directory for tests.
type phonebook struct {
	mu     sync.Mutex
	people map[string]Identity // every spelling
	down   bool
	binds  int
}

func (p *phonebook) Resolve(_ context.Context, name string) (Identity, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return Identity{}, fmt.Errorf("no DC answers: %w", ErrUnavailable)
	}
	if who, ok := p.people[strings.ToLower(name)]; ok {
		return who, nil
	}
	return Identity{}, ErrUnknownUser
}

func (p *phonebook) Bind(_ context.Context, _ Identity, password string) Bound {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.binds++
	if password == "Passw0rd" {
		return Bound{Outcome: Right}
	}
	return Bound{Outcome: Wrong}
}

// add puts a person in under every spelling.
func (p *phonebook) add(login string) Identity {
	who := Identity{
		Directory: "corp", Login: login, Domain: "CORP", UPN: login + "@corp.example.com", Name: strings.ToUpper(login[:1]) + login[1:],
		DN: "CN=" + login + ",DC=corp,DC=example,DC=com",
	}
	copy(who.ID[:], "domain-corp-----")
	copy(who.ID[16:], login)
	for _, name := range []string{login, `corp\` + login, who.UPN} {
		p.people[name] = who
	}
	return who
}

// office is a Service with what stands around it.
type office struct {
	*Service
	t     *testing.T
	shelf *shelf
	book  *phonebook
	mu    sync.Mutex
	clock time.Time
	seen  []Event
}

var (
	root     = Actor{Name: "uid 0 (root)", Role: Admin}
	helper   = Actor{Name: "key 11111111 (help desk)", Role: Helpdesk}
	auditor  = Actor{Name: "key 22222222", Role: Auditor}
	software = Actor{Name: "key 33333333", Role: Application}
)

func newOffice(t *testing.T, people ...string) *office {
	t.Helper()
	o := &office{t: t, shelf: newShelf(), book: &phonebook{people: map[string]Identity{}},
		clock: time.Date(2026, 11, 22, 8, 0, 0, 123456789, time.UTC)}
	for _, login := range people {
		o.book.add(login)
	}
	o.restart()
	return o
}

// restart opens a new Service on the same store.
func (o *office) restart() {
	o.t.Helper()
	s, err := New(context.Background(), Config{
		Store: o.shelf, Directory: o.book, Rules: &Rules{
			Issuer: "Example Corp", OTP: otp.Default(),
			Challenge: ChallengeRules{TTL: 2 * time.Minute, Tries: 3},
			Throttle:  ThrottleRules{Burst: 10, Per30Days: 100, FamiliarSources: 8, PasswordFailures: 3},
			Events:    EventRules{Keep: 400 * 24 * time.Hour, MaxSize: 1 << 30},
			Enrolment: EnrolmentRules{ShowKey: true},
		},
		Now: o.time, Observe: o.see,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	o.Service = s
}

func (o *office) see(e Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, e)
}

func (o *office) time() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.clock
}

func (o *office) wait(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clock = o.clock.Add(d)
}

// rules changes the rules.
func (o *office) rules(change func(*Rules)) {
	rules := *o.current().rules
	change(&rules)
	o.Swap(o.book, &rules)
}

// log gives the reasons of all events, oldest first.
func (o *office) log() (all []Reason) {
	for _, key := range o.shelf.keys(kindEvent) {
		var e Event
		if err := o.peek(context.Background(), &Event{}); err != nil && !errors.Is(err, ErrMissing) {
			o.t.Fatal(err)
		}
		if err := open(&e, o.shelf.records[string(kindEvent)+"\x00"+key]); err != nil {
			o.t.Fatal(err)
		}
		all = append(all, e.Reason)
	}
	return all
}

// account reads the stored record of a person.
func (o *office) account(login string) Account {
	o.t.Helper()
	who, err := o.book.Resolve(context.Background(), login)
	if err != nil {
		o.t.Fatal(err)
	}
	a, err := o.stored(context.Background(), who.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return a
}

// ok fails the test on an error.
func ok[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// nowhere is the address of somebody nobody vouches for.
var nowhere netip.Addr

// edit changes the stored record of a person.
func (o *office) edit(login string, change func(*Account)) {
	o.t.Helper()
	a := o.account(login)
	change(&a)
	if err := o.commit(context.Background(), func(w *work) error { w.keep(a); return nil }); err != nil {
		o.t.Fatal(err)
	}
}

// declared reads the constants of reason.go: name and number.
func declared(t *testing.T) map[string]Reason {
	t.Helper()
	source, err := os.ReadFile("reason.go")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]Reason{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+)\s+Reason = (\d+)$`).FindAllStringSubmatch(string(source), -1) {
		number, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		all[m[1]] = Reason(number)
	}
	if len(all) < 50 {
		t.Fatalf("reason.go is not as this test reads it: %d reasons", len(all))
	}
	return all
}

package core_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"twofold/core"
	"twofold/core/otp"
)

// Whatever people, strangers and administrators do in whatever order, what the
// invariants say holds after every step. The machine knows who really has
// which password, key and leave, and what the directory really counts.
func TestI01_I03_I04_I05_I12_InWhateverOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := newMachine(t)
		r.Repeat(map[string]func(*rapid.T){
			"":             m.check,
			"login":        m.login,
			"login again":  m.login, // twice as often as the rest
			"answer":       m.answer,
			"answer again": m.answer,
			"flood":        m.flood,
			"wait":         m.pause,
			"administer":   m.administer,
			"restart":      func(*rapid.T) { m.open() },
		})
		m.everybodyGetsIn(r)
	})
}

type machine struct {
	*world
	clients map[string]*core.Client
	known   map[string]*model
	talks   []*talk
	names   map[string]bool // ever tried
	cache   map[string]core.Identity
}

// model is what is true of a person.
type model struct {
	*person
	key     *otp.Key // nil: not enrolled
	last    uint64   // the highest step accepted
	temp    string
	uses    int
	invite  string
	blocked bool
	bad     int // as of the step before
	badAt   time.Time
	steps   map[string]uint64 // by token: the last step in the store
}

// talk is a dialogue: what was brought to it so far.
type talk struct {
	user, spelled string
	client        *core.Client
	right         bool // the password
	proven        bool // by network or invitation
	apart         bool // the code came in a field of its own
	first         string
	key           *otp.Key
	last          core.Decision
}

var places = []netip.Addr{{}, netip.MustParseAddr("10.9.8.7"), netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("203.0.113.9"), netip.MustParseAddr("203.0.113.10")}

func newMachine(t *testing.T) *machine {
	m := &machine{world: newWorld(t), known: map[string]*model{}, names: map[string]bool{}}
	m.dir.add("carol", "Chr.istmas4", "Staff").Lockout.Threshold = 4
	m.rules.Exclusions = []core.Exclusion{{Groups: []string{"service accounts"}}}
	m.rules.Throttle.FamiliarSources, m.rules.Throttle.Burst = 2, 4
	m.rules.Enrolment = core.EnrolmentRules{ShowKey: true, Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}
	m.clients = map[string]*core.Client{
		"append":    {Mode: core.Append},
		"both":      {Mode: core.Both, Unenrolled: core.EnrolUnenrolled},
		"challenge": {Mode: core.ChallengeOnly, Unenrolled: core.EnrolUnenrolled},
		"immediate": {Mode: core.Both, Check: core.Immediate},
		"only":      {Factor: core.FactorOnly},
		"none":      {Factor: core.FactorNone},
		"prefix":    {Mode: core.Append, Position: core.Prefix, Separator: ","},
	}
	for name, c := range m.clients {
		c.Name, c.AllowExclusions = name, name != "challenge"
	}
	for _, p := range m.dir.people {
		m.known[p.Login] = &model{person: p, steps: map[string]uint64{}}
	}
	m.open()
	for _, name := range []string{"alice", "bob"} {
		m.give(name)
	}
	return m
}

func (m *machine) open() {
	s, err := core.New(context.Background(), core.Config{Store: m.store, Directory: m, Rules: m.rules, Now: m.clock, Observe: m.observe})
	if err != nil {
		m.t.Fatal(err)
	}
	m.Service, m.cache = s, map[string]core.Identity{}
}

// Resolve remembers entries for half a minute, as ldapbind does.
func (m *machine) Resolve(ctx context.Context, name string) (core.Identity, error) {
	m.mu.Lock()
	who, held := m.cache[name]
	m.mu.Unlock()
	if held && m.clock().Sub(who.ReadAt) < 30*time.Second {
		return who, nil
	}
	who, err := m.dir.Resolve(ctx, name)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		m.cache[name] = who
	}
	return who, err
}

func (m *machine) Bind(ctx context.Context, who core.Identity, password string) core.Bound {
	return m.dir.Bind(ctx, who, password)
}

// give enrols somebody.
func (m *machine) give(name string) {
	m.enrol(name)
	key := m.keys[name]
	m.known[name].key, m.known[name].last = &key, 0
}

// someone draws a person and a spelling of them, or a name that nobody has.
func (m *machine) someone(r *rapid.T) (user, spelled string) {
	user = rapid.SampledFrom([]string{"alice", "bob", "carol", "svc-backup", "nobody"}).Draw(r, "user")
	if m.known[user] == nil {
		return user, user
	}
	spelled = rapid.SampledFrom(m.known[user].spelled).Draw(r, "spelling")
	if rapid.Bool().Draw(r, "upper") {
		spelled = strings.ToUpper(spelled)
	}
	return user, spelled
}

// drawCode gives a code that is right, old, new, used, temporary or wrong.
func (m *machine) drawCode(r *rapid.T, user string, key *otp.Key) string {
	kind := rapid.SampledFrom([]string{"now", "now", "step", "pair", "temp", "wrong", "none"}).Draw(r, "code")
	p := m.known[user]
	switch {
	case kind == "temp" && p != nil && rapid.Bool().Draw(r, "invitation"):
		return p.invite
	case kind == "temp" && p != nil:
		return p.temp
	case kind == "none":
		return ""
	case kind == "wrong" || key == nil:
		return fmt.Sprintf("%06d", rapid.IntRange(0, 999999).Draw(r, "guess"))
	}
	at, offset := key.StepAt(m.clock()), 0
	if kind == "step" || kind == "pair" {
		offset = rapid.IntRange(-4, 4).Draw(r, "offset")
	}
	code := key.Code(key.Secret, uint64(int(at)+offset))
	if kind == "pair" {
		code += key.Code(key.Secret, uint64(int(at)+offset+rapid.IntRange(0, 2).Draw(r, "apart")))
	}
	return code
}

func (m *machine) login(r *rapid.T) {
	t, at := m.begin(r)
	binds := m.dir.binds
	t.last = m.Authenticate(context.Background(), at)
	m.judge(r, t, at, binds)
}

// begin draws a first leg.
func (m *machine) begin(r *rapid.T) (*talk, core.Attempt) {
	t := &talk{}
	t.user, t.spelled = m.someone(r)
	t.client = m.clients[rapid.SampledFrom([]string{"append", "both", "challenge", "immediate", "only", "none", "prefix"}).Draw(r, "client")]
	p, password := m.known[t.user], rapid.SampledFrom([]string{"", "guess", "x1234567"}).Draw(r, "wrong password")
	if p != nil && rapid.IntRange(0, 3).Draw(r, "password") > 0 {
		password, t.right = p.password, true
	}
	var key *otp.Key
	if p != nil {
		key = p.key
	}
	code := m.drawCode(r, t.user, key)
	at := m.attempt(t.spelled, password+code)
	switch {
	case t.client.Factor == core.FactorOnly:
		at.Password = code
	case t.client.Position == core.Prefix:
		at.Password = code + t.client.Separator + password
	case rapid.IntRange(0, 4).Draw(r, "own field") == 0:
		at.Password, at.Code, t.apart = password, code, true
	}
	at.Client, t.first = t.client, code
	at.Place.Person = rapid.SampledFrom(places).Draw(r, "place")
	t.proven = at.Place.Person == places[1]
	m.names[t.user] = true
	return t, at
}

// answer goes on with a dialogue; one that was answered before, too.
func (m *machine) answer(r *rapid.T) {
	if len(m.talks) == 0 {
		r.Skip("no dialogue")
	}
	t := *rapid.SampledFrom(m.talks).Draw(r, "dialogue")
	key := t.key
	if p := m.known[t.user]; key == nil && p != nil {
		key = p.key
	}
	code := m.drawCode(r, t.user, key)
	at := m.attempt(t.spelled, "")
	at.Client, at.Code, at.State = t.client, code, t.last.Ask.State
	at.Place.Person = rapid.SampledFrom(places).Draw(r, "place")
	asked := t.last.Ask.For
	if asked == core.AskNextCode {
		code = t.first + code
	}
	binds := m.dir.binds
	t.first, t.last = code, m.Authenticate(context.Background(), at)
	m.judge(r, &t, at, binds)
}

// judge holds a decision against what is true.
func (m *machine) judge(r *rapid.T, t *talk, at core.Attempt, binds int) {
	d, p := t.last, m.known[t.user]
	if m.dir.binds > binds+1 {
		r.Fatalf("I04: %d binds in one attempt", m.dir.binds-binds)
	}
	if m.dir.binds > binds && t.client.Check == core.Deferred && t.client.Factor == core.FactorRequired &&
		!p.waived(t.client) && !t.proven && !p.has(m.clock(), t.first) && (p.invite == "" || t.first != p.invite) {
		r.Fatalf("I05: %s was bound with the code %q", t.user, t.first)
	}
	switch d.Result {
	case core.Challenge:
		m.challenged(t, p)
	case core.Accept:
		m.accepted(r, t, p, d.Reason)
	}
}

func (m *machine) challenged(t *talk, p *model) {
	if t.last.Ask.Key != "" {
		key, err := otp.ParseURI(t.last.Ask.URI)
		if err != nil {
			m.t.Fatal(err)
		}
		if t.key == nil && !t.proven {
			t.proven = p.invite != "" && t.first == p.invite
		}
		t.key = &key
	}
	kept := *t
	m.talks = append(m.talks, &kept)
}

func (m *machine) accepted(r *rapid.T, t *talk, p *model, why core.Reason) {
	switch {
	case p == nil, p.blocked:
		r.Fatalf("I01: %s was let in", t.user)
	case !t.right && t.client.Factor != core.FactorOnly:
		r.Fatalf("I01: %s was let in with a wrong password", t.user)
	case why == core.AcceptedEnrolled:
		step, ok := t.key.Match(t.key.Secret, t.first, m.clock())
		if !ok || !t.proven || p.key != nil {
			r.Fatalf("I01: %s enrolled: code %v, proven %v", t.user, ok, t.proven)
		}
		p.key, p.last, p.invite = t.key, step, ""
	case p.waived(t.client):
		if !t.apart {
			p.take(m.clock(), t.first) // a code that was appended all the same
		}
	case !p.take(m.clock(), t.first):
		r.Fatalf("I01, I03: %s was let in with the code %q, last step %d", t.user, t.first, p.last)
	}
}

func (p *model) waived(c *core.Client) bool {
	return p != nil && (c.Factor == core.FactorNone || p.Login == "svc-backup" && c.AllowExclusions && c.Factor == core.FactorRequired)
}

// has tells whether what was typed holds a code that is right and was never
// accepted: all of it, or one of two that are no pair.
func (p *model) has(now time.Time, typed string) bool {
	codes := []string{typed}
	if len(typed) == 12 {
		codes = append(codes, typed[:6], typed[6:])
	}
	return p != nil && slices.ContainsFunc(codes, func(code string) bool {
		held := *p
		return held.take(now, code)
	})
}

// take uses a code up, if it is right and fresh.
func (p *model) take(now time.Time, code string) bool {
	if code != "" && code == p.temp && p.uses > 0 {
		p.uses--
		return true
	}
	if p.key == nil {
		return false
	}
	step, ok := p.key.Match(p.key.Secret, code, now)
	from := step
	if len(code) == 12 {
		step, ok = p.key.MatchPair(p.key.Secret, code[:6], code[6:], now, p.key.Window+1)
		from = step - 1
	}
	if !ok || from <= p.last {
		return false
	}
	p.last = step
	return true
}

// flood sends one attempt many times at once.
func (m *machine) flood(r *rapid.T) {
	t, at := m.begin(r)
	if t.client.Factor != core.FactorRequired || m.known[t.user].waived(t.client) {
		r.Skip("no code is asked for")
	}
	var accepts, serial atomic.Int32
	var last sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			at := at
			at.ID = fmt.Sprint(at.ID, "/", serial.Add(1))
			if d := m.Authenticate(context.Background(), at); d.Result == core.Accept {
				accepts.Add(1)
				last.Store("last", d)
			}
		})
	}
	wg.Wait()
	p := m.known[t.user]
	allowed := int32(1)
	if p != nil && t.first == p.temp {
		allowed = int32(p.uses)
	}
	if accepts.Load() > allowed {
		r.Fatalf("I03: one code was accepted %d times", accepts.Load())
	}
	for range accepts.Load() {
		d, _ := last.Load("last")
		t.last = d.(core.Decision)
		m.accepted(r, t, p, t.last.Reason)
	}
}

func (m *machine) pause(r *rapid.T) {
	m.passes(time.Duration(rapid.OneOf(rapid.IntRange(0, 90), rapid.IntRange(0, 3600)).Draw(r, "seconds")) * time.Second)
}

// passes lets time pass here and in the directory.
func (m *machine) passes(d time.Duration) {
	m.wait(d)
	for _, p := range m.known {
		if p.person.bad > 0 && m.clock().Sub(p.badAt) >= p.Lockout.Window {
			p.person.bad, p.bad = 0, 0
		}
	}
}

func (m *machine) administer(r *rapid.T) {
	ctx, name := context.Background(), rapid.SampledFrom([]string{"alice", "bob", "carol"}).Draw(r, "whom")
	p := m.known[name]
	switch rapid.SampledFrom([]string{"block", "reset", "invite", "enrol", "temp"}).Draw(r, "act") {
	case "block":
		if p.blocked = !p.blocked; p.blocked {
			act(m.t)(m.Block(ctx, root, name, ""))
		} else {
			act(m.t)(m.Unblock(ctx, root, name))
		}
	case "reset", "invite":
		res, err := m.Reset(ctx, root, name, core.ResetRequest{Invite: true})
		act(m.t)(res, err)
		p.key, p.temp, p.uses, p.invite = nil, "", 0, res.Invitation
	case "enrol":
		if p.key == nil {
			m.give(name)
		}
	case "temp":
		temp, err := m.TempCode(ctx, root, name, core.TempCodeRequest{Uses: 2, For: 24 * time.Hour})
		act(m.t)(temp, err)
		p.temp, p.uses = temp.Code, temp.Uses
	}
}

// check holds the directory and the store against the invariants.
func (m *machine) check(r *rapid.T) {
	if m.dir.empty > 0 {
		r.Fatal("I04: an empty password was bound")
	}
	for name, p := range m.known {
		if p.locked || p.person.bad >= p.Lockout.Threshold {
			r.Fatalf("I04: %s has %d wrong passwords against a threshold of %d", name, p.person.bad, p.Lockout.Threshold)
		}
		if p.person.bad > p.bad {
			p.badAt = m.clock()
		}
		p.bad = p.person.bad
		m.checkRecord(r, p)
	}
	if n := m.count(r, "acct"); n > len(m.known) || n != m.count(r, "mark") {
		r.Fatalf("I12: %d accounts of %d people, %d markers", n, len(m.known), m.count(r, "mark"))
	}
	if n := m.count(r, "dcoy"); n > len(m.names) {
		r.Fatalf("I12: %d decoys of %d names", n, len(m.names))
	}
}

func (m *machine) checkRecord(r *rapid.T, p *model) {
	a := core.Account{ID: p.ID}
	_, err := m.store.Update(context.Background(), func(tx core.Tx) error { return tx.Get(&a) })
	if err != nil && !errors.Is(err, core.ErrMissing) {
		r.Fatal(err)
	}
	for _, t := range a.Tokens {
		if t.Last < p.steps[t.ID] {
			r.Fatalf("I03: the last step went from %d to %d", p.steps[t.ID], t.Last)
		}
		p.steps[t.ID] = t.Last
	}
	if len(a.Lanes) > m.rules.Throttle.FamiliarSources+1 || len(a.Holds) > 0 || len(a.Temps) > 2 || len(a.Wrong) > 64 {
		r.Fatalf("I12: %d lanes, %d holds, %d temporary codes, %d wrong passwords", len(a.Lanes), len(a.Holds), len(a.Temps), len(a.Wrong))
	}
}

func (m *machine) count(r *rapid.T, kind core.Kind) (n int) {
	err := m.store.Scan(context.Background(), kind, "", func(string, func(core.Record) error) bool { n++; return true })
	if err != nil {
		r.Fatal(err)
	}
	return n
}

// everybodyGetsIn is the other half: whoever may come in does, in the end,
// whatever strangers did. A machine that refuses everybody would pass the rest.
func (m *machine) everybodyGetsIn(r *rapid.T) {
	m.passes(25 * time.Hour) // directory, locks and temporary codes forget
	for _, name := range []string{"alice", "bob", "carol"} {
		p := m.known[name]
		if p.blocked {
			act(m.t)(m.Unblock(context.Background(), root, name))
		}
		if p.key == nil {
			m.give(name)
		}
		at := m.attempt(name, p.password)
		step := p.key.StepAt(m.clock())
		at.Password += p.key.Code(p.key.Secret, step) + p.key.Code(p.key.Secret, step+1)
		at.Client = m.clients["append"]
		if d := m.Authenticate(context.Background(), at); d.Result != core.Accept {
			r.Fatalf("I05: %s cannot come in: %s", name, d.Reason.Name())
		}
	}
}

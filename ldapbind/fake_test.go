package ldapbind

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a small directory server: enough of a domain controller to see what
// this package asks it, and to answer in ways a real one cannot be made to.
type fake struct {
	listener net.Listener
	work     sync.WaitGroup

	mu       sync.Mutex
	entries  []fakeEntry
	asked    []string // the bind names and filters of users' searches seen
	conns    map[net.Conn]bool
	onBind   func(name, password string) (code int, message string, answer bool)
	onSearch func() (code int, answer bool)
}

// fakeEntry is a DN and its attributes.
type fakeEntry struct {
	dn    string
	attrs map[string][]string
}

const fakeBase = "DC=corp,DC=example,DC=com"

// newFake starts a domain with one account for the service.
func newFake(t testing.TB) *fake {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{listener: l, conns: map[net.Conn]bool{}, entries: domain("corp", "0123456789abcdef")}
	f.work.Go(f.accept)
	t.Cleanup(f.close)
	return f
}

// domain is what a domain controller tells about its domain.
func domain(name, guid string) []fakeEntry {
	base := "DC=" + name + ",DC=example,DC=com"
	return []fakeEntry{
		{"", map[string][]string{"objectClass": {"top"}, "defaultNamingContext": {base},
			"configurationNamingContext": {"CN=Configuration," + base}, "namingContexts": {base},
			"currentTime": {time.Now().UTC().Format("20060102150405") + ".0Z"}}},
		{base, map[string][]string{"objectClass": {"domain"}, "objectGUID": {guid}, "lockoutThreshold": {"5"},
			"lockOutObservationWindow": {"-18000000000"}, "lockoutDuration": {"-18000000000"}}},
		{"CN=P,CN=Partitions,CN=Configuration," + base, map[string][]string{"nCName": {base},
			"nETBIOSName": {strings.ToUpper(name)}, "dnsRoot": {name + ".example.com"}, "uPNSuffixes": {"forest.example"}}},
	}
}

// user is an entry of a person; the GUID is made of the login.
func user(login, upn string, more ...string) fakeEntry {
	e := fakeEntry{"CN=" + login + ",CN=Users," + fakeBase, map[string][]string{
		"objectClass": {"user"}, "sAMAccountType": {"805306368"}, "sAMAccountName": {login},
		"objectGUID": {(login + strings.Repeat("-", 16))[:16]}, "userAccountControl": {"512"}, "badPwdCount": {"0"},
	}}
	if upn != "" {
		e.attrs["userPrincipalName"] = []string{upn}
	}
	for i := 0; i+1 < len(more); i += 2 {
		e.attrs[more[i]] = append(e.attrs[more[i]], more[i+1])
	}
	return e
}

func (f *fake) add(entries ...fakeEntry) *fake {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.entries = append(f.entries, entries...)
	return f
}

func (f *fake) url() string { return "ldap://" + f.listener.Addr().String() }

func (f *fake) close() {
	f.listener.Close()
	f.cut()
	f.work.Wait()
}

// cut ends all connections.
func (f *fake) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.Close()
		delete(f.conns, c)
	}
}

// seen are the user binds and user searches so far.
func (f *fake) seen(kind string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.asked {
		if strings.HasPrefix(a, kind) {
			n++
		}
	}
	return n
}

func (f *fake) accept() {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.conns[c] = true
		f.mu.Unlock()
		f.work.Go(func() { f.serve(c) })
	}
}

func (f *fake) serve(c net.Conn) {
	defer c.Close()
	for {
		p, err := ber.ReadPacket(c)
		if err != nil || len(p.Children) < 2 {
			return
		}
		id, op := p.Children[0].Value.(int64), p.Children[1]
		switch op.Tag {
		case 0:
			if !f.bind(c, id, op) {
				return
			}
		case 3:
			if !f.search(c, id, op) {
				return
			}
		default:
			return
		}
	}
}

func (f *fake) bind(c net.Conn, id int64, op *ber.Packet) bool {
	name, password := op.Children[1].Value.(string), op.Children[2].Data.String()
	code, message, answer := 0, "", true
	if name != "svc" {
		f.note("bind " + name)
		if password != "right" {
			code, message = 49, "80090308: LdapErr: DSID-0C090400, comment: AcceptSecurityContext error, data 52e, v1db1"
		}
	}
	f.mu.Lock()
	judge := f.onBind
	f.mu.Unlock()
	if judge != nil && name != "svc" {
		code, message, answer = judge(name, password)
	}
	if answer {
		answerWith(c, id, 1, outcomeOf(code, message)...)
	}
	return answer
}

func (f *fake) note(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, what)
}

func (f *fake) search(c net.Conn, id int64, op *ber.Packet) bool {
	base, scope, filter := op.Children[0].Value.(string), op.Children[1].Value.(int64), op.Children[6]
	f.mu.Lock()
	entries, judge := f.entries, f.onSearch
	f.mu.Unlock()
	if scope == 2 && !strings.HasPrefix(base, "CN=Partitions") {
		f.note("search " + base)
		if judge != nil {
			if code, answer := judge(); !answer || code != 0 {
				answerWith(c, id, 5, outcomeOf(code, "")...)
				return answer
			}
		}
	}
	for _, e := range entries {
		below := scope == 0 && strings.EqualFold(e.dn, base) || scope == 2 && strings.HasSuffix(strings.ToLower(e.dn), strings.ToLower(base)) && e.dn != ""
		if below && matches(e, filter) {
			answerWith(c, id, 4, e.packets()...)
		}
	}
	answerWith(c, id, 19, octets("ldap://elsewhere/")) // a referral, as domain controllers send
	answerWith(c, id, 5, outcomeOf(0, "")...)
	return true
}

func matches(e fakeEntry, filter *ber.Packet) bool {
	switch filter.Tag {
	case 0:
		for _, c := range filter.Children {
			if !matches(e, c) {
				return false
			}
		}
		return true
	case 1:
		for _, c := range filter.Children {
			if matches(e, c) {
				return true
			}
		}
		return false
	case 3:
		for _, v := range e.attrs[filter.Children[0].Value.(string)] {
			if strings.EqualFold(v, filter.Children[1].Value.(string)) {
				return true
			}
		}
		return false
	}
	return len(e.attrs[filter.Data.String()]) > 0
}

func (e fakeEntry) packets() []*ber.Packet {
	list := ber.NewSequence("")
	for name, values := range e.attrs {
		item, set := ber.NewSequence(""), ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range values {
			set.AppendChild(octets(v))
		}
		item.AppendChild(octets(name))
		item.AppendChild(set)
		list.AppendChild(item)
	}
	return []*ber.Packet{octets(e.dn), list}
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func outcomeOf(code int, message string) []*ber.Packet {
	return []*ber.Packet{
		ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""), octets(""), octets(message),
	}
}

func answerWith(c net.Conn, id int64, tag ber.Tag, parts ...*ber.Packet) {
	p, op := ber.NewSequence(""), ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	for _, part := range parts {
		op.AppendChild(part)
	}
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(op)
	if _, err := c.Write(p.Bytes()); err != nil {
		c.Close()
	}
}

func fakeConfig(servers ...*fake) Config {
	c := Config{Name: "corp", Insecure: true, BaseDN: fakeBase, BindUser: "svc", BindPassword: "svc", Timeout: 5 * time.Second}
	for _, s := range servers {
		c.URLs = append(c.URLs, s.url())
	}
	return c
}

func opened(t testing.TB, configs ...Config) *Directories {
	t.Helper()
	ds, err := Open(configs...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ds.Close)
	return ds
}

func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	t.Cleanup(cancel)
	return ctx
}

package radius

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// DropReason is why a packet was left without an answer.
type DropReason uint8

// Reasons for dropping a packet.
const (
	kept            DropReason = iota
	UnknownSource              // no client has that address
	Malformed                  // header or attributes do not parse, or repeat what may stand once
	WrongCode                  // neither Access-Request nor Status-Server
	Unsigned                   // no Message-Authenticator where one is required
	UnsignedEAP                // EAP without Message-Authenticator
	UnsignedProxied            // Proxy-State without Message-Authenticator
	WrongMAC                   // Message-Authenticator made with another secret
	Repeated                   // its first copy is still being judged
	Shed                       // no room in the queue, or it waited there too long
	TooManyRefusals            // the Reject could not be held back until its time
	Unencodable                // the reply would be longer than a packet
	Unsent                     // the system would not send the reply
	Crashed                    // a fault of this program
	dropReasons
)

var dropNames = [dropReasons]string{
	"kept", "unknown_source", "malformed", "wrong_code", "unsigned", "unsigned_eap", "unsigned_proxied",
	"wrong_message_authenticator", "repeated", "shed", "too_many_refusals", "unencodable", "unsent", "crashed",
}

// String names the reason as metrics do.
func (r DropReason) String() string { return dropNames[r] }

var remedies = [dropReasons]string{
	UnknownSource:   "no client has this address: add it to a client's networks, if it is one of yours",
	Malformed:       "packets are malformed: see what else sends to this port",
	WrongCode:       "only Access-Request and Status-Server are answered here: send accounting and CoA elsewhere",
	Unsigned:        "sends no Message-Authenticator: update its firmware or set require_message_authenticator: false for it",
	UnsignedEAP:     "sends EAP without Message-Authenticator: let it use PAP",
	UnsignedProxied: "sends Proxy-State without Message-Authenticator: update the proxy, so that it signs (CVE-2024-3596)",
	WrongMAC:        "Message-Authenticator is wrong: the shared secret differs",
	Shed:            "more packets than can be judged: see whether the directory or the disk is slow",
	TooManyRefusals: "more refusals than can be held back: somebody may be guessing passwords",
	Unencodable:     "the reply would exceed 4096 octets: let the proxies on the way send less Proxy-State",
	Unsent:          "the reply could not be sent: see the firewall and the routes of this machine",
	Crashed:         "a fault of this program: please report it with the log",
}

// Remedy tells the administrator what to do about it; empty: nothing.
func (r DropReason) Remedy() string { return remedies[r] }

// Drop counts packets of one source that were dropped for one reason.
type Drop struct {
	Client string     // empty: of no client
	Source netip.Addr // zero: of more sources than are told apart
	Reason DropReason
	Count  uint64
	Last   time.Time
}

// String is the line for the log and for doctor, remedy and all.
func (d Drop) String() string {
	who, packets := fmt.Sprintf("source %v", d.Source), "packets"
	if d.Client != "" {
		who = fmt.Sprintf("client %s (%v)", d.Client, d.Source)
	}
	if d.Count == 1 {
		packets = "packet"
	}
	return fmt.Sprintf("%s: %d %s dropped: %s", who, d.Count, packets, cmp.Or(d.Reason.Remedy(), d.Reason.String()))
}

const (
	maxSources   = 512 // told apart; others are counted together
	warnInterval = time.Minute
)

type dropKey struct {
	client string
	source netip.Addr
	reason DropReason
}

type dropCount struct {
	total, untold uint64
	last          time.Time
}

// drops counts what was dropped and warns of it, at most once a minute for
// each client.
type drops struct {
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	counts map[dropKey]*dropCount
	strays int // of counts, those of no client: they leave room for the others
	warned map[string]time.Time
}

func newDrops(log *slog.Logger, now func() time.Time) *drops {
	return &drops{log: log, now: now, counts: make(map[dropKey]*dropCount), warned: make(map[string]time.Time)}
}

func (d *drops) note(client string, source netip.Addr, reason DropReason) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	c := d.count(dropKey{client, source.Unmap(), reason})
	c.total, c.untold, c.last = c.total+1, c.untold+1, now
	if last, ok := d.warned[client]; reason.Remedy() != "" && (!ok || now.Sub(last) >= warnInterval) {
		d.warn(client, now)
	}
}

func (d *drops) count(key dropKey) *dropCount {
	if c := d.counts[key]; c != nil {
		return c
	}
	if len(d.counts) >= maxSources || key.client == "" && d.strays >= maxSources/2 {
		key.source = netip.Addr{}
	}
	c := d.counts[key]
	if c == nil {
		c = new(dropCount)
		d.counts[key] = c
		if key.client == "" {
			d.strays++
		}
	}
	return c
}

// flush warns of what the rate limit has held back. It is to be called once a minute.
func (d *drops) flush() {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for client, last := range d.warned {
		if now.Sub(last) >= warnInterval {
			d.warn(client, now)
		}
	}
}

// flushAll warns of everything not told yet, at the end.
func (d *drops) flushAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for client := range d.warned {
		d.warn(client, d.now())
	}
}

// warn writes one line for each reason of a client that has news.
func (d *drops) warn(client string, now time.Time) {
	var news [dropReasons]Drop
	for key, c := range d.counts {
		if key.client == client && c.untold > 0 {
			n := &news[key.reason]
			*n = Drop{client, key.source, key.reason, n.Count + c.untold, c.last}
			c.untold = 0
		}
	}
	for _, n := range news {
		if n.Count > 0 && n.Reason.Remedy() != "" {
			d.warned[client] = now
			d.say(n)
		}
	}
}

func (d *drops) say(drop Drop) {
	d.log.LogAttrs(context.Background(), slog.LevelWarn, drop.String(),
		slog.String("client", drop.Client), slog.String("source", drop.Source.String()),
		slog.String("reason", drop.Reason.String()), slog.Uint64("packets", drop.Count))
}

// list gives the counts, by client, source and reason.
func (d *drops) list() []Drop {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Drop, 0, len(d.counts))
	for key, c := range d.counts {
		all = append(all, Drop{key.client, key.source, key.reason, c.total, c.last})
	}
	slices.SortFunc(all, func(a, b Drop) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), a.Source.Compare(b.Source), cmp.Compare(a.Reason, b.Reason))
	})
	return all
}

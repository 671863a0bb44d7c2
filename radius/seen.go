package radius

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// seen remembers requests and their replies, so that a retransmission gets the
// same octets and is not judged again, in flight or after (I09, RFC 5080
// section 2.2.2). It is bounded by octets, of each client and in all: the
// oldest replies go first. Requests in flight are bounded by the queue.
type seen struct {
	window         time.Duration
	limit          int // octets in all
	limitPerClient int
	seed           maphash.Seed

	mu      sync.Mutex
	entries map[slot]*entry
	all     list
	clients map[string]*list // emptied lists stay: there are only so many clients
}

// slot is what a NAS has one request at a time in. A new authenticator in it
// means that the NAS has given the old request up.
type slot struct {
	socket int // sockets of one listen address share a number
	from   netip.AddrPort
	id     byte
}

// entry is one request. Its digest is over the whole packet: a NAS that
// repeats an authenticator with other content must not get somebody else's reply.
type entry struct {
	slot   slot
	digest uint64
	client *list
	at     time.Time // when it was done
	outcome
	links [2]link
}

// outcome is what became of a request.
type outcome struct {
	done  bool
	reply []byte // nil: it was left without an answer
}

type link struct{ prev, next *entry }

const entryOverhead = int(unsafe.Sizeof(entry{})) + 2*int(unsafe.Sizeof(slot{}))

func (e *entry) size() int { return entryOverhead + len(e.reply) }

func newSeen(cfg Config) *seen {
	return &seen{
		window: cfg.Remember, limit: cfg.Memory, limitPerClient: cfg.MemoryByClient, seed: maphash.MakeSeed(),
		entries: make(map[slot]*entry), all: list{which: 0}, clients: make(map[string]*list),
	}
}

// enter gives a new request an entry that is in flight. For a retransmission
// fresh is nil, and before tells what became of the first copy.
func (s *seen) enter(at slot, packet []byte, client string, now time.Time) (fresh *entry, before outcome) {
	digest := maphash.Bytes(s.seed, packet)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(now)
	if e := s.entries[at]; e != nil {
		if e.digest == digest {
			return nil, e.outcome
		}
		s.remove(e)
	}
	e := &entry{slot: at, digest: digest, client: s.listOf(client)}
	s.entries[at] = e
	return e, outcome{}
}

func (s *seen) listOf(client string) *list {
	l := s.clients[client]
	if l == nil {
		l = &list{which: 1}
		s.clients[client] = l
	}
	return l
}

// finish stores the reply of a request that was in flight. Where another
// request has taken its slot meanwhile, nobody will ask for it again.
func (s *seen) finish(e *entry, reply []byte, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[e.slot] != e {
		return
	}
	e.outcome, e.at = outcome{done: true, reply: reply}, now
	s.all.push(e)
	e.client.push(e)
	for e.client.octets > s.limitPerClient {
		s.remove(e.client.oldest)
	}
	for s.all.octets > s.limit {
		s.remove(s.all.oldest)
	}
}

// forget removes a request that was not judged, so that its retransmission may be.
func (s *seen) forget(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[e.slot] == e {
		s.remove(e)
	}
}

// sweep removes replies that are too old to be asked for.
func (s *seen) sweep(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(now)
}

func (s *seen) expire(now time.Time) {
	for e := s.all.oldest; e != nil && now.Sub(e.at) >= s.window; e = s.all.oldest {
		s.remove(e)
	}
}

func (s *seen) remove(e *entry) {
	delete(s.entries, e.slot)
	if e.done {
		s.all.cut(e)
		e.client.cut(e)
	}
}

func (s *seen) size() (entries, octets int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.entries), s.all.octets
}

// list holds entries in the order they were done, linked through links[which].
type list struct {
	load
	which          int
	oldest, newest *entry
	octets         int
}

// load is what one client takes of the server at present.
type load struct{ inHand, delayed atomic.Int64 }

func (l *list) push(e *entry) {
	e.links[l.which] = link{prev: l.newest}
	if l.newest == nil {
		l.oldest = e
	} else {
		l.newest.links[l.which].next = e
	}
	l.newest = e
	l.octets += e.size()
}

func (l *list) cut(e *entry) {
	at := e.links[l.which]
	if at.prev == nil {
		l.oldest = at.next
	} else {
		at.prev.links[l.which].next = at.next
	}
	if at.next == nil {
		l.newest = at.prev
	} else {
		at.next.links[l.which].prev = at.prev
	}
	e.links[l.which] = link{}
	l.octets -= e.size()
}

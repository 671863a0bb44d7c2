package radius

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Server answers RADIUS packets on UDP. Make one with New, then Start it.
type Server struct {
	cfg     Config
	sockets []*socket
	table   atomic.Pointer[table]
	seen    *seen
	drops   *drops

	queue   chan *request
	inHand  atomic.Int64 // requests in the queue or at a worker
	workers atomic.Int64
	delayed atomic.Int64

	received, answered, resent atomic.Uint64

	base     context.Context // of all attempts; ends when Shutdown runs out of time
	cancel   context.CancelFunc
	stopping chan struct{}
	stop     sync.Once
	stopped  error
	readers  sync.WaitGroup
	flight   sync.WaitGroup // requests without a reply, held back ones too
}

// New opens the sockets. Packets wait there until Start.
func New(cfg Config) (*Server, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	t, err := newTable(cfg.Rules)
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, seen: newSeen(cfg), drops: newDrops(cfg.Log, cfg.Now),
		queue: make(chan *request, cfg.Queue), stopping: make(chan struct{}),
	}
	s.table.Store(t)
	if s.sockets, err = openSockets(cfg); err != nil {
		return nil, fmt.Errorf("radius: %w", err)
	}
	s.base, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Start begins to answer and returns. It is to be called once.
func (s *Server) Start() {
	for _, socket := range s.sockets {
		s.readers.Go(func() { s.receive(socket) })
	}
	s.readers.Go(s.keepHouse)
}

// Swap puts new rules in force for packets that come from now on, or keeps the
// old ones and says what is wrong with the new.
func (s *Server) Swap(rules Rules) error {
	t, err := newTable(rules)
	if err != nil {
		return err
	}
	s.table.Store(t)
	return nil
}

// Check tells what is wrong with rules, as Swap would.
func Check(rules Rules) error {
	_, err := newTable(rules)
	return err
}

// ReadyAddrs gives the addresses that are listened on, in the order of Config,
// each with its real port.
func (s *Server) ReadyAddrs() []netip.AddrPort {
	addrs := make([]netip.AddrPort, len(s.sockets))
	for i, socket := range s.sockets {
		addrs[i] = socket.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	}
	return addrs
}

// Shutdown stops reading, waits until everything in flight has its answer,
// and closes the sockets. When ctx ends first, what is left gets none.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop.Do(func() { s.stopped = s.shutdown(ctx) })
	return s.stopped
}

func (s *Server) shutdown(ctx context.Context) error {
	close(s.stopping)
	var faults []error
	for _, socket := range s.sockets {
		faults = append(faults, socket.conn.SetReadDeadline(time.Unix(1, 0)))
	}
	s.readers.Wait()
	close(s.queue)
	done := make(chan struct{})
	go func() { s.flight.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		faults = append(faults, fmt.Errorf("answering what was in flight: %w", ctx.Err()))
	}
	s.cancel()
	s.drops.flushAll()
	return errors.Join(append(faults, closeSockets(s.sockets))...)
}

// Stats are figures for metrics.
type Stats struct {
	Received  uint64 // datagrams
	Answered  uint64 // replies sent for the first time, Status-Server's too
	Resent    uint64 // replies sent again for a retransmission
	InHand    int    // requests waiting or being judged
	Workers   int
	Delayed   int // Rejects held back
	Replies   int // remembered requests
	ReplySize int // octets they take
}

// Stats tells what the server does and has done.
func (s *Server) Stats() Stats {
	replies, size := s.seen.size()
	return Stats{
		Received: s.received.Load(), Answered: s.answered.Load(), Resent: s.resent.Load(),
		InHand: int(s.inHand.Load()), Workers: int(s.workers.Load()), Delayed: int(s.delayed.Load()),
		Replies: replies, ReplySize: size,
	}
}

// DropStats tells which packets were dropped, of whom and why.
func (s *Server) DropStats() []Drop { return s.drops.list() }

// keepHouse forgets old replies when no packet does it, and reports drops.
func (s *Server) keepHouse() {
	tick := time.NewTicker(warnInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.seen.sweep(s.cfg.Now())
			s.drops.flush()
		case <-s.stopping:
			return
		}
	}
}

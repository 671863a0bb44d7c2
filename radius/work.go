package radius

import (
	"context"
	"time"

	codec "layeh.com/radius"
	"twofold/core"
)

// enqueue gives a request to the workers, of which there are only as many as
// there has been work for. Where the queue is full the request is forgotten,
// so that its retransmission has a chance.
func (s *Server) enqueue(r *request) {
	s.flight.Add(1)
	of := &r.entry.client.load
	busy, its := s.inHand.Add(1), of.inHand.Add(1)
	if its > r.table.share(s.cfg.Workers+s.cfg.Queue) || !s.offer(r) {
		s.inHand.Add(-1)
		of.inHand.Add(-1)
		s.shed(r, Shed)
		return
	}
	for n := s.workers.Load(); n < busy && n < int64(s.cfg.Workers); n = s.workers.Load() {
		if s.workers.CompareAndSwap(n, n+1) {
			go s.work()
			return
		}
	}
}

func (s *Server) offer(r *request) bool {
	select {
	case s.queue <- r:
		return true
	default:
		return false
	}
}

func (s *Server) shed(r *request, why DropReason) {
	s.drop(r.client, r.peer, why)
	s.seen.forget(r.entry)
	r.release()
	s.flight.Done()
}

func (s *Server) work() {
	defer s.workers.Add(-1)
	for r := range s.queue {
		of := &r.entry.client.load // r is somebody else's after it was handled
		s.handle(r)
		s.inHand.Add(-1)
		of.inHand.Add(-1)
	}
}

func (s *Server) handle(r *request) {
	reply, notSoon, why := s.answer(r)
	if why != kept {
		s.shed(r, why)
		return
	}
	s.hold(r, reply, notSoon)
}

// answer gives the reply and when it may go out, or why the request was not
// judged at all. A fault in here leaves the request without an answer.
func (s *Server) answer(r *request) (reply []byte, notSoon time.Time, why DropReason) {
	defer s.survive(r.client, r.peer)
	left := orElse(r.client.Core.Deadline, defaultDeadline) - s.cfg.Now().Sub(r.came)
	if left <= 0 {
		return nil, notSoon, Shed // the NAS has given it up
	}
	attrs, ok := r.attributes()
	if !ok {
		return nil, notSoon, Malformed
	}
	if !roomToReply(attrs) {
		return nil, notSoon, Unencodable
	}
	ctx, cancel := context.WithTimeout(s.base, left)
	defer cancel()
	d := s.judge(ctx, r, attrs)
	reply, err := r.encode(d, attrs)
	if err != nil {
		s.drop(r.client, r.peer, Unencodable)
	}
	return reply, d.NotSoon, kept
}

// judge asks core. An outage becomes a Reject where the client wants that.
func (s *Server) judge(ctx context.Context, r *request, attrs codec.Attributes) core.Decision {
	d := s.ask(ctx, r, attrs)
	s.cfg.Observe(Observed{r.client.Core.Name, d.Result, d.Reason, s.cfg.Now().Sub(r.came)})
	if d.Result == core.NoAnswer && r.client.Core.RejectOnFailure {
		return core.Decision{Result: core.Reject, Reason: d.Reason, NotSoon: r.came.Add(r.client.Core.RejectFloor)}
	}
	return d
}

// ask survives a panic as an outage.
func (s *Server) ask(ctx context.Context, r *request, attrs codec.Attributes) (d core.Decision) {
	defer s.survive(r.client, r.peer)
	at, why := r.attempt(attrs)
	if why != core.NoReason {
		return s.cfg.Authenticator.Refuse(ctx, at, why)
	}
	return s.cfg.Authenticator.Authenticate(ctx, at)
}

// hold keeps a reply back until its time, without a worker. Where too many are
// held already, this one is never sent: sooner would tell (I08).
func (s *Server) hold(r *request, reply []byte, notSoon time.Time) {
	wait := notSoon.Sub(s.cfg.Now())
	if reply == nil || wait <= 0 {
		s.deliver(r, reply)
		return
	}
	of := &r.entry.client.load
	if all, its := s.delayed.Add(1), of.delayed.Add(1); all > int64(s.cfg.Delayed) || its > r.table.share(s.cfg.Delayed) {
		s.delayed.Add(-1)
		of.delayed.Add(-1)
		s.drop(r.client, r.peer, TooManyRefusals)
		s.deliver(r, nil)
		return
	}
	time.AfterFunc(wait, func() {
		defer s.delayed.Add(-1)
		defer of.delayed.Add(-1)
		s.deliver(r, reply)
	})
}

// deliver remembers a reply, then sends it: a retransmission that comes
// between finds it. No reply is remembered too (I09).
func (s *Server) deliver(r *request, reply []byte) {
	defer s.flight.Done()
	defer r.release()
	s.seen.finish(r.entry, reply, s.cfg.Now())
	if reply != nil {
		s.answered.Add(1)
		s.send(r, reply, r.asked)
	}
}

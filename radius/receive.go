package radius

import (
	"fmt"
	"net/netip"
	"runtime/debug"
	"time"

	codec "layeh.com/radius"
)

// receive reads one socket until Shutdown.
func (s *Server) receive(socket *socket) {
	datagram := make([]byte, codec.MaxPacketLength) // what is beyond can only be padding
	control := make([]byte, controlLen)
	for {
		n, controlN, _, peer, err := socket.conn.ReadMsgUDPAddrPort(datagram, control)
		if err == nil {
			s.admit(socket, datagram[:n], turn(control[:controlN]), peer)
			continue
		}
		select {
		case <-s.stopping:
			return
		default:
			s.cfg.Log.Warn("reading from socket", "address", socket.conn.LocalAddr().String(), "error", err)
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// admit decides whether a datagram is a request to be judged. Nothing is
// remembered before it is believed (RFC 5080 section 2.2.2).
func (s *Server) admit(socket *socket, datagram []byte, asked asked, peer netip.AddrPort) {
	defer s.survive(nil, peer)
	s.received.Add(1)
	table := s.table.Load()
	client := table.find(peer.Addr())
	if client == nil {
		s.drop(nil, peer, UnknownSource)
		return
	}
	packet, secret, why := client.believe(datagram)
	if why != kept {
		s.drop(client, peer, why)
		return
	}
	r := request{socket: socket, peer: peer, table: table, client: client, secret: secret, came: s.cfg.Now()}
	if codec.Code(packet[0]) == codec.CodeStatusServer {
		s.status(&r, packet, asked)
		return
	}
	s.judgeOnce(r, packet, asked)
}

// judgeOnce hands a request to a worker unless it is a retransmission.
func (s *Server) judgeOnce(r request, packet []byte, asked asked) {
	at := slot{r.socket.number, r.peer, packet[1]}
	fresh, before := s.seen.enter(at, packet, r.client.Core.Name, r.came)
	switch {
	case fresh != nil:
		r.entry = fresh
		s.enqueue(takeRequest(r, packet, asked))
	case !before.done:
		s.drop(r.client, r.peer, Repeated)
	case before.reply != nil:
		s.resent.Add(1)
		s.send(&r, before.reply, asked)
	}
}

// status answers a Status-Server (RFC 5997 section 4): no state, no side
// effect, and no place in a queue that may be full.
func (s *Server) status(r *request, packet []byte, asked asked) {
	reply, err := sign(codec.Packet{Code: codec.CodeAccessAccept}, packet, r.secret)
	if err != nil {
		s.drop(r.client, r.peer, Unencodable)
		return
	}
	s.answered.Add(1)
	s.send(r, reply, asked)
}

func (s *Server) send(r *request, reply []byte, asked asked) {
	if s.base.Err() != nil {
		return // Shutdown has run out of time
	}
	if err := r.socket.send(reply, asked, r.peer); err != nil {
		s.drop(r.client, r.peer, Unsent)
	}
}

func (s *Server) drop(client *Client, peer netip.AddrPort, why DropReason) {
	name := ""
	if client != nil {
		name = client.Core.Name
	}
	s.drops.note(name, peer.Addr(), why)
}

// survive keeps a fault in the handling of one packet from ending the others;
// it is to be deferred. The value of the panic may hold a secret and is not
// logged (I10).
func (s *Server) survive(client *Client, peer netip.AddrPort) {
	fault := recover()
	if fault == nil {
		return
	}
	s.drop(client, peer, Crashed)
	s.cfg.Log.Error("recovering from a fault in one packet", "kind", fmt.Sprintf("%T", fault), "stack", string(debug.Stack()))
}

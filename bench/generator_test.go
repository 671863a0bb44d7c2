//go:build bench

package bench

import (
	"errors"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	codec "layeh.com/radius"

	"twofold/radius/exchange"
)

const (
	secret   = "secret of the benchmark"
	patience = time.Second // before a request is sent again
	tries    = 5
)

// result is what a pass showed.
type result struct {
	took        time.Duration
	latencies   []time.Duration // of those that were let in, ascending
	refused     int
	lost        int // no answer to any try
	retransmits int
	cpu         time.Duration
	rss         int64 // octets, after the pass
}

func (r result) rate() float64 { return float64(len(r.latencies)) / r.took.Seconds() }

// quantile is 0 where nobody was let in.
func (r result) quantile(q float64) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[int(q*float64(len(r.latencies)-1))]
}

// load logs everybody in once, with n requests outstanding.
func load(t *testing.T, s *server, people []person, n int) result {
	t.Helper()
	var next atomic.Int64
	parts := make([]result, n)
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { parts[i] = work(t, s.addr, people, &next) })
	}
	wg.Wait()
	return sum(parts, time.Since(begin))
}

func sum(parts []result, took time.Duration) result {
	all := result{took: took}
	for _, p := range parts {
		all.latencies = append(all.latencies, p.latencies...)
		all.refused += p.refused
		all.lost += p.lost
		all.retransmits += p.retransmits
	}
	slices.Sort(all.latencies)
	return all
}

// work is one slot: it logs in the next person when the one before is done.
func work(t *testing.T, addr string, people []person, next *atomic.Int64) (r result) {
	conn, err := net.Dial("udp", addr)
	if err != nil {
		t.Error(err)
		return r
	}
	defer conn.Close()
	for id := byte(0); ; id++ {
		i := int(next.Add(1)) - 1
		if i >= len(people) {
			return r
		}
		r.login(t, conn, people[i], id)
	}
}

func (r *result) login(t *testing.T, conn net.Conn, p person, id byte) {
	packet := codec.New(codec.CodeAccessRequest, []byte(secret))
	packet.Identifier = id
	request, err := exchange.Encode(packet, exchange.Request{User: p.name, Password: p.typed(t)})
	if err != nil {
		t.Error(err)
		return
	}
	begin := time.Now()
	for try := range tries {
		if try > 0 {
			r.retransmits++
		}
		code, err := ask(conn, request)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			continue
		case err != nil:
			t.Errorf("asking: %v", err)
			return
		case code == codec.CodeAccessAccept:
			r.latencies = append(r.latencies, time.Since(begin))
		default:
			r.refused++
		}
		return
	}
	r.lost++
}

// ask sends once and waits for an authentic answer. FreeRADIUS 3.2.1 signs its
// replies with the Response Authenticator alone, so no more is asked of both.
func ask(conn net.Conn, request []byte) (codec.Code, error) {
	if _, err := conn.Write(request); err != nil {
		return 0, err
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	var reply [codec.MaxPacketLength]byte
	for {
		n, err := conn.Read(reply[:])
		if err != nil {
			return 0, err
		}
		if n >= 20 && reply[1] == request[1] && codec.IsAuthenticResponse(reply[:n], request, []byte(secret)) {
			return codec.Code(reply[0]), nil
		}
	}
}

package lab

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// listen is called with the lock held, or before anybody knows the proxy.
func (p *Proxy) listen() error {
	l, err := net.Listen("tcp4", p.addr)
	if err != nil {
		return err
	}
	p.listener, p.addr = l, l.Addr().String()
	p.work.Go(func() { p.accept(l) })
	return nil
}

func (p *Proxy) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of descriptors, say
			continue
		}
		p.work.Go(func() { p.serve(c.(*net.TCPConn)) })
	}
}

// serve dials the server, unless the mode keeps it from being reached.
func (p *Proxy) serve(client *net.TCPConn) {
	mode := p.enter(client)
	defer p.leave(client)
	switch mode {
	case Reset, Refuse:
		abort(client)
		return
	case HalfClose:
		shut(client)
		p.carry(nil, client, true)
		return
	case Blackhole:
		p.carry(nil, client, true)
		return
	}
	server, ok := p.dial(client)
	if !ok {
		abort(client)
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.carry(server, client, true) })
	both.Go(func() { p.carry(client, server, false) })
	both.Wait()
}

func (p *Proxy) enter(client *net.TCPConn) Mode {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[client] = nil
	p.count.Accepted++
	return p.mode
}

func (p *Proxy) dial(client *net.TCPConn) (*net.TCPConn, bool) {
	c, err := net.DialTimeout("tcp", p.target, 5*time.Second)
	if err != nil {
		return nil, false
	}
	server := c.(*net.TCPConn)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[client] = server
	return server, true
}

func (p *Proxy) leave(client *net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	abort(client)
	if server := p.open[client]; server != nil {
		abort(server)
	}
	delete(p.open, client)
}

// carry moves octets until one side ends, and passes its FIN on. Without a
// destination, or in Blackhole and HalfClose, they are read and thrown away.
func (p *Proxy) carry(dst, src *net.TCPConn, up bool) {
	buf := make([]byte, 32<<10)
	for {
		n, err := src.Read(buf)
		if n > 0 && dst != nil && p.passes(up) {
			p.tally(up, n) // before it is sent: whoever sees the answer sees the count
			if _, err := dst.Write(buf[:n]); err != nil {
				return
			}
		}
		if err == io.EOF && dst != nil {
			shut(dst)
		}
		if err != nil {
			if err != io.EOF && dst != nil {
				abort(dst) // or the other way would wait for it for ever
			}
			return
		}
	}
}

func (p *Proxy) tally(up bool, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if up {
		p.count.Up += int64(n)
	} else {
		p.count.Down += int64(n)
	}
}

// passes waits out the delay and tells whether the mode lets octets through.
// A change of mode ends the wait.
func (p *Proxy) passes(up bool) bool {
	p.mu.Lock()
	delay, changed := p.delay, p.changed
	p.mu.Unlock()
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-changed:
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.mode == Pass || p.mode == DropReplies && up
}

// cut is called with the lock held; serve takes the connections off the list.
func (p *Proxy) cut() {
	for client, server := range p.open {
		abort(client)
		if server != nil {
			abort(server)
		}
	}
}

// halfClose is called with the lock held.
func (p *Proxy) halfClose() {
	for client := range p.open {
		shut(client)
	}
}

// close ends the proxy and waits for its goroutines.
func (p *Proxy) close() {
	p.mu.Lock()
	p.mode = Refuse
	close(p.changed)
	p.changed = make(chan struct{})
	if p.listener != nil {
		p.listener.Close()
	}
	p.cut()
	p.mu.Unlock()
	p.work.Wait()
}

// abort closes with RST. Errors say that the other side was quicker.
func abort(c *net.TCPConn) {
	if c.SetLinger(0) == nil {
		c.Close()
	}
}

// shut sends FIN. Errors say that the connection is gone already.
func shut(c *net.TCPConn) {
	if c.CloseWrite() != nil {
		c.Close()
	}
}

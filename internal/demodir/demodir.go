package demodir

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// Config says what to serve. Its bounds have defaults where they are zero.
type Config struct {
	Listen  string  // loopback address and port; empty: any free port of 127.0.0.1
	Suffix  string  // the naming context; one of Entries must have this name
	Entries []Entry // see Sample

	MaxConns   int           // more are closed at once; 0: 64
	MaxMessage int           // octets of one request; 0: 16 KiB
	MaxEntries int           // of one answer; 0: 500
	Idle       time.Duration // a connection that sends no whole request for this long is closed; 0: 10 minutes

	Fault func(error) // told of panics and of failing accepts; nil: nobody
}

func (c Config) withDefaults() Config {
	c.Listen = or(c.Listen, "127.0.0.1:0")
	c.MaxConns = or(c.MaxConns, 64)
	c.MaxMessage = or(c.MaxMessage, 16<<10)
	c.MaxEntries = or(c.MaxEntries, 500)
	c.Idle = or(c.Idle, 10*time.Minute)
	if c.Fault == nil {
		c.Fault = func(error) {}
	}
	return c
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Server is a directory that is being served.
type Server struct {
	config   Config
	tree     *tree
	listener net.Listener
	work     sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

// Start serves the entries until Close.
func Start(c Config) (*Server, error) {
	c = c.withDefaults()
	tree, err := newTree(c.Suffix, c.Entries)
	if err != nil {
		return nil, fmt.Errorf("starting the directory: %w", err)
	}
	if err := checkLoopback(c.Listen); err != nil {
		return nil, fmt.Errorf("starting the directory: %w", err)
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("starting the directory: %w", err)
	}
	s := &Server{config: c, tree: tree, listener: listener, conns: map[net.Conn]struct{}{}}
	s.work.Go(s.accept)
	return s, nil
}

// checkLoopback keeps the sample passwords, which travel in clear, off the net.
func checkLoopback(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is not a loopback address: this directory is not for others to reach", listen)
	}
	return nil
}

// Addr is the address listened on, as host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// URL is the address for a directory's urls.
func (s *Server) URL() string { return "ldap://" + s.Addr() }

// Close stops listening, ends all connections and waits until they are gone.
// It may be called again.
func (s *Server) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.work.Wait()
		return nil
	}
	s.closed = true
	faults := []error{s.listener.Close()}
	for conn := range s.conns {
		faults = append(faults, conn.Close())
	}
	s.mu.Unlock()
	s.work.Wait()
	return errors.Join(faults...)
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			s.config.Fault(fmt.Errorf("accepting a connection: %w", err))
			time.Sleep(50 * time.Millisecond) // out of file descriptors, most likely
			continue
		}
		s.admit(conn)
	}
}

// admit starts serving a connection, unless there are enough of them.
func (s *Server) admit(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= s.config.MaxConns {
		s.closeConn(conn)
		return
	}
	s.conns[conn] = struct{}{}
	s.work.Go(func() {
		defer s.dismiss(conn)
		s.serve(conn)
	})
}

func (s *Server) dismiss(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.conns[conn]; ok && !s.closed {
		delete(s.conns, conn)
		s.closeConn(conn)
	}
}

func (s *Server) closeConn(conn net.Conn) {
	if err := conn.Close(); err != nil {
		s.config.Fault(fmt.Errorf("closing a connection: %w", err))
	}
}

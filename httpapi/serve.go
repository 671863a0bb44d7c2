package httpapi

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Bounds of connections (I12). A request must begin at once and be read
// within the time given; long answers extend theirs.
const (
	headerWithin   = 10 * time.Second
	readWithin     = 30 * time.Second
	writeWithin    = 75 * time.Second // beyond the longest deadline and floor
	idleWithin     = 2 * time.Minute
	maxHeader      = 32 << 10
	maxLocal       = 128
	maxStreams     = 16 // of one HTTP/2 connection: one that is not read holds some 20 kB
	shutdownWithin = 10 * time.Second
)

// ServeSocket answers on the admin socket until ctx ends. It closes l.
func (s *Server) ServeSocket(ctx context.Context, l *net.UnixListener) error {
	server := s.server(s.Socket())
	server.ConnContext = withCredentials
	return s.serve(ctx, server, &socketListener{l, make(gate, maxLocal)})
}

// ServeTLS answers on l over TLS until ctx ends. It closes l. root is what is
// served: API, alone or mounted beside other handlers.
func (s *Server) ServeTLS(ctx context.Context, l net.Listener, config *tls.Config, root http.Handler) error {
	server := s.server(root)
	server.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: maxStreams}
	server.TLSConfig = config
	trusted := func(a netip.Addr) bool { return holds(s.cfg.Reach().TrustedProxies, a) }
	return s.serve(ctx, server, tlsListener{newBoundedListener(l, trusted)})
}

// tlsListener marks a listener whose connections begin with a handshake.
type tlsListener struct{ net.Listener }

func (s *Server) server(root http.Handler) *http.Server {
	server := &http.Server{
		Handler:           root,
		ReadHeaderTimeout: headerWithin,
		ReadTimeout:       readWithin,
		WriteTimeout:      writeWithin,
		IdleTimeout:       idleWithin,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.cfg.Log.Handler(), slog.LevelDebug),
	}
	server.RegisterOnShutdown(s.close) // ends those who follow
	return server
}

// serve runs server until ctx ends, then lets what is under way finish.
func (s *Server) serve(ctx context.Context, server *http.Server, l net.Listener) error {
	failed := make(chan error, 1)
	go func() {
		if _, ok := l.(tlsListener); ok {
			failed <- server.ServeTLS(l, "", "")
			return
		}
		failed <- server.Serve(l)
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWithin)
	defer cancel()
	err := server.Shutdown(end)
	if err != nil {
		err = errors.Join(err, server.Close())
	}
	if served := <-failed; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

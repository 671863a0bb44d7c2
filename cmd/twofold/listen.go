package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"

	"twofold/conf"
	"twofold/core"
	"twofold/httpapi"
	"twofold/ops"
	"twofold/radius"
)

// openAPI opens the admin socket, and HTTPS unless it is turned off.
func (s *server) openAPI(ctx context.Context, now *snapshot) error {
	s.api = httpapi.New(httpapi.Config{
		Core:      s.core,
		APIClient: func() *core.Client { return s.present.Load().api },
		Client:    func(name string) *core.Client { return s.present.Load().client(name) },
		Reach:     func() httpapi.Reach { return s.present.Load().reach },
		Doctor:    s.examine,
		Observe:   s.metrics.Request,
		Attempt:   s.observeHTTP,
		Version:   version().String(), Log: s.log,
	})
	s.journal.follow(s.api.Notice)
	s.addrs.socket = now.conf.SocketPath()
	socket, err := httpapi.ListenSocket(s.addrs.socket)
	if err != nil {
		return err
	}
	s.background(ctx, "admin socket", func(ctx context.Context) error { return s.api.ServeSocket(ctx, socket) })
	if !now.conf.HTTP.Listen.IsValid() {
		return nil
	}
	return s.openHTTPS(ctx, now)
}

func (s *server) openHTTPS(ctx context.Context, now *snapshot) error {
	cert, err := s.loadCertificate(now.conf)
	if err != nil {
		return err
	}
	s.cert.Store(cert)
	l, err := listenTCP(now.conf.HTTP.Listen)
	if err != nil {
		return fmt.Errorf("http.listen: %w (hint: ss -lntp says who has the port)", err)
	}
	s.addrs.https = l.Addr().String()
	s.background(ctx, "https", func(ctx context.Context) error {
		return s.api.ServeTLS(ctx, l, s.tlsConfig(), s.api.API())
	})
	return nil
}

// listenTCP listens on the family of the address alone, as RADIUS does: what
// the configuration does not name, no firewall rule may be written for.
func listenTCP(a netip.AddrPort) (net.Listener, error) {
	if addr := a.Addr().Unmap(); addr.Is4() {
		return net.Listen("tcp4", netip.AddrPortFrom(addr, a.Port()).String())
	}
	return net.Listen("tcp6", a.String()) // sets IPV6_V6ONLY
}

// tlsConfig asks at each connection, so that a reload may name other files.
func (s *server) tlsConfig() *tls.Config {
	c := s.cert.Load().TLSConfig()
	c.GetCertificate = nil
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.cert.Load().TLSConfig(), nil }
	return c
}

func (s *server) loadCertificate(c *conf.Config) (*httpapi.Certificate, error) {
	cfg := buildCertificate(c)
	cfg.Log = s.log
	return httpapi.LoadCertificate(cfg)
}

func (s *server) openRADIUS(_ context.Context, now *snapshot) (err error) {
	if len(now.conf.RADIUS.Listen) == 0 {
		return nil
	}
	cfg := radius.Config{Authenticator: s.core, Rules: now.radius, Log: s.log, Observe: s.observeRADIUS}
	for _, a := range now.conf.RADIUS.Listen {
		cfg.Listen = append(cfg.Listen, a.String())
	}
	if s.radius, err = radius.New(cfg); err != nil {
		return err
	}
	s.doors = append(s.doors, func() error {
		end, cancel := context.WithTimeout(context.Background(), drainWithin)
		defer cancel()
		return s.radius.Shutdown(end)
	})
	return nil
}

func (s *server) openOps(ctx context.Context, now *snapshot) error {
	if !now.conf.Ops.Listen.IsValid() {
		return nil
	}
	l, err := listenTCP(now.conf.Ops.Listen)
	if err != nil {
		return fmt.Errorf("ops.listen: %w (hint: ss -lntp says who has the port)", err)
	}
	s.addrs.ops = l.Addr().String()
	served := ops.New(ops.Config{Metrics: s.metrics, Checks: s.readiness(), Log: s.log})
	s.background(ctx, "ops", func(ctx context.Context) error { return served.Serve(ctx, l) })
	return nil
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"twofold/conf"
	"twofold/core"
	"twofold/httpapi"
	"twofold/ldapbind"
	"twofold/ops"
	"twofold/radius"
	"twofold/storage"
)

// options are what serve was told beside the configuration.
type options struct {
	config     string
	first      bool // --init
	acceptLoss bool
	log        io.Writer
}

// server is the running system.
type server struct {
	opts      options
	present   atomic.Pointer[snapshot]
	log       *slog.Logger
	level     *slog.LevelVar
	metrics   *ops.Metrics
	journal   *journal
	store     *storage.Store
	directory *ldapbind.Current
	core      *core.Service
	radius    *radius.Server // nil where radius.listen is empty
	api       *httpapi.Server
	cert      atomic.Pointer[httpapi.Certificate] // nil where http.listen is empty
	addrs     addresses

	running sync.WaitGroup
	failed  chan error     // of a listener that ended by itself
	closers []func() error // undo start, the last first
}

// addresses are those really listened on.
type addresses struct{ https, ops, socket string }

// start brings everything up, or nothing.
func start(ctx context.Context, opts options) (s *server, err error) {
	c, warnings, err := conf.Load(opts.config)
	if err != nil {
		return nil, err
	}
	s = &server{opts: opts, level: new(slog.LevelVar), metrics: ops.NewMetrics(version().metrics()), failed: make(chan error, 4)}
	s.log = newLog(opts.log, c.Log.Format, s.level)
	s.setLevel(c)
	s.warn(warnings)
	if err := s.start(ctx, c); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *server) start(ctx context.Context, c *conf.Config) error {
	now, err := newSnapshot(c)
	if err != nil {
		return err
	}
	s.present.Store(now)
	for _, step := range []func(context.Context, *snapshot) error{
		s.openJournal, s.openStore, s.openDirectory, s.openCore, s.openAPI, s.openRADIUS, s.openOps,
	} {
		if err := step(ctx, now); err != nil {
			return err
		}
	}
	s.observe(now)
	if s.radius != nil {
		s.radius.Start()
	}
	return s.core.Record(ctx, core.Event{Reason: core.Started, Detail: version().String()})
}

func (s *server) openJournal(context.Context, *snapshot) error {
	s.journal = newJournal(s.log, s.metrics)
	s.onClose(s.journal.close)
	return nil
}

func (s *server) openStore(_ context.Context, now *snapshot) error {
	cfg := buildStorage(now.conf, s.opts.first, s.opts.acceptLoss, func(text string) { s.log.Warn("store: " + text) })
	store, opened, err := storage.Open(cfg)
	if err != nil {
		return err
	}
	s.store = store
	s.onClose(store.Close)
	for _, w := range opened.Warnings {
		s.log.Warn("store: " + w)
	}
	s.opts.acceptLoss = opened.Lost
	return nil
}

func (s *server) openDirectory(_ context.Context, now *snapshot) error {
	ds, err := s.newDirectories(now.conf)
	if err != nil {
		return err
	}
	s.directory = ldapbind.NewCurrent(ds)
	s.onClose(func() error { s.directory.Close(); return nil })
	return nil
}

func (s *server) newDirectories(c *conf.Config) (*ldapbind.Directories, error) {
	configs, err := buildDirectories(c, s.metrics.Bind)
	if err != nil {
		return nil, err
	}
	return ldapbind.Open(configs...)
}

func (s *server) openCore(ctx context.Context, now *snapshot) (err error) {
	s.core, err = core.New(ctx, core.Config{
		Store: s.store, Directory: s.directory, Rules: now.rules,
		Observe: s.journal.tell, Lost: s.opts.acceptLoss,
	})
	return err
}

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
	s.addrs.socket = socketPath(now.conf)
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
	if err := s.loadCertificate(now.conf); err != nil {
		return err
	}
	l, err := net.Listen("tcp", now.conf.HTTP.Listen.String())
	if err != nil {
		return fmt.Errorf("http.listen: %w", err)
	}
	s.addrs.https = l.Addr().String()
	s.background(ctx, "https", func(ctx context.Context) error {
		return s.api.ServeTLS(ctx, l, s.tlsConfig(), s.api.API())
	})
	return nil
}

// tlsConfig asks at each connection, so that a reload may name other files.
func (s *server) tlsConfig() *tls.Config {
	c := s.cert.Load().TLSConfig()
	c.GetCertificate = nil
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.cert.Load().TLSConfig(), nil }
	return c
}

func (s *server) loadCertificate(c *conf.Config) error {
	cfg := buildCertificate(c)
	cfg.Log = s.log
	cert, err := httpapi.LoadCertificate(cfg)
	if err == nil {
		s.cert.Store(cert)
	}
	return err
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
	s.onClose(func() error {
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
	l, err := net.Listen("tcp", now.conf.Ops.Listen.String())
	if err != nil {
		return fmt.Errorf("ops.listen: %w", err)
	}
	s.addrs.ops = l.Addr().String()
	served := ops.New(ops.Config{Metrics: s.metrics, Checks: s.readiness(), Log: s.log})
	s.background(ctx, "ops", func(ctx context.Context) error { return served.Serve(ctx, l) })
	return nil
}

// drainWithin bounds how long logins in flight may take to end: the longest
// usual deadline and floor.
const drainWithin = 10 * time.Second

// background runs serve until the server closes. It is not ended by ctx:
// shutting down has an order.
func (s *server) background(ctx context.Context, name string, serve func(context.Context) error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() {
		err := serve(ctx)
		if ctx.Err() == nil {
			s.failed <- fmt.Errorf("%s ended: %w", name, errors.Join(err, errEnded))
		}
		ended <- err
	}()
	s.onClose(func() error { stop(); return <-ended })
}

var errEnded = errors.New("nobody told it to")

func (s *server) onClose(f func() error) { s.closers = append(s.closers, f) }

// close ends what start began, in reverse. Once more, it does nothing.
func (s *server) close() error {
	var faults []error
	for _, f := range slices.Backward(s.closers) {
		faults = append(faults, f())
	}
	s.closers = nil
	return errors.Join(faults...)
}

// stop lets logins under way end, and leaves the event.
func (s *server) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainWithin)
	defer cancel()
	var faults []error
	if s.radius != nil {
		faults = append(faults, s.radius.Shutdown(ctx))
	}
	faults = append(faults, s.core.Record(ctx, core.Event{Reason: core.Stopped}), s.close())
	return errors.Join(faults...)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	began     *conf.Config // what cannot change while it runs is as it was here
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

	lost    bool           // records, and that was accepted
	up      bool           // Started was written
	failed  chan error     // of a listener that ended by itself
	doors   []func() error // stop answering; all at once, and before the others
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
	s.began = c
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
	err = s.core.Record(ctx, core.Event{Reason: core.Started, Detail: version().String()})
	s.up = err == nil
	return err
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
	s.lost = opened.Lost || s.opts.acceptLoss // a whole state directory put back shows no loss: its operator says so
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
		Observe: s.journal.tell, Lost: s.lost,
	})
	s.onClose(s.sayStopped)
	return err
}

// sayStopped is the last event of a server that was up. It comes when nothing
// is answered any more.
func (s *server) sayStopped() error {
	if !s.up {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainWithin)
	defer cancel()
	return s.core.Record(ctx, core.Event{Reason: core.Stopped})
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
	s.doors = append(s.doors, func() error { stop(); return <-ended })
}

var errEnded = errors.New("nobody told it to")

func (s *server) onClose(f func() error) { s.closers = append(s.closers, f) }

// close ends what start began: all doors at once, so that what is under way is
// answered within drainWithin, and then the rest in reverse. Once more, it does
// nothing.
func (s *server) close() error {
	faults := make([]error, len(s.doors))
	var all sync.WaitGroup
	for i, shut := range s.doors {
		all.Go(func() { faults[i] = shut() })
	}
	all.Wait()
	for _, f := range slices.Backward(s.closers) {
		faults = append(faults, f())
	}
	s.doors, s.closers = nil, nil
	return errors.Join(faults...)
}

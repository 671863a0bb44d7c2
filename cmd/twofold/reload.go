package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"twofold/conf"
	"twofold/core"
	"twofold/httpapi"
)

// reload exchanges everything the configuration says, or nothing.
func (s *server) reload(ctx context.Context) {
	s.notify(reloading())
	err := s.exchange()
	s.metrics.Reloaded(err)
	if err != nil {
		s.sayRefused(err)
	} else if err := s.core.Record(ctx, core.Event{Reason: core.Reloaded}); err != nil {
		s.log.Error("configuration reloaded, but the event could not be written", "err", err)
	}
	s.notify("READY=1")
}

// sayRefused names each fault in a line of its own.
func (s *server) sayRefused(err error) {
	var faults conf.Faults
	if errors.As(err, &faults) {
		for _, f := range faults {
			s.log.Error("config: " + f.String())
		}
		err = errors.New(plural(len(faults), "fault"))
	}
	s.log.Error("configuration not reloaded; the one before stays in force", "err", err)
}

func (s *server) exchange() error {
	c, warnings, err := conf.Load(s.opts.config)
	if err != nil {
		return err
	}
	next, err := newSnapshot(c)
	if err != nil {
		return err
	}
	if err := s.swap(next); err != nil {
		return err
	}
	s.setLevel(c)
	s.warn(warnings)
	return nil
}

// swap builds everything that can fail, and then exchanges it. What is under
// way ends under the rules it began with.
func (s *server) swap(next *snapshot) error {
	cert, err := s.nextCertificate(next.conf)
	if err != nil {
		return err
	}
	ds, err := s.newDirectories(next.conf)
	if err != nil {
		return err
	}
	if s.radius != nil {
		if err := s.radius.Swap(next.radius); err != nil { // it has been checked; the others are as they were
			ds.Close()
			return err
		}
	}
	s.cert.Store(cert)
	s.directory.Swap(ds)
	s.core.Swap(s.directory, next.rules)
	s.present.Store(next)
	s.nameLabels(next)
	s.sayFixed(next.conf)
	return nil
}

// nextCertificate is another one if other files are named; that the same ones
// changed is noticed without a reload.
func (s *server) nextCertificate(c *conf.Config) (*httpapi.Certificate, error) {
	before, now := s.present.Load().conf.HTTP, s.cert.Load()
	if now == nil || before.CertFile == c.HTTP.CertFile && before.KeyFile == c.HTTP.KeyFile {
		return now, nil
	}
	return s.loadCertificate(c)
}

// sayFixed warns of changes that only a restart puts in force.
func (s *server) sayFixed(after *conf.Config) {
	if changed := fixed(s.began, after); len(changed) > 0 {
		s.log.Warn(fmt.Sprintf("config: %s changed, which needs a restart; the rest is in force", strings.Join(changed, ", ")))
	}
}

// fixed lists the keys that have changed and cannot change while it runs.
func fixed(before, after *conf.Config) (changed []string) {
	for _, k := range []struct {
		key string
		of  func(*conf.Config) any
	}{
		{"state_dir", func(c *conf.Config) any { return c.StateDir }},
		{"master_key_file", func(c *conf.Config) any { return c.MasterKeyFile }},
		{"storage", func(c *conf.Config) any { return c.Storage }},
		{"log.format", func(c *conf.Config) any { return c.Log.Format }},
		{"radius.listen", func(c *conf.Config) any { return c.RADIUS.Listen }},
		{"http.listen", func(c *conf.Config) any { return c.HTTP.Listen }},
		{"admin_socket", func(c *conf.Config) any { return c.AdminSocket }},
		{"ops.listen", func(c *conf.Config) any { return c.Ops.Listen }},
	} {
		if !reflect.DeepEqual(k.of(before), k.of(after)) {
			changed = append(changed, k.key)
		}
	}
	return changed
}

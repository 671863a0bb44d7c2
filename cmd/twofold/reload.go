package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"twofold/conf"
	"twofold/core"
)

// reload exchanges everything the configuration says, or nothing.
func (s *server) reload(ctx context.Context) {
	s.notify(reloading())
	err := s.exchange(ctx)
	s.metrics.Reloaded(err)
	if err != nil {
		s.log.Error("configuration not reloaded; the one before stays in force", "err", err)
	}
	s.notify("READY=1")
}

func (s *server) exchange(ctx context.Context) error {
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
	return s.core.Record(ctx, core.Event{Reason: core.Reloaded})
}

// swap builds what can fail first. What is under way ends under the rules it
// began with.
func (s *server) swap(next *snapshot) error {
	before := s.present.Load()
	if next.conf.HTTP.Listen.IsValid() && s.cert.Load() != nil {
		if err := s.checkCertificate(next.conf); err != nil {
			return err
		}
	}
	ds, err := s.newDirectories(next.conf)
	if err != nil {
		return err
	}
	if s.radius != nil {
		if err := s.radius.Swap(next.radius); err != nil {
			ds.Close()
			return err
		}
	}
	s.directory.Swap(ds)
	s.core.Swap(s.directory, next.rules)
	s.present.Store(next)
	s.nameLabels(next)
	s.sayFixed(before.conf, next.conf)
	return nil
}

// checkCertificate puts another certificate in force if other files are named;
// that the same ones changed is noticed without a reload.
func (s *server) checkCertificate(c *conf.Config) error {
	before := s.present.Load().conf.HTTP
	if before.CertFile == c.HTTP.CertFile && before.KeyFile == c.HTTP.KeyFile {
		return nil
	}
	return s.loadCertificate(c)
}

// sayFixed warns of changes that only a restart puts in force.
func (s *server) sayFixed(before, after *conf.Config) {
	if changed := fixed(before, after); len(changed) > 0 {
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

package main

import (
	"context"
	"errors"

	"twofold/ops"
)

var errNoDirectory = errors.New("no directory server can be asked")

// readiness is what has to work before a login can be judged.
func (s *server) readiness() []ops.Check {
	return []ops.Check{
		{Name: "store", Ready: func(context.Context) error { return s.store.Healthy() }},
		{Name: "directory", Ready: func(context.Context) error {
			if !s.directory.Ready() {
				return errNoDirectory
			}
			return nil
		}},
	}
}

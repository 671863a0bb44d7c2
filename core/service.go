// SKELETON: shared by the helpers; the lead owns this file.
package core

import (
	"io"
	"sync/atomic"
	"time"
)

// Config is what a Service needs from outside.
type Config struct {
	Store     Store
	Directory Directory
	Rules     *Rules
	Now       func() time.Time // nil: time.Now
	Rand      io.Reader        // nil: crypto/rand
	Observe   func(Event)      // told of every event once it is ordered; must not block; nil: nobody
}

// Service takes every decision and every administrative act. It is safe for
// concurrent use.
type Service struct {
	store     Store
	directory atomic.Pointer[Directory]
	rules     atomic.Pointer[Rules]
	now       func() time.Time
	rand      io.Reader
	observe   func(Event)
}

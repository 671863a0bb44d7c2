package radius

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"twofold/core"
)

// Authenticator judges attempts; core.Service is one. It must be safe for
// concurrent use and must return soon after ctx ends.
type Authenticator interface {
	// Authenticate judges an attempt.
	Authenticate(ctx context.Context, at core.Attempt) core.Decision
	// Refuse records an attempt that cannot be judged, such as CHAP, and gives
	// the Reject it deserves. It neither binds nor counts.
	Refuse(ctx context.Context, at core.Attempt, why core.Reason) core.Decision
}

// Config is what a Server is made of.
type Config struct {
	Listen        []string       // host:port; "0.0.0.0" IPv4 alone, "[::]" IPv6 alone, no host both
	Sockets       []*net.UDPConn // already open, such as by socket activation; beside Listen
	ReusePort     int            // sockets per Listen address, shared by SO_REUSEPORT; 0 or 1: one
	Authenticator Authenticator
	Rules         Rules // until the first Swap

	Workers        int           // attempts judged at once; 0: 512
	Queue          int           // packets that wait for a worker; 0: 1024. One client of several takes half of both
	Delayed        int           // Rejects held back at once; 0: 8192. One client of several takes half
	Remember       time.Duration // how long a reply is sent again; 0: 30 s (RFC 5080 section 2.2.2)
	Memory         int           // octets of remembered replies; 0: 16 MiB
	MemoryByClient int           // the same, of one client; 0: half of Memory

	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: slog.Default
	Observe func(Observed)   // told of each attempt that was judged; nil: nobody is
}

// Observed is one attempt that was judged, for metrics.
type Observed struct {
	Client string
	Result core.Result
	Reason core.Reason
	Took   time.Duration // from the packet's arrival to the decision; without the floor
}

const (
	defaultWorkers  = 512
	defaultQueue    = 1024
	defaultDelayed  = 8192
	defaultRemember = 30 * time.Second
	defaultMemory   = 16 << 20
	defaultDeadline = 4 * time.Second
)

func (c Config) withDefaults() Config {
	c.Workers = orElse(c.Workers, defaultWorkers)
	c.Queue = orElse(c.Queue, defaultQueue)
	c.Delayed = orElse(c.Delayed, defaultDelayed)
	c.Remember = orElse(c.Remember, defaultRemember)
	c.Memory = orElse(c.Memory, defaultMemory)
	c.MemoryByClient = orElse(c.MemoryByClient, c.Memory/2)
	c.ReusePort = orElse(c.ReusePort, 1)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Observe == nil {
		c.Observe = func(Observed) {}
	}
	return c
}

func orElse[N int | time.Duration](n, fallback N) N {
	if n == 0 {
		return fallback
	}
	return n
}

func (c Config) check() error {
	if c.Authenticator == nil {
		return errors.New("radius: no authenticator")
	}
	if len(c.Listen)+len(c.Sockets) == 0 {
		return errors.New("radius: no address to listen on")
	}
	if min(c.Workers, c.Queue, c.Delayed, c.Memory, c.MemoryByClient, c.ReusePort) < 0 || c.Remember < 0 {
		return fmt.Errorf("radius: a bound is negative")
	}
	return nil
}

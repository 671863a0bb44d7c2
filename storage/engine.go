package storage

import (
	"context"
	"time"

	"twofold/core"
)

// Engine orders transactions over plain octets and makes them durable.
// Package storagetest holds what every engine must do.
type Engine interface {
	// Update is core.Store's, over octets.
	Update(ctx context.Context, fn func(EngineTx) error) (core.Durable, error)
	// Scan visits the keys that begin with prefix and are greater than after,
	// in order, until visit returns false. The value is fetched on demand,
	// and only before visit returns.
	Scan(ctx context.Context, prefix, after string, visit func(key string, value func() ([]byte, error)) bool) error
	Stats() EngineStats
	// Close commits what is ordered, and fails what is waiting.
	Close() error
}

// EngineTx is one transaction over octets. Slices given to it or got from it
// are not changed by either side.
type EngineTx interface {
	Get(key string) (value []byte, found bool, err error)
	Put(key string, value []byte)
	Delete(key string)
}

// EngineStats is what an engine counts. All figures begin at opening, save
// Records.
type EngineStats struct {
	Queue      int           // closures waiting for their turn
	Updates    uint64        // closures that were ordered
	Commits    uint64        // groups that were committed
	Records    uint64        // live records
	LastCommit time.Duration // how long the newest commit took
	Verified   bool          // the check of every record's presence has ended well
	Failed     error         // why the engine takes no more; nil while it does
}

// EngineConfig is what an engine is opened with.
type EngineConfig struct {
	Dir    string   // the engine's own; made where it is absent
	Secret [32]byte // for what the engine authenticates by itself
	KeyID  [4]byte  // names the master key that Secret comes from
	// Unused tells that nothing outside the engine says that the store has
	// been used before, so that an absent one may be created.
	Unused bool
	// Init: an absent or empty store is created whatever says otherwise.
	Init bool
	// AcceptLoss: a store that lost commits or records is opened as it is.
	AcceptLoss bool
	// Warn is told what the engine finds wrong while it runs; nil drops it.
	Warn func(string)
}

// EngineOpened tells how an engine was opened.
type EngineOpened struct {
	Created bool
	Lost    bool // something was lost, and AcceptLoss was given
}

// Bounds of one transaction and of one record (I12). Larger ones fail with
// ErrTooLarge.
const (
	MaxKey       = 128       // octets in a record's key
	MaxKind      = 32        // octets in a kind
	MaxRecord    = 64 << 10  // octets in a record, before sealing
	MaxTxRecords = 500       // records written by one transaction
	MaxTxOctets  = 256 << 10 // octets written by one transaction, sealed, keys included
)

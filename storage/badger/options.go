package badger

import (
	"fmt"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// memTable must never become smaller: after an unclean end a log of a larger
// one would not fit ("Arena too small").
const memTable = 8 << 20

// tuned gives the options of a small daemon that flushes.
func tuned(dir string, warn func(string)) badger.Options {
	o := badger.DefaultOptions(dir)
	o.SyncWrites = true
	o.DetectConflicts = false // one writer
	o.NumVersionsToKeep = 1
	o.MemTableSize = memTable
	o.BaseLevelSize = 8 << 20
	o.NumMemtables = 2
	o.NumLevelZeroTables = 2
	o.NumLevelZeroTablesStall = 4
	o.NumCompactors = 2
	o.CompactL0OnClose = true
	o.ValueLogFileSize = 16 << 20
	o.ValueThreshold = 512 << 10 // every record lives in the tables
	o.Compression = options.None // sealed octets do not compress
	o.BlockCacheSize = 0
	o.IndexCacheSize = 0
	o.MetricsEnabled = false
	o.NumGoroutines = 2
	o.ChecksumVerificationMode = options.OnTableRead
	o.Logger = logger{warn}
	return o
}

// logger passes on what Badger calls an error or a warning.
type logger struct{ warn func(string) }

func (l logger) tell(format string, args []any) {
	if l.warn != nil {
		l.warn("badger: " + fmt.Sprintf(format, args...))
	}
}

// Errorf implements badger.Logger.
func (l logger) Errorf(format string, args ...any) { l.tell(format, args) }

// Warningf implements badger.Logger.
func (l logger) Warningf(format string, args ...any) { l.tell(format, args) }

// Infof implements badger.Logger.
func (l logger) Infof(string, ...any) {}

// Debugf implements badger.Logger.
func (l logger) Debugf(string, ...any) {}

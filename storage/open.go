package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Config of a store.
type Config struct {
	// StateDir holds everything; it is made, 0700, where it is absent.
	StateDir string
	// KeyFile is the master key; empty means master.key in StateDir. It is
	// made where it is absent and the store is new.
	KeyFile string
	// Witness is a file outside StateDir that remembers the store; empty
	// means none.
	Witness string
	// Engine opens the engine, in StateDir/db.
	Engine func(EngineConfig) (Engine, EngineOpened, error)
	// Examine judges the engine's files without opening them, as far as that
	// goes; nil looks at nothing. Only Inspect uses it.
	Examine func(EngineConfig) error

	// Init lets an empty or exchanged store begin anew (serve --init).
	Init bool
	// AcceptLoss opens a store that lost commits (serve --accept-loss).
	AcceptLoss bool

	// LowWater is the free space in octets below which only what may use the
	// reserve is written, ReserveWater that below which nothing is. Zero means
	// 256 MiB and 64 MiB.
	LowWater, ReserveWater uint64
	// Free tells the free space of StateDir's disk; nil asks the disk.
	Free func() (uint64, error)
	// Look is how often Free is asked; zero means each second.
	Look time.Duration
	// Warn is told what is found wrong while the store runs; nil drops it.
	Warn func(string)
}

func (c Config) withDefaults() Config {
	if c.KeyFile == "" {
		c.KeyFile = filepath.Join(c.StateDir, "master.key")
	}
	if c.LowWater == 0 {
		c.LowWater = 256 << 20
	}
	if c.ReserveWater == 0 {
		c.ReserveWater = 64 << 20
	}
	if c.Free == nil {
		c.Free = statfs(c.StateDir)
	}
	if c.Look == 0 {
		c.Look = time.Second
	}
	return c
}

// Opened tells how a store was opened.
type Opened struct {
	Created  bool
	Lost     bool     // records were lost and that was accepted: take no code older than now
	Warnings []string // for the log
}

// Open opens the store, or makes it where none has been. Its errors are
// *Fault, each with a remedy, or come of the system.
func Open(c Config) (*Store, Opened, error) {
	c = c.withDefaults()
	s, o, err := c.open()
	return s, o, c.explain(err)
}

func (c Config) open() (*Store, Opened, error) {
	if err := c.checkOwner(); err != nil {
		return nil, Opened{}, err
	}
	if err := os.MkdirAll(c.StateDir, 0o700); err != nil {
		return nil, Opened{}, fmt.Errorf("making the state directory: %w", err)
	}
	lock, err := lockDir(c.StateDir)
	if err != nil {
		return nil, Opened{}, err
	}
	s, o, err := c.openLocked()
	if err != nil {
		return nil, o, errors.Join(err, lock.Close())
	}
	s.close = append(s.close, lock.Close)
	return s, o, nil
}

func (c Config) openLocked() (*Store, Opened, error) {
	disk, err := newDisk(c.Free, c.LowWater, c.ReserveWater)
	if err != nil {
		return nil, Opened{}, err
	}
	if left := disk.left.Load(); left < c.ReserveWater {
		return nil, Opened{}, &Fault{Kind: ErrLowDisk, What: fmt.Sprintf("the disk of %s has only %d MiB left", c.StateDir, left>>20),
			Hint: "make room on it"}
	}
	seen, err := readWitness(c.Witness)
	if err != nil {
		return nil, Opened{}, err
	}
	unused := seen == "" && c.keyIsNoEvidence()
	master, err := loadMaster(c.KeyFile)
	if err != nil {
		return nil, Opened{}, err
	}
	s, err := New(nil, master.key)
	if err != nil {
		return nil, Opened{}, err
	}
	s.disk = disk
	return c.openEngine(s, master, seen, unused)
}

// keyIsNoEvidence tells that the master key does not say that the store has
// been used: there is none, or it was put there by hand.
func (c Config) keyIsNoEvidence() bool {
	if filepath.Dir(c.KeyFile) != filepath.Clean(c.StateDir) {
		return true
	}
	_, err := os.Stat(c.KeyFile)
	return errors.Is(err, fs.ErrNotExist)
}

func (c Config) openEngine(s *Store, master *masterKey, seen string, unused bool) (*Store, Opened, error) {
	engine, eo, err := c.Engine(EngineConfig{
		Dir: filepath.Join(c.StateDir, "db"), Secret: s.sealer.derive("engine"), KeyID: s.sealer.id,
		Unused: unused, Init: c.Init, AcceptLoss: c.AcceptLoss, Warn: c.Warn,
	})
	o := Opened{Created: eo.Created, Lost: eo.Lost}
	if err != nil && !eo.Created {
		err = errors.Join(master.missing(err), master.forget())
	}
	if err != nil {
		return nil, o, fmt.Errorf("opening the store: %w", err)
	}
	s.engine = engine
	open := c.openToOthers()
	if o.Warnings, err = c.settle(s, &o, master, seen); err != nil {
		return nil, o, errors.Join(fmt.Errorf("opening the store: %w", err), engine.Close())
	}
	o.Warnings = append(o.Warnings, open...)
	s.disk.watch(c.Look)
	s.close = append(s.close, s.disk.close)
	return s, o, nil
}

// openToOthers warns of a state directory in which others could put things in
// the place of ours, the admin socket too.
func (c Config) openToOthers() []string {
	info, err := os.Stat(c.StateDir)
	if err != nil {
		return []string{fmt.Sprintf("looking at the state directory: %v", err)}
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return []string{fmt.Sprintf("others may change what is in the state directory %s (mode %04o); run chmod 0700 %[1]s", c.StateDir, mode)}
	}
	return nil
}

// settle makes sure the store is the right one, and leaves the marks that a
// later opening looks for.
func (c Config) settle(s *Store, o *Opened, master *masterKey, seen string) ([]string, error) {
	if s.engine.Stats().Records == 0 {
		o.Created = true
	}
	i, err := s.identify(o.Created)
	if err != nil {
		return nil, err
	}
	if !o.Created {
		if err := c.judgeWitness(seen, i.id); err != nil {
			return nil, err
		}
	}
	return c.witness(seen, i.id), master.settle()
}

// lockDir keeps a second process away.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the state directory: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, unix.EWOULDBLOCK):
		err = &Fault{Kind: ErrInUse, What: "another twofold is running on this state directory",
			Hint: "stop it first; commands speak to it through its admin socket"}
	default:
		err = fmt.Errorf("locking the state directory: %w", err)
	}
	return nil, errors.Join(err, f.Close())
}

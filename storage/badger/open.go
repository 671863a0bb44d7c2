package badger

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/dgraph-io/badger/v4"

	"twofold/storage"
)

const (
	hintKey     = "put back the master.key that belongs to it, or restore a backup"
	hintEmptied = "put back the state directory or restore a backup; to begin anew with nobody enrolled, run serve --init"
	hintLost    = "restore a backup, or run serve --accept-loss to go on with what is left (no code older than that moment is accepted)"
	hintBroken  = "check the disk and restore a backup"
	hintNewer   = "run the newer version, or restore a backup made with this one"
)

// openDB opens Badger, whose own errors become one of storage's.
func openDB(c storage.EngineConfig) (db *badger.DB, err error) {
	defer func() { recovered(recover(), &err) }()
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the database directory: %w", err)
	}
	if err := clearStillborn(c.Dir); err != nil {
		return nil, err
	}
	db, err = badger.Open(tuned(c.Dir, c.Warn))
	if err == nil {
		return db, nil
	}
	if strings.Contains(err.Error(), "Cannot acquire directory lock") {
		return nil, &storage.Fault{Kind: storage.ErrInUse, What: "another twofold is running on this state directory",
			Hint: "stop it first; commands speak to it through its admin socket"}
	}
	if strings.Contains(err.Error(), syscall.EACCES.Error()) { // which Badger keeps as text alone
		return nil, &fs.PathError{Op: "opening", Path: c.Dir, Err: fs.ErrPermission}
	}
	return nil, &storage.Fault{Kind: storage.ErrBroken, What: "the database does not open", Hint: hintBroken, Err: err}
}

// clearStillborn removes log files of no length. Badger makes its logs in two
// steps, create and extend, and refuses to open ("Create a new file") where it
// was killed between them. Such a file holds nothing; had it held something
// once, the guard would tell.
func clearStillborn(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("reading the database directory: %w", err)
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".mem" && ext != ".vlog" {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Size() == 0 {
			err = os.Remove(filepath.Join(dir, e.Name()))
		}
		if err != nil {
			return fmt.Errorf("clearing the database directory: %w", err)
		}
	}
	return nil
}

// state is what is found at opening.
type state struct {
	meta     note
	metaErr  error // errNoNote: there is none
	guard    note
	guardErr error // fs.ErrNotExist: there is none
}

func look(c storage.EngineConfig, db *badger.DB, k *keeper) (s state) {
	s.meta, s.metaErr = readMeta(db, k)
	s.guard, s.guardErr = readGuard(guardPath(c.Dir), k)
	return s
}

func readMeta(db *badger.DB, k *keeper) (n note, err error) {
	defer func() { recovered(recover(), &err) }()
	err = db.View(func(txn *badger.Txn) error {
		value, found, err := snapshot{txn}.Get(metaRecord)
		if err == nil && !found {
			err = errNoNote
		}
		if err == nil {
			n, err = k.decode("meta", value)
		}
		return err
	})
	return n, err
}

// judge decides whether the store may be opened, and how.
func (s state) judge(c storage.EngineConfig) (o storage.EngineOpened, err error) {
	for _, e := range []error{s.metaErr, s.guardErr} {
		switch {
		case errors.Is(e, errKeyID):
			return o, &storage.Fault{Kind: errKeyID, What: "the master key does not belong to this store", Hint: hintKey}
		case errors.Is(e, errNewer):
			return o, &storage.Fault{Kind: errNewer, What: "the store was written by a newer version of twofold", Hint: hintNewer}
		}
	}
	switch {
	case errors.Is(s.metaErr, errNoNote):
		return s.judgeEmpty(c)
	case s.metaErr != nil:
		return o, &storage.Fault{Kind: storage.ErrBroken, What: "the store's own notes are damaged", Hint: hintBroken, Err: s.metaErr}
	}
	if lost := s.lost(); lost != "" {
		if !c.AcceptLoss {
			return o, &storage.Fault{Kind: storage.ErrLost, What: lost, Hint: hintLost}
		}
		o.Lost = true
	}
	return o, nil
}

func (s state) judgeEmpty(c storage.EngineConfig) (storage.EngineOpened, error) {
	used := !c.Unused || !errors.Is(s.guardErr, fs.ErrNotExist)
	if used && !c.Init {
		return storage.EngineOpened{}, &storage.Fault{Kind: storage.ErrEmptied,
			What: "the store is empty, and has been used before", Hint: hintEmptied}
	}
	return storage.EngineOpened{Created: true}, nil
}

// lost tells what is missing of a database that opened.
func (s state) lost() string {
	switch {
	case s.guardErr != nil && s.meta.number <= 1:
		return "" // its making was interrupted
	case errors.Is(s.guardErr, fs.ErrNotExist):
		return "the store's guard file is missing, so that lost commits could not be noticed"
	case s.guardErr != nil:
		return "the store's guard file is damaged, so that lost commits could not be noticed"
	case s.guard.id != s.meta.id:
		return "the store's guard file belongs to another store"
	case s.guard.number > s.meta.number:
		return fmt.Sprintf("the store has lost its newest %d commits", s.guard.number-s.meta.number)
	}
	return ""
}

package badger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"twofold/storage"
)

// Examine judges the store in c.Dir by its files alone, without opening the
// database: whether it is there, made with this key and by no newer version,
// and whether its guard can be read. What the database holds is not looked at.
func Examine(c storage.EngineConfig) error {
	_, err := os.Stat(filepath.Join(c.Dir, "MANIFEST"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	s := state{}
	if err != nil {
		s.metaErr = errNoNote
	}
	s.guard, s.guardErr = readGuard(guardPath(c.Dir), newKeeper(c))
	if errors.Is(s.guardErr, fs.ErrPermission) {
		return s.guardErr
	}
	if s.metaErr == nil && s.guardErr == nil {
		return nil
	}
	if !c.Unused {
		s.meta.number = 2 // no start that was interrupted leaves marks
	}
	_, err = s.judge(c)
	return err
}

package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Inspect tells what Open would refuse, as far as that shows without opening
// the engine or writing anything: the owner of the files, witness, master key,
// and what Examine sees. A store that is yet to be made has no fault. No other
// process should have it open.
func Inspect(c Config) error {
	c = c.withDefaults()
	return c.explain(c.inspect())
}

func (c Config) inspect() error {
	if err := c.checkOwners(); err != nil {
		return err
	}
	seen, err := readWitness(c.Witness)
	if err != nil {
		return err
	}
	unused := seen == "" && c.keyIsNoEvidence()
	master, err := findMaster(c.KeyFile)
	absent := errors.Is(err, fs.ErrNotExist)
	if err != nil && !absent {
		return err
	}
	sealer, err := newSealer(&master.key)
	if err != nil || c.Examine == nil {
		return err
	}
	err = c.Examine(EngineConfig{Dir: filepath.Join(c.StateDir, "db"), Secret: sealer.derive("engine"), KeyID: sealer.id, Unused: unused})
	if absent && errors.Is(err, ErrWrongKey) {
		err = missingKey(c.KeyFile)
	}
	return err
}

// checkOwners wants the files to be the state directory's owner's: what else
// has been left by somebody who ran twofold by hand.
func (c Config) checkOwners() error {
	owner, err := ownerOf(c.StateDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at the state directory: %w", err)
	}
	files, err := os.ReadDir(c.StateDir)
	if err != nil {
		return fmt.Errorf("reading the state directory: %w", err)
	}
	for _, f := range files {
		path := filepath.Join(c.StateDir, f.Name())
		if is, err := ownerOf(path); err == nil && is != owner {
			return &Fault{Kind: ErrOwner, What: fmt.Sprintf("%s belongs to %s, the state directory to %s", path, userName(is), userName(owner)),
				Hint: fmt.Sprintf("run chown -R %s: %s", userName(owner), c.StateDir)}
		}
	}
	return nil
}

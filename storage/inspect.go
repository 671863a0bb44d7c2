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
// process should have it open. An error in which fs.ErrPermission is found tells
// of the one who looks, not of the store.
func Inspect(c Config) error {
	c = c.withDefaults()
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
	if err := c.checkWitness(owner); err != nil {
		return err
	}
	return c.checkFiles(owner)
}

func (c Config) checkFiles(owner int) error {
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

// checkWitness wants a witness that the owner of the state directory can read.
func (c Config) checkWitness(owner int) error {
	info, err := os.Stat(c.Witness)
	if c.Witness == "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at the witness: %w", err)
	}
	if is, err := ownerOf(c.Witness); err != nil || is == owner || info.Mode().Perm()&0o044 != 0 {
		return err
	}
	return &Fault{Kind: ErrOwner, What: fmt.Sprintf("%s cannot be read by %s, whom the state directory belongs to", c.Witness, userName(owner)),
		Hint: "run chmod 0644 " + c.Witness}
}

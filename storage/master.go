package storage

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The master key is a file of exactly 32 octets, for its owner alone. Where it
// is made here it is called *.new until the store it belongs to is made too,
// so that a start that was interrupted is not taken for a store that was lost.
const newSuffix = ".new"

// masterKey is the key and how it was come by.
type masterKey struct {
	key   [32]byte
	path  string
	fresh bool // it still has its first name
	made  bool // it was drawn just now
}

// loadMaster reads or makes the key at path.
func loadMaster(path string) (*masterKey, error) {
	m, err := findMaster(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = m.make(path + newSuffix)
	}
	return m, err
}

// findMaster reads the key at path, and fails with fs.ErrNotExist where
// loadMaster would make one.
func findMaster(path string) (*masterKey, error) {
	m := &masterKey{path: path}
	err := m.read(path)
	if errors.Is(err, fs.ErrNotExist) {
		m.fresh = true
		err = m.read(path + newSuffix)
	}
	return m, err
}

func (m *masterKey) read(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return keyFault(path, "it cannot be read", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return keyFault(path, "it cannot be read", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return &Fault{Kind: ErrKeyFile, What: fmt.Sprintf("master key %s may be read by others (mode %04o)", path, info.Mode().Perm()),
			Hint: "run chmod 0600 " + path}
	}
	if !info.Mode().IsRegular() || info.Size() != int64(len(m.key)) {
		return keyFault(path, fmt.Sprintf("it is not a file of %d octets", len(m.key)), nil)
	}
	if n, err := f.Read(m.key[:]); n != len(m.key) {
		return keyFault(path, "it cannot be read", err)
	}
	return nil
}

func keyFault(path, what string, err error) error {
	return &Fault{Kind: ErrKeyFile, What: "master key " + path + ": " + what, Err: err,
		Hint: "put back the file the store was made with, owned by the user twofold runs as"}
}

// make draws a key and writes it so that it is there whole or not at all.
func (m *masterKey) make(path string) error {
	if _, err := rand.Read(m.key[:]); err != nil {
		return fmt.Errorf("drawing a master key: %w", err)
	}
	if err := writeFile(path, m.key[:]); err != nil {
		return fmt.Errorf("writing the master key: %w", err)
	}
	m.made = true
	return nil
}

// missing says of a store that does not know a key drawn just now that its own
// is not there.
func (m *masterKey) missing(err error) error {
	var fault *Fault
	if !m.made || !errors.As(err, &fault) || !errors.Is(err, ErrWrongKey) {
		return err
	}
	return missingKey(m.path)
}

func missingKey(path string) error {
	return &Fault{Kind: ErrWrongKey, What: "the master key " + path + " is missing, and there is a store that was made with it",
		Hint: "put back the master.key that belongs to the store, or restore a backup"}
}

// forget takes back a key that was drawn for a store that was refused.
func (m *masterKey) forget() error {
	if !m.made {
		return nil
	}
	return os.Remove(m.path + newSuffix)
}

// settle gives a fresh key its name.
func (m *masterKey) settle() error {
	if !m.fresh {
		return nil
	}
	m.fresh = false
	if err := os.Rename(m.path+newSuffix, m.path); err != nil {
		return fmt.Errorf("naming the master key: %w", err)
	}
	return syncDir(filepath.Dir(m.path))
}

// writeFile writes atomically, flushes, and lets nobody else read.
func writeFile(path string, octets []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(octets)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("flushing a directory: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

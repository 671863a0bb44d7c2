package lab

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// cacheDir is in a place where others may write, so it must be ours: whoever
// could put a template there would run their domain as root.
func cacheDir() (string, error) {
	dir := filepath.Join(baseDir(), fmt.Sprintf("twofold-lab-%d", os.Geteuid()))
	if err := os.Mkdir(dir, 0o700); err != nil && !os.IsExist(err) {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || info.Mode().Perm() != 0o700 || int(stat.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s is not a directory of ours with mode 0700: remove it", dir)
	}
	return dir, nil
}

// baseDir is memory where there is enough: Samba syncs files, and disks are
// slow while other packages' tests do the same.
func baseDir() string {
	const memory, enough = "/dev/shm", 512 << 20
	var fs syscall.Statfs_t
	if err := syscall.Statfs(memory, &fs); err == nil && fs.Bavail*uint64(fs.Bsize) >= enough {
		return memory
	}
	return os.TempDir()
}

// instanceDir makes a directory for one domain controller, which goes with
// the test. It is not t.TempDir, since the paths of unix sockets below it must
// stay under 108 octets. Directories of killed test binaries, known by a lock
// that nobody holds any more, are swept up on the way.
func instanceDir(t testing.TB) (string, error) {
	root, err := cacheDir()
	if err != nil {
		return "", err
	}
	if err := sweep(root); err != nil {
		return "", err
	}
	dir := filepath.Join(root, "ad-"+rand.Text()[:10])
	unlock, err := lockFile(dir+".lock", syscall.LOCK_EX)
	if err != nil {
		return "", err
	}
	t.Cleanup(func() {
		defer unlock()
		if err := removeInstance(dir); err != nil {
			t.Errorf("removing samba's directory: %v", err)
		}
	})
	return dir, os.Mkdir(dir, 0o700)
}

func sweep(root string) error {
	locks, err := filepath.Glob(filepath.Join(root, "ad-*.lock"))
	if err != nil {
		return err
	}
	for _, lock := range locks {
		unlock, err := lockFile(lock, syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			continue // somebody's
		}
		err = removeInstance(strings.TrimSuffix(lock, ".lock"))
		unlock()
		if err != nil {
			return fmt.Errorf("sweeping up: %w", err)
		}
	}
	return nil
}

func removeInstance(dir string) error {
	err := os.RemoveAll(dir)
	if gone := os.Remove(dir + ".lock"); !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// lockFile takes an advisory lock, which ends with the process at the latest.
func lockFile(path string, how int) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), f.Close())
	}
	return func() { f.Close() }, nil
}

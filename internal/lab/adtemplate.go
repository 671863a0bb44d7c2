package lab

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// provision returns the directory of a freshly provisioned domain, to be
// copied. It makes it on first use, which takes five to eight seconds; an
// inter-process lock keeps parallel test binaries from doing it twice.
func provision(c ADConfig) (dir string, err error) {
	root, err := cacheDir()
	if err != nil {
		return "", err
	}
	version, err := exec.Command("samba", "--version").Output()
	if err != nil {
		return "", fmt.Errorf("asking samba for its version: %w", err)
	}
	args := provisionArgs(c)
	sum := sha256.Sum256([]byte(string(version) + strings.Join(args, "\x00")))
	dir = filepath.Join(root, fmt.Sprintf("samba-%x", sum[:8]))
	unlock, err := lockFile(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	return dir, provisionInto(dir, args)
}

// adminPassword is of a throw-away domain on loopback; it may be seen.
const adminPassword = "Adm1n-of-the-lab"

func provisionArgs(c ADConfig) []string {
	return []string{
		"domain", "provision", "--use-rfc2307", "--server-role=dc",
		"--realm=" + c.Realm, "--domain=" + c.NetBIOS,
		"--dns-backend=NONE", "--adminpass=" + adminPassword,
		"--host-ip=127.0.0.1", "--host-name=dc1",
		"--option=interfaces=lo", "--option=bind interfaces only=yes", "--option=ldb:nosync=true",
	}
}

func provisionInto(dir string, args []string) error {
	half := dir + ".half" // of a run that was killed, or of ours
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	out, err := exec.Command("samba-tool", append(args, "--targetdir="+half)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("provisioning a domain: %w\n%s", err, out)
	}
	return os.Rename(half, dir)
}

// cacheDir is below os.TempDir, where others may write, so it must be ours:
// whoever could put a template there would run their domain as root.
func cacheDir() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("twofold-lab-%d", os.Geteuid()))
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

// lockFile waits for an exclusive lock, which ends with the process at the
// latest.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}

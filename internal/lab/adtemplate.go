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
	samba, err := find("samba", sambaPackages)
	if err != nil {
		return "", err
	}
	version, err := exec.Command(samba, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("asking samba for its version: %w", err)
	}
	args := provisionArgs(c)
	sum := sha256.Sum256([]byte(string(version) + strings.Join(args, "\x00")))
	dir = filepath.Join(root, fmt.Sprintf("samba-%x", sum[:8]))
	unlock, err := lockFile(dir+".lock", syscall.LOCK_EX)
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
	tool, err := find("samba-tool", sambaPackages)
	if err != nil {
		return err
	}
	out, err := exec.Command(tool, append(args, "--targetdir="+half)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("provisioning a domain: %w\n%s", err, out)
	}
	return os.Rename(half, dir)
}

//go:build integration

package systemd

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"twofold/internal/lab"
)

// The threshold is in tenths: an exposure of 2.0.
func TestTheExposureIsAtMostTwo(t *testing.T) {
	out, err := security(t, "twofold.service")
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

func TestAUnitWithoutHardeningIsFound(t *testing.T) {
	text, err := os.ReadFile("twofold.service")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "twofold.service")
	soft := strings.ReplaceAll(string(text), "\nCapabilityBoundingSet=", "\n#")
	soft = strings.ReplaceAll(soft, "\nSystemCallFilter=", "\n#")
	if err := os.WriteFile(path, []byte(soft), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := security(t, path); err == nil {
		t.Errorf("an open unit passes:\n%s", out)
	}
}

func security(t *testing.T, unit string) ([]byte, error) {
	t.Helper()
	analyze := lab.Need(t, "systemd-analyze", "systemd")
	return exec.Command(analyze, "security", "--offline=true", "--threshold=20", "--no-pager", unit).CombinedOutput()
}

// verify speaks of other units of the machine too; what counts is what it says
// of ours.
func TestSystemdUnderstandsTheUnit(t *testing.T) {
	analyze := lab.Need(t, "systemd-analyze", "systemd")
	text, err := os.ReadFile("twofold.service")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "twofold.service")
	installed := strings.ReplaceAll(string(text), "/usr/sbin/twofold", "/bin/true")
	if err := os.WriteFile(path, []byte(installed), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", "--man=no", path).CombinedOutput()
	if err != nil || strings.Contains(string(out), "twofold.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

func TestTheDirectoriesAreMade(t *testing.T) {
	lab.NeedRoot(t, "giving directories away")
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	inRoot(t, root, "systemd-sysusers", "twofold.sysusers")
	inRoot(t, root, "systemd-tmpfiles", "twofold.tmpfiles", "--create")
	for path, want := range map[string]os.FileMode{
		"etc/twofold":         os.ModeDir | os.ModeSticky | 0o770,
		"etc/twofold/secrets": os.ModeDir | 0o750,
	} {
		info, err := os.Stat(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("/%s has mode %v, want %v", path, info.Mode(), want)
		}
	}
}

// The directory's mode is all that keeps the service from its configuration.
func TestTheServiceMayWriteItsWitnessAndNotTheConfiguration(t *testing.T) {
	lab.NeedRoot(t, "becoming another user")
	dir, err := os.MkdirTemp("", "twofold-etc-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	const account = 4242
	config := filepath.Join(dir, "twofold.yaml")
	if err := errors.Join(os.WriteFile(config, nil, 0o640), os.Chown(dir, 0, account),
		os.Chmod(dir, os.ModeSticky|0o770)); err != nil {
		t.Fatal(err)
	}
	as := func(script string) error {
		cmd := exec.Command("sh", "-ec", script)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: account, Gid: account}}
		return cmd.Run()
	}
	if err := as("echo 1 >new; mv new twofold.yaml.store; echo 2 >new; mv new twofold.yaml.store"); err != nil {
		t.Errorf("writing the witness twice: %v", err)
	}
	for _, script := range []string{"echo 1 >twofold.yaml", "echo 1 >new; mv -f new twofold.yaml", "rm -f twofold.yaml"} {
		if as(script) == nil {
			t.Errorf("the service can do: %s", script)
		}
	}
}

// inRoot runs one of systemd's tools on a directory that stands for a machine.
func inRoot(t *testing.T, root, tool, file string, args ...string) {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	args = append(args, "--root="+root, path)
	if out, err := exec.Command(lab.Need(t, tool, "systemd"), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", tool, err, out)
	}
}

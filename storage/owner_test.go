package storage

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// elses is a directory of somebody else's.
func elses(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		return "/"
	}
	dir := t.TempDir()
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAStateDirectoryOfAnotherUserIsRefusedAndLeftAlone(t *testing.T) {
	dir := elses(t)
	before, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Open(Config{StateDir: dir})
	if !errors.Is(err, ErrOwner) || !strings.Contains(err.Error(), "belongs to") || !strings.Contains(err.Error(), "; run ") {
		t.Errorf("Open = %v", err)
	}
	if after, err := os.ReadDir(dir); err != nil || len(after) != len(before) {
		t.Errorf("the directory has %d entries, had %d: %v", len(after), len(before), err)
	}
}

func TestWhatPermissionsRefuseNamesTheRemedy(t *testing.T) {
	dir := t.TempDir()
	c := Config{StateDir: filepath.Join(dir, "state")}
	if err := os.Mkdir(c.StateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	me, foreign := userName(os.Geteuid()), elses(t)
	for name, at := range map[string]struct{ path, want string }{
		"a file in the state directory": {filepath.Join(c.StateDir, "lock"), "run chown -R " + me + ": " + c.StateDir},
		"a witness":                     {filepath.Join(dir, "twofold.yaml.store"), "-o " + me},
		"a file of another user's":      {foreign, "run "},
	} {
		err := c.explain(&Fault{Kind: ErrKeyFile, What: "x", Hint: "never mind", Err: &fs.PathError{Op: "open", Path: at.path, Err: fs.ErrPermission}})
		if !errors.Is(err, ErrOwner) || !strings.Contains(err.Error(), at.want) || strings.Contains(err.Error(), "never mind") {
			t.Errorf("%s: %v; want %q", name, err, at.want)
		}
	}
	if err := c.explain(fs.ErrNotExist); err != fs.ErrNotExist {
		t.Errorf("another error became %v", err)
	}
}

func TestInspectFindsWhatItsOwnerCannotRead(t *testing.T) {
	dir := t.TempDir()
	c := Config{StateDir: dir, Witness: filepath.Join(dir, "witness")}
	if err := os.WriteFile(c.Witness, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	me := os.Geteuid()
	if err := c.checkWitness(me); err != nil {
		t.Errorf("one's own: %v", err)
	}
	if err := c.checkWitness(me + 1); !errors.Is(err, ErrOwner) || !strings.Contains(err.Error(), "chmod 0644") {
		t.Errorf("somebody else's: %v", err)
	}
	if err := os.Chmod(c.Witness, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := c.checkWitness(me + 1); err != nil {
		t.Errorf("one that all may read: %v", err)
	}
	if err := c.checkFiles(me); err != nil {
		t.Errorf("one's own files: %v", err)
	}
	if err := c.checkFiles(me + 1); !errors.Is(err, ErrOwner) || !strings.Contains(err.Error(), "run chown -R") {
		t.Errorf("somebody else's files: %v", err)
	}
}

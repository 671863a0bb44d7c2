package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// checkOwner refuses a state directory that is another user's. Root could open
// it, and would leave files in it that its owner cannot.
func (c Config) checkOwner() error {
	me := os.Geteuid()
	owner, err := ownerOf(c.StateDir)
	if err != nil || owner == me {
		return nil // one that is absent is made; one that cannot be looked at does not open
	}
	return &Fault{Kind: ErrOwner, What: fmt.Sprintf("the state directory %s belongs to %s, and this runs as %s",
		c.StateDir, userName(owner), userName(me)), Hint: c.ownerHint(c.StateDir)}
}

// explain adds to a refusal of the system's who may do it.
func (c Config) explain(err error) error {
	if !errors.Is(err, fs.ErrPermission) || errors.Is(err, ErrOwner) {
		return err
	}
	what := err.Error()
	if fault := (*Fault)(nil); errors.As(err, &fault) {
		what = fault.Cause() // its hint is for other causes
	}
	path := c.StateDir
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		path = at.Path
	}
	return &Fault{Kind: ErrOwner, What: what, Hint: c.ownerHint(path)}
}

// ownerHint names the commands. Nobody is told to go on as root.
func (c Config) ownerHint(path string) string {
	rel, err := filepath.Rel(c.StateDir, path)
	inside := err == nil && filepath.IsLocal(rel)
	owner, err := ownerOf(path)
	if err != nil && inside {
		owner, err = ownerOf(c.StateDir)
	}
	me := os.Geteuid()
	give := fmt.Sprintf("chown %s: %s", userName(me), path)
	if inside {
		give = fmt.Sprintf("chown -R %s: %s", userName(me), c.StateDir)
	}
	switch as := fmt.Sprintf("run it as its owner (runuser -u %s -- twofold ...)", userName(owner)); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("run install -d -m 0700 -o %s %s", userName(me), path)
	case err != nil || owner == me || owner == 0:
		return "run " + give
	case me == 0:
		return as
	default:
		return as + ", or run " + give
	}
}

func ownerOf(path string) (uid int, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	sys, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("the owner of %s is not told", path)
	}
	return int(sys.Uid), nil
}

func userName(uid int) string {
	id := strconv.Itoa(uid)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"twofold/core"
)

// ListenSocket makes the admin socket, mode 0660. What a server that is gone
// left behind is removed; a server that still answers there is an error.
func ListenSocket(path string) (*net.UnixListener, error) {
	if err := clearSocket(path); err != nil {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", path, err)
	}
	// Who comes before the mode is set is still asked for credentials.
	if err := os.Chmod(path, 0o660); err != nil {
		return nil, errors.Join(fmt.Errorf("protecting %s: %w", path, err), l.Close())
	}
	return l, nil
}

// maxSocketPath is what fits into a sockaddr_un.
const maxSocketPath = 107

func clearSocket(path string) error {
	if len(path) > maxSocketPath {
		return fmt.Errorf("path of the admin socket is longer than %d octets (hint: set admin_socket to a shorter one)", maxSocketPath)
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking at %s: %w", path, err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s is there and is no socket (hint: move it away, or set admin_socket)", path)
	}
	conn, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		return errors.Join(fmt.Errorf("a server answers on %s already (hint: stop it first)", path), conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("trying %s: %w", path, err)
	}
	return os.Remove(path)
}

// socketListener reads the credentials of whoever connects, and hangs up on
// those who are too many.
type socketListener struct {
	*net.UnixListener
	places gate
}

// Accept waits for the next one there is room for.
func (l *socketListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if l.places.enter() {
			leave := sync.OnceFunc(l.places.leave)
			return &socketConn{conn, readCredentials(conn), leave}, nil
		}
		if err := conn.Close(); err != nil {
			return nil, fmt.Errorf("hanging up: %w", err)
		}
	}
}

// socketConn is a connection with its peer's credentials.
type socketConn struct {
	*net.UnixConn
	peer  credentials
	leave func()
}

// Close gives the place back.
func (c *socketConn) Close() error {
	defer c.leave()
	return c.UnixConn.Close()
}

// credentials is what the kernel says of the process at the other end, as of
// when it connected.
type credentials struct {
	uid, gid uint32
	err      error
}

type credentialsKey struct{}

// withCredentials is http.Server's ConnContext for the admin socket.
func withCredentials(ctx context.Context, c net.Conn) context.Context {
	if known, ok := c.(*socketConn); ok {
		return context.WithValue(ctx, credentialsKey{}, known.peer)
	}
	return ctx
}

func readCredentials(c *net.UnixConn) (got credentials) {
	raw, err := c.SyscallConn()
	if err != nil {
		return credentials{err: err}
	}
	var ucred *syscall.Ucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		ucred, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err := errors.Join(err, failed); err != nil {
		return credentials{err: err}
	}
	return credentials{uid: ucred.Uid, gid: ucred.Gid}
}

// bySocket makes an administrator of whoever may be one.
func (s *Server) bySocket(e *exchange) (core.Actor, error) {
	c, ok := e.r.Context().Value(credentialsKey{}).(credentials)
	if !ok || c.err != nil {
		return core.Actor{}, fmt.Errorf("the kernel does not say who you are: %w", errors.Join(core.ErrForbidden, c.err))
	}
	if !s.allowed(c) {
		e.log.Warn("somebody else at the admin socket", "uid", c.uid, "gid", c.gid)
		return core.Actor{}, fmt.Errorf("%s may not use the admin socket, only root and the server's own user may: %w", c.name(), core.ErrForbidden)
	}
	return core.Actor{Name: c.name(), Role: core.Admin}, nil
}

func (s *Server) allowed(c credentials) bool {
	return c.uid == 0 || c.uid == ownUser() ||
		slices.Contains(s.cfg.AllowUIDs, c.uid) || slices.Contains(s.cfg.AllowGIDs, c.gid)
}

// name is "uid 0 (root)", or "uid 12" where nobody is called so.
func (c credentials) name() string {
	uid := strconv.FormatUint(uint64(c.uid), 10)
	u, err := user.LookupId(uid)
	if err != nil {
		return "uid " + uid
	}
	return "uid " + uid + " (" + u.Username + ")"
}

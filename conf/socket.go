package conf

import (
	"bytes"
	"fmt"
	"path/filepath"
	"time"
)

// SocketPath is where the admin socket is.
func (c *Config) SocketPath() string {
	if c.AdminSocket != "" {
		return c.AdminSocket
	}
	return filepath.Join(c.StateDir, "admin.sock")
}

// Socket finds the admin socket by the file at path, for commands that need
// nothing else of it. Faults elsewhere come back beside the socket; the error is
// a Faults where the keys that lead to it have one.
//
// A running server keeps the configuration it has when a reload finds faults, so
// that it is reached as before.
func Socket(path string) (socket string, others Faults, err error) {
	text, err := readBounded(path, maxFile)
	if err != nil {
		return "", nil, unreadableConfig(err)
	}
	l := newLoader(path, time.Now())
	c := l.config(text)
	l.faults.sort()
	place := l
	if c.StateDir == "" { // not even YAML
		place = newLoader(path, time.Now())
		c = place.config(leading(text))
	}
	if place.bad["state_dir"] && c.AdminSocket == "" || place.bad["admin_socket"] {
		return "", nil, l.faults
	}
	return c.SocketPath(), l.faults, nil
}

func unreadableConfig(err error) error {
	return fmt.Errorf("reading configuration: %w (name the file with --config or TWOFOLD_CONFIG)", err)
}

// leading are the lines that lead to the socket, as most files write them. The
// others are blank.
func leading(text []byte) []byte {
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		if !bytes.HasPrefix(line, []byte("state_dir:")) && !bytes.HasPrefix(line, []byte("admin_socket:")) {
			lines[i] = nil
		}
	}
	return bytes.Join(lines, []byte("\n"))
}

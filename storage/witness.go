package storage

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// The witness is a small text file beside the configuration. It names the
// store the configuration has been used with, so that a state directory that
// was wiped, or exchanged for another, is noticed. It is not secret.
const witnessText = "# The store that twofold uses with this configuration. While this file is here,\n" +
	"# an empty or another store is refused; serve --init accepts it.\n"

// readWitness gives the store's id, "" where there is no witness.
func readWitness(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the witness: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			return line, nil
		}
	}
	return "unreadable", nil
}

// witness makes sure that the witness names the store. What cannot be written
// is a warning: the directory of the configuration is often not ours.
func (c Config) witness(seen string, id [16]byte) (warnings []string) {
	name := hex.EncodeToString(id[:])
	if c.Witness == "" || seen == name {
		return nil
	}
	err := writeFile(c.Witness, []byte(witnessText+name+"\n"))
	if err == nil {
		err = os.Chmod(c.Witness, 0o644) // whoever runs twofold next is to see it
	}
	if err != nil {
		return []string{fmt.Sprintf("a wiped state directory would not be noticed: writing the witness: %v", err)}
	}
	return nil
}

// judgeWitness refuses a store that is not the one that was seen.
func (c Config) judgeWitness(seen string, id [16]byte) error {
	if c.Init || seen == "" || seen == hex.EncodeToString(id[:]) {
		return nil
	}
	return &Fault{Kind: ErrReplaced, What: "the store in " + c.StateDir + " is not the one this configuration has been used with",
		Hint: "put back the right state directory, or run serve --init to accept this one"}
}

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// terminal gives the descriptor of f if it is one.
func terminal(f any) (int, bool) {
	file, ok := f.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	return int(file.Fd()), true
}

// confirm asks on a terminal, unless --force was given. Scripts are not asked:
// they said what they want.
func confirm(c *cli.Context, question string) error {
	if _, ok := terminal(c.App.Reader); !ok || c.Bool("force") {
		return nil
	}
	answer, err := prompt(c, question+" [y/N] ")
	if err != nil {
		return err
	}
	if a := strings.ToLower(answer); a != "y" && a != "yes" {
		return errors.New("nothing was done")
	}
	return nil
}

// prompt asks for a line.
func prompt(c *cli.Context, text string) (string, error) {
	if err := printf(c.App.ErrWriter, "%s", text); err != nil {
		return "", err
	}
	return readLine(awaited{c.Context, c.App.Reader})
}

// promptSecret asks for a line without showing it. Whatever ends it, the
// terminal is left as it was.
func promptSecret(c *cli.Context, text string) (string, error) {
	fd, ok := terminal(c.App.Reader)
	if !ok {
		return "", errors.New("there is no terminal to ask for the password on (hint: --password-file, `-` for standard input)")
	}
	if err := printf(c.App.ErrWriter, "%s", text); err != nil {
		return "", err
	}
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("reading the terminal's state: %w", err)
	}
	secret, err := await(c.Context, func() ([]byte, error) { return term.ReadPassword(fd) })
	if errors.Is(err, errInterrupted) {
		err = errors.Join(err, term.Restore(fd, before))
	}
	if err != nil {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	return string(secret), printf(c.App.ErrWriter, "\n")
}

// maxLine bounds what is read as one line.
const maxLine = 4096

// readLine reads no further than the line's end, which buffering would.
func readLine(r io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) < maxLine {
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' {
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		line = append(line, one[:n]...)
		if errors.Is(err, io.EOF) && len(line) > 0 {
			return string(line), nil
		}
		if err != nil {
			return "", fmt.Errorf("reading a line: %w", err)
		}
	}
	return "", bufio.ErrTooLong
}

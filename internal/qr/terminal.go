package qr

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Print writes the code to w: as Terminal draws it if w is a terminal, else as
// Text does.
func (c Code) Print(w io.Writer) error {
	drawing := c.Text()
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		drawing = c.Terminal()
	}
	if _, err := io.WriteString(w, drawing); err != nil {
		return fmt.Errorf("printing a QR code: %w", err)
	}
	return nil
}

// Terminal draws two rows of modules per line with half-blocks, black on white
// by escape sequences, whatever the terminal's own colours are. Each line
// resets them.
func (c Code) Terminal() string {
	const blackOnWhite, reset = "\x1b[30;47m", "\x1b[0m"
	return c.lines(blackOnWhite, [4]string{" ", "▄", "▀", "█"}, reset)
}

// Text draws the same without escape sequences, for logs, pipes and mail. The
// light modules are the blocks: right on a dark screen, and with its colours
// exchanged on a light one, which readers of QR codes take as well.
func (c Code) Text() string {
	return c.lines("", [4]string{"█", "▀", "▄", " "}, "")
}

// lines draws pairs of rows; blocks are those for no, the lower, the upper, and
// both modules dark.
func (c Code) lines(begin string, blocks [4]string, end string) string {
	var b strings.Builder
	for y := 0; y < c.Size(); y += 2 {
		b.WriteString(begin)
		for x := range c.Size() {
			b.WriteString(blocks[2*bit(c.Dark(x, y))+bit(c.Dark(x, y+1))])
		}
		b.WriteString(end + "\n")
	}
	return b.String()
}

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

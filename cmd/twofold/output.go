package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"twofold/core"
)

// printf writes, and says when it cannot: a full disk or a closed pipe must
// not look like success.
func printf(w io.Writer, format string, args ...any) error {
	if _, err := fmt.Fprintf(w, format, args...); err != nil {
		return fmt.Errorf("writing output: %w", err)
	}
	return nil
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing output: %w", err)
	}
	return nil
}

// printTable sets rows in columns.
func printTable(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i := range row {
			row[i] = clean(row[i])
		}
		if err := printf(t, "%s\n", strings.TrimRight(strings.Join(row, "\t"), "\t")); err != nil {
			return err
		}
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing output: %w", err)
	}
	return nil
}

// clean takes out what would move a terminal's cursor: names come from
// directories and from strangers.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// cleanLines is clean for text of several lines, such as errors.
func cleanLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return strings.Join(lines, "\n")
}

// plainly is what err says to people. The sentinel errors at its end are for
// programs: what stands before them says what the matter is.
func plainly(err error) string {
	text := err.Error()
	for _, sentinel := range []error{core.ErrConflict, core.ErrInvalid, core.ErrMissing} {
		said, ok := strings.CutSuffix(text, ": "+sentinel.Error())
		if ok && (sentinel != core.ErrMissing || strings.HasPrefix(said, "no ")) {
			return said
		}
	}
	return text
}

// clock writes a time in the reader's zone.
func clock(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04:05 MST")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

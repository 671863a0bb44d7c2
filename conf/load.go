package conf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxFile bounds a configuration file, maxNodes what it may grow to by aliases.
const (
	maxFile  = 1 << 20
	maxNodes = 100_000
)

// Load reads, checks and completes the file at path. The error is a Faults when
// the file could be read but must not be used; there may be warnings with either
// outcome.
func Load(path string) (*Config, Warnings, error) {
	return load(path, time.Now())
}

func load(path string, now time.Time) (*Config, Warnings, error) {
	text, err := readBounded(path, maxFile)
	if err != nil {
		return nil, nil, unreadableConfig(err)
	}
	l := newLoader(path, now)
	c := l.config(text)
	l.faults.sort()
	l.warnings.sort()
	if len(l.faults) > 0 {
		return nil, l.warnings, l.faults
	}
	return c, l.warnings, nil
}

// loader gathers what is found on the way through one file.
type loader struct {
	path     string // as given, for faults
	dir      string // relative paths start here
	now      time.Time
	faults   Faults
	warnings Warnings
	places   map[string]place // where each key that is given stands
	bad      map[string]bool  // keys that have their fault already
	nodes    int              // seen so far
	inAlias  int              // how many aliases lead to where the loader is
	site     place            // where the outermost of them stands
	aliased  bool             // whether there is an alias anywhere
}

// place is where a key stands in the file.
type place struct{ line, column int }

func newLoader(path string, now time.Time) *loader {
	return &loader{
		path: path, dir: filepath.Dir(path), now: now,
		places: map[string]place{}, bad: map[string]bool{},
	}
}

// config decodes text and applies every rule. What it returns is of use only
// if no fault was found.
func (l *loader) config(text []byte) *Config {
	c := &Config{Path: l.path}
	root, ok := l.parse(text)
	if !ok {
		return c
	}
	l.mapping("", root, reflect.ValueOf(c).Elem())
	l.complete(c)
	return c
}

// complete runs the rules that concern more than one key.
func (l *loader) complete(c *Config) {
	l.checkState(c)
	l.checkDirectories(c)
	l.checkClients(c)
	l.checkEnrolling(c)
	l.checkExclusions(c)
	l.checkLimits(c)
	l.checkHTTP(c)
	l.checkListeners(c)
	l.checkOwnMode(c)
}

// parse makes a tree of the one document in text.
func (l *loader) parse(text []byte) (*yaml.Node, bool) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if line, ok := validText(text); !ok {
		l.faultAt(place{line, 1}, "", "is not UTF-8 text", "save it as UTF-8")
		return nil, false
	}
	root, err := parseYAML(text)
	if err != nil {
		l.syntaxFault(text, err)
		return nil, false
	}
	return root, true
}

// parseYAML turns a panic of the library into an error: whatever the bytes are,
// a reload must not end the server.
func parseYAML(text []byte) (root *yaml.Node, err error) {
	defer func() {
		if recover() != nil {
			root, err = nil, errors.New("yaml: unreadable")
		}
	}()
	var doc, second yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return &yaml.Node{Kind: yaml.MappingNode, Line: 1, Column: 1}, nil
	} else if err != nil {
		return nil, err
	}
	switch err := d.Decode(&second); {
	case errors.Is(err, io.EOF):
		return doc.Content[0], nil
	case err != nil:
		return nil, err
	}
	return nil, secondDocument(second.Line)
}

// validText returns the line of the first byte that is not UTF-8.
func validText(text []byte) (line int, ok bool) {
	line = 1
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size <= 1 {
			return line, false
		}
		if r == '\n' {
			line++
		}
		text = text[size:]
	}
	return line, true
}

// readBounded reads at most limit bytes; a longer file is an error.
func readBounded(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("%s is larger than %s", path, Size(limit))
	}
	return text, nil
}

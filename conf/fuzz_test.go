package conf

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// FuzzLoad holds that no bytes make the loader panic, return nothing, or print
// what is planted where secrets belong.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(base))
	for _, c := range plants {
		f.Add([]byte(strings.ReplaceAll(c.text(), "PLANT", planted)))
	}
	for _, c := range warnings {
		f.Add([]byte(c.text()))
	}
	dir := folder(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		l := newLoader(filepath.Join(dir, "twofold.yaml"), today)
		c := l.config(text)
		printed := strings.ToLower(fmt.Sprintf("%s\n%s\n%+v", l.faults.Error(), l.warnings, *c))
		if len(l.faults) > 0 {
			printed = strings.ToLower(l.faults.Error() + "\n" + l.warnings.String())
		}
		if onlySecret(text) && strings.Contains(printed, strings.ToLower(planted)) {
			t.Errorf("printed: %s", printed)
		}
		for _, fault := range l.faults {
			if fault.Line < 1 || fault.Column < 1 || fault.Line > lineCount(text) || strings.Contains(fault.String(), "\n") {
				t.Errorf("fault at %d:%d of %d lines: %s", fault.Line, fault.Column, lineCount(text), fault)
			}
		}
	})
}

// lineCount counts lines as YAML 1.1 does, which knows five line breaks.
func lineCount(text []byte) int {
	return 1 + bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) +
		bytes.Count(text, []byte("\u0085")) + bytes.Count(text, []byte("\u2028")) + bytes.Count(text, []byte("\u2029"))
}

// onlySecret reports whether every occurrence of what is planted stands in the
// value of a secret's key, or nobody can say because the text is not YAML.
func onlySecret(text []byte) bool {
	root, err := parseYAML(text)
	var second secondDocument
	if errors.As(err, &second) {
		return false
	}
	if err != nil || root == nil {
		return true
	}
	found := bytes.Count(bytes.ToLower(text), []byte(strings.ToLower(planted)))
	return found > 0 && found == count(root, false)
}

// count counts what is planted below secret keys.
func count(n *yaml.Node, secret bool) int {
	total := 0
	for i, inner := range n.Content {
		isKey := n.Kind == yaml.MappingNode && i%2 == 0
		below := secret
		if n.Kind == yaml.MappingNode && !isKey {
			switch n.Content[i-1].Value {
			case "secret", "secrets", "bind_password", "secret_file":
				below = true
			}
		}
		total += count(inner, below)
	}
	if secret && n.Kind == yaml.ScalarNode {
		total += strings.Count(strings.ToLower(n.Value), strings.ToLower(planted))
	}
	return total
}

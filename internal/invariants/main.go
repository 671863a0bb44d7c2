// Command invariants writes doc/invariants.md: each invariant of the product
// with the tests that hold it. A test holds an invariant when its name begins
// with the invariant's number, as TestI03_ does. It is run by go generate; a
// test fails when the page is stale or an invariant has no test.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

//go:generate go run . -root ../.. -o ../../doc/invariants.md

func main() {
	root := flag.String("root", ".", "the `folder` of the sources")
	out := flag.String("o", "invariants.md", "the `file` to write")
	flag.Parse()
	tests, err := find(*root)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(*out, page(tests), 0o644); err != nil {
		log.Fatal(err)
	}
}

// named is the name of a test that holds an invariant.
var named = regexp.MustCompile(`^TestI(\d\d)_(.+)$`)

// found is one such test.
type found struct {
	Package, Name, Sentence string
	Peers                   bool // needs the tag integration
}

// find reads the names of all tests below root.
func find(root string) (map[string][]found, error) {
	tests := map[string][]found{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok {
				note(tests, filepath.ToSlash(dir), f.Name.Name, tagged(file))
			}
		}
		return nil
	})
	for _, list := range tests {
		slices.SortFunc(list, func(a, b found) int {
			return strings.Compare(a.Package+" "+a.Name, b.Package+" "+b.Name)
		})
	}
	return tests, err
}

func note(tests map[string][]found, dir, name string, peers bool) {
	if m := named.FindStringSubmatch(name); m != nil {
		tests["I"+m[1]] = append(tests["I"+m[1]], found{dir, name, sentence(m[2]), peers})
	}
}

// tagged tells whether a file is built with the tag integration only.
func tagged(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() < file.Package && strings.Contains(group.List[0].Text, "go:build integration") {
			return true
		}
	}
	return false
}

// sentence makes words of a name in camel case; acronyms keep their letters.
func sentence(name string) string {
	var words []string
	runes := []rune(name)
	start := 0
	for i := 1; i <= len(runes); i++ {
		if i < len(runes) && !begins(runes, i) {
			continue
		}
		word := strings.Trim(string(runes[start:i]), "_")
		if len(word) == 1 || strings.ToUpper(word) != word {
			word = strings.ToLower(word)
		}
		words, start = append(words, word), i
	}
	return strings.Join(words, " ")
}

// begins tells whether a word begins at an index.
func begins(runes []rune, i int) bool {
	return runes[i-1] == '_' || unicode.IsUpper(runes[i]) &&
		(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
}

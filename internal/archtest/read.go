package archtest

import (
	"cmp"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Read gives the packages below root, under every build tag.
func Read(root string) ([]Package, error) {
	found := map[string]*Package{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != root && skipped(d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		return add(found, root, path)
	})
	var packages []Package
	for _, p := range found {
		packages = append(packages, *p)
	}
	slices.SortFunc(packages, func(a, b Package) int { return cmp.Compare(a.Path, b.Path) })
	return packages, err
}

// skipped are the directories that the go command skips.
func skipped(name string) bool {
	return name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

func add(found map[string]*Package, root, path string) error {
	imports, err := importsOf(path)
	if err != nil {
		return fmt.Errorf("reading imports: %w", err)
	}
	dir, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return err
	}
	dir = filepath.ToSlash(dir)
	p := found[dir]
	if p == nil {
		p = &Package{Path: dir}
		found[dir] = p
	}
	if strings.HasSuffix(path, "_test.go") {
		p.TestImports = merge(p.TestImports, imports)
	} else {
		p.Imports = merge(p.Imports, imports)
	}
	return nil
}

func importsOf(path string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		imports = append(imports, name)
	}
	return imports, nil
}

func merge(a, b []string) []string {
	set := map[string]bool{}
	for _, s := range slices.Concat(a, b) {
		set[s] = true
	}
	return slices.Sorted(maps.Keys(set))
}

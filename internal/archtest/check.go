package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Package is what the files of one directory import.
type Package struct {
	Path        string   // relative to the module
	Imports     []string // of the product
	TestImports []string
}

// Check gives the faults, one line each.
func (p Plan) Check(packages []Package) []string {
	var faults []string
	for _, pkg := range packages {
		for _, why := range p.judge(pkg) {
			faults = append(faults, pkg.Path+" "+why)
		}
	}
	return faults
}

func (p Plan) judge(pkg Package) (faults []string) {
	name, ok := p.house(pkg.Path)
	if !ok {
		return []string{"has no place in the plan"}
	}
	for _, path := range pkg.Imports {
		if why := p.product(name, path); why != "" {
			faults = append(faults, why)
		}
	}
	for _, path := range pkg.TestImports {
		if isLibrary(p.Module, path) && !p.listed(path) {
			faults = append(faults, fmt.Sprintf("imports %s in a test, a library that is not in the plan", path))
		}
	}
	return faults
}

// product judges one import outside of tests; empty is right.
func (p Plan) product(name, path string) string {
	if below, ok := strings.CutPrefix(path, p.Module+"/"); ok {
		return p.own(name, below)
	}
	h := p.Houses[name]
	switch {
	case !isLibrary(p.Module, path):
		if slices.Contains(h.Without, path) {
			return fmt.Sprintf("imports %s, which %s must do without", path, name)
		}
	case !p.listed(path):
		return fmt.Sprintf("imports %s, a library that is not in the plan", path)
	case !p.mayUse(name, path):
		return fmt.Sprintf("imports %s, a library that %s may not use", path, name)
	}
	return ""
}

func (p Plan) own(from, path string) string {
	to, ok := p.house(path)
	h := p.Houses[from]
	switch {
	case !ok:
		return fmt.Sprintf("imports %s, which has no place in the plan", path)
	case from == to:
		return ""
	case p.Houses[to].Test && !h.Test:
		return fmt.Sprintf("imports %s, which is for tests", path)
	case h.All || slices.Contains(h.May, to):
		return ""
	}
	return fmt.Sprintf("imports %s, which %s may not", path, from)
}

// house finds whose a path is.
func (p Plan) house(path string) (name string, ok bool) {
	for h := range p.Houses {
		if within(path, h) && len(h) >= len(name) {
			name, ok = h, true
		}
	}
	return name, ok
}

// mayUse tells whether a house may use a library that is listed.
func (p Plan) mayUse(house, path string) bool {
	h := p.Houses[house]
	if h.Test {
		return true
	}
	for library, users := range p.Libraries {
		if within(path, library) && (h.All || slices.Contains(users, house)) {
			return true
		}
	}
	return false
}

func (p Plan) listed(path string) bool {
	fits := func(library string) bool { return within(path, library) }
	if slices.ContainsFunc(p.ForTests, fits) {
		return true
	}
	for library := range p.Libraries {
		if fits(library) {
			return true
		}
	}
	return false
}

// isLibrary tells a library from the standard library and the module's own.
func isLibrary(module, path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return first != module && strings.Contains(first, ".")
}

func within(path, top string) bool { return path == top || strings.HasPrefix(path, top+"/") }

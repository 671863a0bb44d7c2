package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"

	"twofold/conf"
)

// key is one key of the file, with those below it.
type key struct {
	name string
	text string // the field's comment
	tag  reflect.StructTag
	kind reflect.Type // of a list, its items'
	list bool
	keys []key // of a mapping
}

// describe reads what there is to say about every key.
func describe(dir string) ([]key, error) {
	comments, err := fieldComments(dir)
	if err != nil {
		return nil, err
	}
	return keysOf(reflect.TypeFor[conf.Config](), comments)
}

// keysOf walks a struct; a field without a comment is an error.
func keysOf(t reflect.Type, comments map[string]string) ([]key, error) {
	var keys []key
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		if name == "-" {
			continue
		}
		k := key{name: name, tag: f.Tag, kind: f.Type, text: comments[t.Name()+"."+f.Name]}
		if k.text == "" {
			return nil, fmt.Errorf("%s.%s has no comment", t.Name(), f.Name)
		}
		if f.Type.Kind() == reflect.Slice {
			k.kind, k.list = f.Type.Elem(), true
		}
		if k.mapping() {
			inner, err := keysOf(k.kind, comments)
			if err != nil {
				return nil, err
			}
			k.keys = inner
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// mapping reports whether the key holds keys itself: its struct has some.
func (k key) mapping() bool {
	if k.kind.Kind() != reflect.Struct || k.kind.NumField() == 0 {
		return false
	}
	_, ok := k.kind.Field(k.kind.NumField() - 1).Tag.Lookup("yaml")
	return ok
}

// fieldComments maps Struct.Field to the comment above it, as one paragraph.
func fieldComments(dir string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	comments := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading source: %w", err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if ok {
				addComments(comments, spec)
			}
			return !ok
		})
	}
	return comments, nil
}

func addComments(comments map[string]string, spec *ast.TypeSpec) {
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range s.Fields.List {
		for _, name := range f.Names {
			comments[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(f.Doc.Text()), " ")
		}
	}
}

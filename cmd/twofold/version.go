package main

import (
	"runtime/debug"

	"twofold/ops"
)

// Set by the linker: -X main.release=1.2.3 -X main.commit=0123abc.
var release, commit string

// build says which program this is.
type build struct{ version, commit string }

// version is what the linker was told, else what the Go tool wrote down.
func version() build {
	b := build{version: "devel", commit: "unknown"}
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			b.version = v
		}
		b.commit = revision(info.Settings, b.commit)
	}
	if release != "" {
		b.version = release
	}
	if commit != "" {
		b.commit = commit
	}
	return b
}

func revision(settings []debug.BuildSetting, otherwise string) string {
	id, changed := otherwise, ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) > 12:
			id = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changes"
		}
	}
	return id + changed
}

func (b build) String() string { return b.version + " (commit " + b.commit + ")" }

func (b build) metrics() ops.Build { return ops.Build{Version: b.version, Commit: b.commit} }

package archtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheHouseFollowsItsPlan(t *testing.T) {
	packages, err := Read("../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 10 {
		t.Fatalf("%d packages were read: that is not the house", len(packages))
	}
	for _, fault := range Twofold.Check(packages) {
		t.Error(fault)
	}
}

func TestImportsThatTheTwofoldPlanHas(t *testing.T) {
	for _, pkg := range []Package{
		{Path: "cmd/twofold", Imports: []string{"os", "twofold/radius", "twofold/storage/badger", "twofold/conf", "twofold/core", "github.com/urfave/cli/v2"}},
		{Path: "radius", Imports: []string{"net", "twofold/core", "layeh.com/radius/rfc2865"}, TestImports: []string{"twofold/internal/lab", "twofold/ldapbind"}},
		{Path: "storage/badger", Imports: []string{"twofold/storage", "twofold/storage/ordered"}},
		{Path: "core/internal/gen", Imports: []string{"os", "twofold/core"}},
		{Path: "storage/storagetest", Imports: []string{"testing", "twofold/storage", "github.com/google/go-cmp/cmp"}},
		{Path: "core", Imports: []string{"net/netip", "twofold/core/otp"}, TestImports: []string{"os", "twofold/storage/memory"}},
	} {
		if faults := Twofold.Check([]Package{pkg}); faults != nil {
			t.Error(faults)
		}
	}
}

func TestImportsThatTheTwofoldPlanHasNot(t *testing.T) {
	for _, c := range []struct {
		name, from, imports, want string
	}{
		{"a front-end knows no adapter", "radius", "twofold/ldapbind", "radius imports ldapbind, which radius may not"},
		{"a front-end knows no other", "httpapi", "twofold/radius", "httpapi imports radius, which httpapi may not"},
		{"an adapter knows no other", "ldapbind", "twofold/storage", "ldapbind imports storage, which ldapbind may not"},
		{"a part below counts as the whole", "ops", "twofold/storage/badger", "ops imports storage/badger, which ops may not"},
		{"core looks down only", "core", "twofold/radius", "core imports radius, which core may not"},
		{"codes know no decisions", "core/otp", "twofold/core", "core/otp imports core, which core/otp may not"},
		{"the configuration knows nothing of ours", "conf", "twofold/core", "conf imports core, which conf may not"},
		{"nobody imports the program", "httpapi", "twofold/cmd/twofold", "httpapi imports cmd/twofold, which httpapi may not"},
		{"the lab is for tests", "cmd/twofold", "twofold/internal/lab", "cmd/twofold imports internal/lab, which is for tests"},
		{"the conformance suite is for tests", "storage/badger", "twofold/storage/storagetest", "storage/badger imports storage/storagetest, which is for tests"},
		{"core has no network", "core", "net", "core imports net, which core must do without"},
		{"core has no log", "core/internal/part", "log/slog", "core/internal/part imports log/slog, which core must do without"},
		{"a library nobody chose", "cmd/twofold", "github.com/spf13/viper", "cmd/twofold imports github.com/spf13/viper, a library that is not in the plan"},
		{"a library in another's place", "radius", "github.com/dgraph-io/badger/v4/options", "radius imports github.com/dgraph-io/badger/v4/options, a library that radius may not use"},
		{"a test's library in the product", "radius", "pgregory.net/rapid", "radius imports pgregory.net/rapid, a library that radius may not use"},
		{"a package nobody planned", "core", "twofold/util", "core imports util, which has no place in the plan"},
		{"a place nobody planned", "util", "fmt", "util has no place in the plan"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Twofold.Check([]Package{{Path: c.from, Imports: []string{c.imports}}})
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestATestMayNotBringItsOwnLibrary(t *testing.T) {
	got := Twofold.Check([]Package{{Path: "radius", TestImports: []string{"github.com/stretchr/testify/require"}}})
	want := []string{"radius imports github.com/stretchr/testify/require in a test, a library that is not in the plan"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFilesAreReadUnderEveryTagAndTestsApart(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"a/a.go":            "package a\nimport \"os\"\n",
		"a/b.go":            "//go:build integration\n\npackage a\nimport n \"net\"\nvar _ n.Conn\n",
		"a/a_test.go":       "package a_test\nimport (\n\t\"testing\"\n\t_ \"embed\"\n)\n",
		"a/testdata/x.go":   "package x\nimport \"log\"\n",
		".hidden/hidden.go": "package h\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []Package{{Path: "a", Imports: []string{"net", "os"}, TestImports: []string{"embed", "testing"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

package lab

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// Need returns the path of a program, and fails the test with the name of the
// Debian package to install when it is absent. Besides PATH it looks in the
// sbin directories, where Debian keeps daemons.
func Need(t testing.TB, program, debianPackage string) string {
	t.Helper()
	path, err := find(program, debianPackage)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// NeedFile fails the test, naming the Debian package, when a file such as a
// PAM module is absent.
func NeedFile(t testing.TB, path, debianPackage string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Fatal(missing(path, debianPackage))
	}
	return path
}

// NeedRoot fails the test when it is not run as root.
func NeedRoot(t testing.TB, why string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatalf("%s needs root: run the integration tests as root", why)
	}
}

func find(program, debianPackage string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin/", "/sbin/", "/usr/local/sbin/"} {
		if path, err := exec.LookPath(dir + program); err == nil {
			return path, nil
		}
	}
	return "", missing(program, debianPackage)
}

func missing(what, debianPackage string) error {
	return fmt.Errorf("%s is not installed: apt-get install %s", what, debianPackage)
}

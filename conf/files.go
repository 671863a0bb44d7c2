package conf

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Bounds of the files a configuration names.
const (
	maxSecretFile = 16 << 10
	maxPEMFile    = 4 << 20
)

// readNamed reads a file that a key names. A fault tells the directory, never
// the last element: where a file is wanted, secrets get pasted.
func (l *loader) readNamed(key, path string, limit int64) ([]byte, bool) {
	info, err := os.Stat(path)
	if err != nil {
		l.fault(key, unreadable(path, err), fileRemedy(err))
		return nil, false
	}
	if !info.Mode().IsRegular() {
		l.fault(key, "is not a regular file", "")
		return nil, false
	}
	text, err := readBounded(path, limit)
	switch {
	case err != nil && info.Size() > limit:
		l.fault(key, fmt.Sprintf("is a file larger than %s", Size(limit)), "")
	case err != nil:
		l.fault(key, unreadable(path, err), fileRemedy(err))
	}
	return text, err == nil
}

func unreadable(path string, err error) string {
	dir := filepath.Dir(path)
	if _, e := os.Stat(dir); e != nil {
		return "names a directory that cannot be read"
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("there is no such file in %q", dir)
	}
	return fmt.Sprintf("the file in %q cannot be read", dir)
}

func fileRemedy(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "relative paths start at the configuration file's directory"
	case errors.Is(err, fs.ErrPermission):
		return "let the user that runs twofold read it"
	}
	return ""
}

// secretFile reads the text of a secret file without its last line end.
func (l *loader) secretFile(key, path string) (string, bool) {
	text, ok := l.readNamed(key, path, maxSecretFile)
	if !ok {
		return "", false
	}
	l.checkMode(key, path)
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		l.fault(key, "the file begins with a byte order mark", "save it as UTF-8 without one: the mark would be part of the secret")
		return "", false
	}
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
	if len(text) == 0 {
		l.fault(key, "the file is empty", "write the secret into it")
		return "", false
	}
	if len(bytes.TrimSpace(text)) != len(text) {
		l.warn(key, "the secret starts or ends with white space, which counts", "")
	}
	return string(text), true
}

// secretFrom reads the one secret of a file.
func (l *loader) secretFrom(key, path string) Secret {
	text, ok := l.secretFile(key, path)
	if !ok {
		return Secret{}
	}
	x, p := parseSecret(text)
	if p.message != "" {
		l.fault(key, "the file's secret "+p.message, "")
		return Secret{}
	}
	return x.(Secret)
}

// checkMode warns of a file that every user of the machine can read.
func (l *loader) checkMode(key, path string) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o004 != 0 {
		l.warn(key, "the file can be read by every user of this machine", "chmod o-r")
	}
}

// checkOwnMode warns of secrets that stand in a configuration for all to read.
func (l *loader) checkOwnMode(c *Config) {
	for i, d := range c.Directories {
		if d.BindPasswordFile == "" && !d.BindPassword.IsZero() {
			l.checkMode(fmt.Sprintf("directories[%d].bind_password", i), l.path)
		}
	}
	for i, cl := range c.Clients {
		for _, k := range []string{"secret", "secrets"} {
			if key := fmt.Sprintf("clients[%d].%s", i, k); l.given(key) && len(cl.Secrets) > 0 {
				l.checkMode(key, l.path)
			}
		}
	}
}

// checkAuthorities holds that a CA file has a certificate in it.
func (l *loader) checkAuthorities(key, path string) {
	if path == "" {
		return
	}
	text, ok := l.readNamed(key, path, maxPEMFile)
	if ok && !x509.NewCertPool().AppendCertsFromPEM(text) {
		l.fault(key, "the file holds no certificate that can be used", "it must be PEM, with BEGIN CERTIFICATE lines")
	}
}

// checkPair holds that certificate and key are there and belong together.
func (l *loader) checkPair(certKey, keyKey string, h HTTP) {
	cert, ok := l.readNamed(certKey, h.CertFile, maxPEMFile)
	key, ok2 := l.readNamed(keyKey, h.KeyFile, maxPEMFile)
	if !ok || !ok2 {
		return
	}
	l.checkMode(keyKey, h.KeyFile)
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		l.fault(certKey, "certificate and key cannot be used together", "both must be PEM, and the key that of the first certificate")
	}
}

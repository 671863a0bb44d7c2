package httpapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// A self-signed certificate lasts so long, and is made anew at a start within
// its last month.
const (
	selfSignedFor = 2 * 365 * 24 * time.Hour
	renewWithin   = 30 * 24 * time.Hour
)

// keepSelfSigned makes a pair where there is none, or none that still serves.
// A file that cannot be read is an error, not none.
func keepSelfSigned(cfg CertConfig) error {
	pair, err := tls.LoadX509KeyPair(cfg.CertFile, cfg.KeyFile)
	if err == nil && pair.Leaf.NotAfter.After(cfg.Now().Add(renewWithin)) {
		return nil
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("reading the self-signed certificate: %w", err)
	}
	return makeSelfSigned(cfg)
}

func makeSelfSigned(cfg CertConfig) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making a key for HTTPS: %w", err)
	}
	template, err := selfSigned(cfg.Hosts, cfg.Now())
	if err != nil {
		return err
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("making a self-signed certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("encoding a key: %w", err)
	}
	if err := writePEM(cfg.KeyFile, "PRIVATE KEY", secret); err != nil {
		return err
	}
	return writePEM(cfg.CertFile, "CERTIFICATE", cert)
}

// selfSigned describes the certificate. The serial number is positive, within
// 159 bits (RFC 5280 section 4.1.2.2).
func selfSigned(hosts []string, now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 159))
	if err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	c := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)),
		Subject:      pkix.Name{CommonName: "Twofold", Organization: []string{"self-signed"}},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(selfSignedFor),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	machine, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("asking for this machine's name: %w", err)
	}
	addHosts(c, append([]string{"localhost", "127.0.0.1", "::1", machine}, hosts...))
	return c, nil
}

func addHosts(c *x509.Certificate, hosts []string) {
	for _, h := range hosts {
		switch ip := net.ParseIP(h); {
		case ip != nil:
			c.IPAddresses = append(c.IPAddresses, ip)
		case h != "":
			c.DNSNames = append(c.DNSNames, h)
		}
	}
}

// writePEM puts a file in its place as one, mode 0600.
func writePEM(path, kind string, der []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(f.Name()))
		}
	}()
	err = errors.Join(pem.Encode(f, &pem.Block{Type: kind, Bytes: der}), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

package lab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// CA is a certificate authority of one test.
type CA struct {
	File string         // its certificate, PEM
	Pool *x509.CertPool // the same, for a tls.Config
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
}

// CertConfig says what a certificate is to carry.
type CertConfig struct {
	Names          []string  // host names and IP addresses; the first is the subject
	NotAfter       time.Time // zero: in a day
	NegativeSerial bool      // as Samba's own generated certificates have, which Go refuses
	Client         bool      // for a TLS client; otherwise for a server
}

// Pair is a certificate with its key, in files.
type Pair struct{ CertFile, KeyFile string }

// NewCA makes a certificate authority whose files live until the test ends.
func NewCA(t testing.TB) *CA {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber:          serial(t),
		Subject:               pkix.Name{CommonName: "Twofold lab CA"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatalf("making a CA: %v", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("making a CA: %v", err)
	}
	ca := &CA{cert: cert, key: key, dir: t.TempDir(), Pool: x509.NewCertPool()}
	ca.Pool.AddCert(cert)
	ca.File = ca.write(t, "ca.pem", "CERTIFICATE", der)
	return ca
}

// Issue makes a certificate signed by the CA.
func (ca *CA) Issue(t testing.TB, c CertConfig) Pair {
	t.Helper()
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, leaf(t, c), ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		t.Fatalf("issuing a certificate: %v", err)
	}
	if c.NegativeSerial {
		if der, err = negateSerial(der, ca.key); err != nil {
			t.Fatalf("giving a certificate a negative serial number: %v", err)
		}
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatalf("encoding a key: %v", err)
	}
	name := c.Names[0] + "-" + rand.Text()[:6]
	return Pair{
		CertFile: ca.write(t, name+".pem", "CERTIFICATE", der),
		KeyFile:  ca.write(t, name+".key", "PRIVATE KEY", keyDER),
	}
}

// TLS returns a server's TLS configuration with a certificate for the names.
func (ca *CA) TLS(t testing.TB, names ...string) *tls.Config {
	t.Helper()
	pair := ca.Issue(t, CertConfig{Names: names})
	cert, err := tls.LoadX509KeyPair(pair.CertFile, pair.KeyFile)
	if err != nil {
		t.Fatalf("loading a certificate: %v", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}}
}

func leaf(t testing.TB, c CertConfig) *x509.Certificate {
	t.Helper()
	if c.NotAfter.IsZero() {
		c.NotAfter = time.Now().Add(24 * time.Hour)
	}
	use := x509.ExtKeyUsageServerAuth
	if c.Client {
		use = x509.ExtKeyUsageClientAuth
	}
	cert := &x509.Certificate{
		SerialNumber: serial(t),
		Subject:      pkix.Name{CommonName: c.Names[0]},
		NotBefore:    min2(time.Now(), c.NotAfter).Add(-time.Hour),
		NotAfter:     c.NotAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{use},
	}
	for _, name := range c.Names {
		if ip := net.ParseIP(name); ip != nil {
			cert.IPAddresses = append(cert.IPAddresses, ip)
		} else {
			cert.DNSNames = append(cert.DNSNames, name)
		}
	}
	return cert
}

func min2(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("making a key: %v", err)
	}
	return key
}

func serial(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatalf("making a serial number: %v", err)
	}
	return n.Add(n, big.NewInt(1))
}

func (ca *CA) write(t testing.TB, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(ca.dir, name)
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatalf("writing a certificate: %v", err)
	}
	return path
}

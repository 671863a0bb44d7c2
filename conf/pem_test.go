package conf

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

// pair makes a self-signed certificate and its key.
func pair(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	c, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestCertificatesMustBeUsable(t *testing.T) {
	dir := folder(t)
	cert, key := pair(t)
	_, foreign := pair(t)
	write(t, dir, "c.pem", cert, 0o644)
	write(t, dir, "k.pem", key, 0o600)
	write(t, dir, "foreign.pem", foreign, 0o600)
	write(t, dir, "open.pem", key, 0o644)
	cases := []struct{ name, text, warning, fault string }{
		{"a pair", "http: {cert_file: c.pem, key_file: k.pem}", "", ""},
		{"a key of another", "http: {cert_file: c.pem, key_file: foreign.pem}", "", "http.cert_file: certificate and key cannot be used together (both must be PEM, and the key that of the first certificate)"},
		{"a key for all to read", "http: {cert_file: c.pem, key_file: open.pem}", "http.key_file: the file can be read by every user of this machine (chmod o-r)", ""},
		{"no key file", "http: {cert_file: c.pem, key_file: none.pem}", "", `http.key_file: there is no such file in "{dir}" (relative paths start at the configuration file's directory)`},
		{"a master key for all to read", "master_key_file: open.pem", "master_key_file: the file can be read by every user of this machine (chmod o-r)", ""},
		{"a master key that is yet to be made", "master_key_file: new.key", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, warnings, faults := loadIn(t, dir, base+c.text+"\n")
			expect(t, "warnings", warnings, "13: ", c.warning)
			expect(t, "faults", faults, "13: ", c.fault)
		})
	}
	t.Run("an authority", func(t *testing.T) {
		_, _, faults := loadIn(t, dir, strings.Replace(base, "name: corp", "name: corp\n    ca_file: c.pem", 1))
		expect(t, "faults", faults, "", "")
	})
}

package lab

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"
)

func TestAMissingProgramNamesItsPackage(t *testing.T) {
	_, err := find("no-such-program", "its-package")
	if err == nil || !strings.Contains(err.Error(), "apt-get install its-package") {
		t.Error(err)
	}
	if _, err := find("sh", "dash"); err != nil {
		t.Error(err)
	}
}

func parse(t *testing.T, file string) (*x509.Certificate, error) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	return x509.ParseCertificate(block.Bytes)
}

func TestCAIssuesWhatGoAccepts(t *testing.T) {
	ca := NewCA(t)
	cert, err := parse(t, ca.Issue(t, CertConfig{Names: []string{"dc1.corp.example.com", "127.0.0.1"}}).CertFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dc1.corp.example.com", "127.0.0.1"} {
		if _, err := cert.Verify(x509.VerifyOptions{Roots: ca.Pool, DNSName: name}); err != nil {
			t.Error(err)
		}
	}
	if _, err := cert.Verify(x509.VerifyOptions{Roots: NewCA(t).Pool}); err == nil {
		t.Error("another CA vouches for it")
	}
}

func TestCAIssuesANegativeSerialThatGoRefuses(t *testing.T) {
	pair := NewCA(t).Issue(t, CertConfig{Names: []string{"dc1"}, NegativeSerial: true})
	if _, err := parse(t, pair.CertFile); err == nil || !strings.Contains(err.Error(), "negative serial") {
		t.Errorf("%v, want the refusal of a negative serial number", err)
	}
}

func TestParseReply(t *testing.T) {
	const out = "Sent Access-Request Id 1 from 0.0.0.0:1 to 127.0.0.1:2 length 40\n" +
		"\tUser-Name = \"alice\"\n" +
		"Received Access-Challenge Id 1 from 127.0.0.1:2 to 127.0.0.1:1 length 60\n" +
		"\tReply-Message = \"Say \\\"code\\\"\"\n\tReply-Message = \"two\"\n\tState = 0x0001ff\n"
	r, ok := parseReply(out)
	if !ok || !r.Challenged() || r.Get("State") != "0x0001ff" || r.Get("User-Name") != "" {
		t.Errorf("%+v", r)
	}
	if m := r.Attrs["Reply-Message"]; len(m) != 2 || m[0] != `Say "code"` {
		t.Errorf("%q", m)
	}
	if _, ok := parseReply("(0) No reply from server for ID 1 socket 3\n"); ok {
		t.Error("silence was taken for a reply")
	}
}

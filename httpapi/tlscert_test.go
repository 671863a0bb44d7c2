package httpapi

import (
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestASelfSignedPairIsMadeOnceAndRenewedInTime(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	load := func() *x509.Certificate {
		t.Helper()
		c, err := LoadCertificate(CertConfig{StateDir: dir, Hosts: []string{"otp.example.com", "192.0.2.7"}, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		return c.Leaf()
	}
	first := load()
	for _, host := range []string{"otp.example.com", "192.0.2.7", "localhost", "127.0.0.1"} {
		if err := first.VerifyHostname(host); err != nil {
			t.Errorf("not for %s: %v", host, err)
		}
	}
	if first.SerialNumber.Sign() <= 0 {
		t.Errorf("serial number %v", first.SerialNumber)
	}
	for _, name := range []string{"https.crt", "https.key"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if again := load(); !again.Equal(first) {
		t.Error("made anew without need")
	}
	now = first.NotAfter.Add(-renewWithin / 2)
	second := load()
	if second.Equal(first) || !second.NotAfter.After(now.Add(renewWithin)) {
		t.Error("not renewed within the last month")
	}
	if err := os.WriteFile(filepath.Join(dir, "https.key"), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if third := load(); third.Equal(second) {
		t.Error("a broken pair was not replaced")
	}
}

func TestACertificateIsReadAgainWhenItChanges(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	for _, dir := range []string{one, two} {
		if _, err := LoadCertificate(CertConfig{StateDir: dir}); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	log := &syncBuffer{}
	c, err := LoadCertificate(CertConfig{
		CertFile: filepath.Join(one, "https.crt"), KeyFile: filepath.Join(one, "https.key"),
		Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	first := c.Leaf()
	put := func(name string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(two, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(one, name), text, 0o600)
		}
		if err == nil {
			err = os.Chtimes(filepath.Join(one, name), now, now)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(lookEvery)
	put("https.crt") // and not yet its key
	if !c.Leaf().Equal(first) || !strings.Contains(log.text(), "cannot be used") {
		t.Error("half a pair is shown, or nobody is told")
	}
	now = now.Add(lookEvery / 2)
	put("https.key")
	if !c.Leaf().Equal(first) {
		t.Error("the files are looked at all the time")
	}
	now = now.Add(lookEvery)
	if c.Leaf().Equal(first) {
		t.Error("the new pair is not shown")
	}
	second := c.Leaf()
	if err := os.Remove(filepath.Join(one, "https.crt")); err != nil {
		t.Fatal(err)
	}
	now = now.Add(lookEvery)
	warned := strings.Count(log.text(), "cannot be used")
	for range 3 {
		if !c.Leaf().Equal(second) {
			t.Error("a pair that is gone is no longer shown")
		}
		now = now.Add(lookEvery)
	}
	if again := strings.Count(log.text(), "cannot be used"); again != warned+1 {
		t.Errorf("the fault is told %d times", again-warned)
	}
}

func TestCertificatesThatCannotServeAreRefusedAtStart(t *testing.T) {
	dir := t.TempDir()
	for name, cfg := range map[string]CertConfig{
		"a certificate without a key": {CertFile: "x.crt"},
		"a key without a certificate": {KeyFile: "x.key"},
		"files that are not there":    {CertFile: filepath.Join(dir, "x.crt"), KeyFile: filepath.Join(dir, "x.key")},
		"a folder that is not there":  {StateDir: filepath.Join(dir, "none")},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := LoadCertificate(cfg); err == nil {
				t.Error("loaded")
			}
		})
	}
}

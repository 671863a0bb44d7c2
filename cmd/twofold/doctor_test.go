package main

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"twofold/httpapi"
)

func TestWeakSharedSecretsAreNamedWithoutShowingThem(t *testing.T) {
	for _, c := range []struct{ name, secret, client, want string }{
		{"a long random one", "kU3xq8Zr1mWv5Ty7", "vpn", ""},
		{"a short one", "kU3xq8Zr1mWv5Ty", "vpn", "shorter than 16"},
		{"one of few characters", "abababababababababab", "vpn", "fewer than 8"},
		{"a word that everybody tries", "Testing123-kU3xq8Zr", "vpn", "tried first"},
		{"one with the client's name", "Office-kU3xq8Zr1mWv5", "office", "client's name"},
	} {
		got := weakness(c.secret, c.client)
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) || strings.Contains(got, c.secret) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCertificatesAreJudgedByTheirDates(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name        string
		after, left time.Duration
		own         bool
		want        httpapi.Level
	}{
		{"good for a year", -day, 365 * day, false, httpapi.OK},
		{"ends within a month", -day, 10 * day, false, httpapi.Warning},
		{"ends within a month and is made anew by itself", -day, 10 * day, true, httpapi.OK},
		{"has ended", -day, -time.Hour, false, httpapi.Fault},
		{"is not good yet", day, 365 * day, false, httpapi.Fault},
	} {
		cert := &x509.Certificate{NotBefore: time.Now().Add(c.after), NotAfter: time.Now().Add(c.left)}
		if got := certificateFinding("x", cert, c.own); got.Level != c.want || got.Level != httpapi.OK && got.Hint == "" {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

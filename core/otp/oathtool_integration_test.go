//go:build integration

package otp

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// oathtool is another author's implementation; the secret goes in by its
// standard input.
func TestCodesAreThoseOfOathtool(t *testing.T) {
	path, err := exec.LookPath("oathtool")
	if err != nil {
		t.Fatal("oathtool is missing: apt-get install oathtool")
	}
	for _, algorithm := range []Algorithm{SHA1, SHA256, SHA512} {
		for digits := uint8(MinDigits); digits <= MaxDigits; digits++ {
			for _, seconds := range []int64{15, 30, 60, 120} {
				p := Params{Algorithm: algorithm, Digits: digits, Period: time.Duration(seconds) * time.Second}
				now := time.Unix(1_700_000_000+seconds*int64(digits), 0).UTC()
				want := runOathtool(t, path, p, now)
				if got := p.Code(secret, p.StepAt(now)); got != want {
					t.Errorf("%v, %d digits, %ds: got %s, want %s", algorithm, digits, seconds, got, want)
				}
			}
		}
	}
}

func runOathtool(t *testing.T, path string, p Params, now time.Time) string {
	t.Helper()
	cmd := exec.Command(path, "--totp="+p.Algorithm.String(), "--digits", fmt.Sprint(p.Digits),
		"--time-step-size", p.Period.String(), "--now", now.Format("2006-01-02 15:04:05 UTC"), "--base32", "-")
	cmd.Stdin = strings.NewReader(base32Secret + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("oathtool: %v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

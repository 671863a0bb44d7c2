package otp

import (
	"testing"
	"time"
)

// The secrets of RFC 6238 appendix B: the same digits over and over, as long
// as the hash.
var rfcSecrets = map[Algorithm][]byte{
	SHA1:   []byte("12345678901234567890"),
	SHA256: []byte("12345678901234567890123456789012"),
	SHA512: []byte("1234567890123456789012345678901234567890123456789012345678901234"),
}

func TestCodesAreThoseOfRFC6238(t *testing.T) {
	vectors := []struct {
		seconds              int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	}
	for _, v := range vectors {
		for algorithm, want := range map[Algorithm]string{SHA1: v.sha1, SHA256: v.sha256, SHA512: v.sha512} {
			p := Params{Algorithm: algorithm, Digits: 8, Period: 30 * time.Second}
			now := time.Unix(v.seconds, 0)
			if got := p.Code(rfcSecrets[algorithm], p.StepAt(now)); got != want {
				t.Errorf("%v at %d: got %s, want %s", algorithm, v.seconds, got, want)
			}
			if step, ok := p.Match(rfcSecrets[algorithm], want, now); !ok || step != p.StepAt(now) {
				t.Errorf("%v at %d: code does not match its own step", algorithm, v.seconds)
			}
		}
	}
}

func TestCodesAreThoseOfRFC4226(t *testing.T) {
	codes := []string{"755224", "287082", "359152", "969429", "338314",
		"254676", "287922", "162583", "399871", "520489"}
	for counter, want := range codes {
		if got := Default().Code(rfcSecrets[SHA1], uint64(counter)); got != want {
			t.Errorf("counter %d: got %s, want %s", counter, got, want)
		}
	}
}

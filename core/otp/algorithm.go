package otp

import (
	"fmt"
	"strings"

	pquerna "github.com/pquerna/otp"
)

// Algorithm is the hash inside the HMAC (RFC 6238 section 1.2). The numbers are
// stored and never change their meaning.
type Algorithm uint8

// The algorithms of RFC 6238. Nothing else is one: MD5, which some libraries
// know, is refused.
const (
	SHA1 Algorithm = iota
	SHA256
	SHA512
)

var algorithms = [...]struct {
	name  string
	inner pquerna.Algorithm
}{
	SHA1:   {"SHA1", pquerna.AlgorithmSHA1},
	SHA256: {"SHA256", pquerna.AlgorithmSHA256},
	SHA512: {"SHA512", pquerna.AlgorithmSHA512},
}

func (a Algorithm) known() bool { return int(a) < len(algorithms) }

// String is the name as otpauth URIs write it.
func (a Algorithm) String() string {
	if !a.known() {
		return fmt.Sprintf("algorithm(%d)", uint8(a))
	}
	return algorithms[a].name
}

// ParseAlgorithm reads a name in any of the spellings in use: SHA1, sha-256,
// HmacSHA512.
func ParseAlgorithm(s string) (Algorithm, error) {
	name := strings.TrimPrefix(strings.ReplaceAll(strings.ToUpper(s), "-", ""), "HMAC")
	for a, known := range algorithms {
		if name == known.name {
			return Algorithm(a), nil
		}
	}
	return 0, fmt.Errorf("algorithm %.16q is not one of SHA1, SHA256, SHA512", s)
}

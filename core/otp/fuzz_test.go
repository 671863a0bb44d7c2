package otp

import "testing"

// What is read can be written and read again, to the same.
func FuzzParseURI(f *testing.F) {
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseURI(s)
		if err != nil {
			return
		}
		if err := k.Validate(); err != nil {
			t.Fatalf("read, but not valid: %v", err)
		}
		again, err := ParseURI(k.URI())
		if err != nil {
			t.Fatalf("its own uri is refused: %v", err)
		}
		if again.URI() != k.URI() || again.Account != k.Account || again.Issuer != k.Issuer {
			t.Fatalf("%v came back as %v", k, again)
		}
	})
}

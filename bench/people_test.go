//go:build bench

package bench

import (
	"crypto/sha256"
	"encoding/base32"
	"strconv"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"twofold/internal/lab"
)

// person is a user of the directory with a token.
type person struct{ name, password, secret string }

func makePeople(n int) []person {
	people := make([]person, n)
	for i := range people {
		p := &people[i]
		p.name, p.password = lab.BulkUser(i)
		seed := sha256.Sum256([]byte("bench " + strconv.Itoa(i)))
		p.secret = base32.StdEncoding.EncodeToString(seed[:20])
	}
	return people
}

// typed is what the person types into the password field now.
func (p person) typed(t *testing.T) string {
	code, err := totp.GenerateCode(p.secret, time.Now())
	if err != nil {
		t.Errorf("making a code: %v", err)
	}
	return p.password + code
}

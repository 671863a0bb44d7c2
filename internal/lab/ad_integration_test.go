//go:build integration

package lab

import (
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

func TestAD(t *testing.T) {
	began := time.Now()
	ad := StartAD(t, ADConfig{})
	t.Logf("ready after %v", time.Since(began))
	began = time.Now()
	ad.AddUser(t, User{Name: "alice", Password: "correct horse"})
	t.Logf("a user after %v", time.Since(began))
	began = time.Now()
	if err := ad.Bind(t, "alice@corp.example.com", "correct horse"); err != nil {
		t.Fatal(err)
	}
	t.Logf("a bind after %v", time.Since(began))
	err := ad.Bind(t, "alice@corp.example.com", "wrong")
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) || !strings.Contains(err.Error(), "data 52e") {
		t.Error(err)
	}
	t.Log(err)
}

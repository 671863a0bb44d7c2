package lab

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/go-ldap/ldap/v3"
)

// Admin returns a connection with SYSTEM's rights: Samba's privileged unix
// socket, which asks for no bind and needs no TLS. It is shared; searches and
// changes may run side by side, do not bind on it.
func (ad *AD) Admin(t testing.TB) *ldap.Conn {
	t.Helper()
	ad.mu.Lock()
	defer ad.mu.Unlock()
	if ad.admin != nil && !ad.admin.IsClosing() {
		return ad.admin
	}
	conn, err := ad.dialAdmin()
	if err != nil {
		t.Fatalf("connecting as the administrator: %v", err)
	}
	ad.admin = conn // closed with the AD: a subtest's end is not its end
	return conn
}

func (ad *AD) dialAdmin() (*ldap.Conn, error) {
	socket := filepath.Join(ad.dir, "private", "ldap_priv", "ldapi")
	c, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return nil, err
	}
	conn := ldap.NewConn(c, false)
	conn.SetTimeout(30 * time.Second)
	conn.Start()
	return conn, nil
}

// closeConn closes a connection. Its server may have been stopped before, so
// an error is told and no fault.
func closeConn(t testing.TB, c *ldap.Conn) {
	t.Helper()
	if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Logf("closing a connection: %v", err)
	}
}

// Dial connects over TLS as a client that trusts the CA, without a bind.
func (ad *AD) Dial(t testing.TB) *ldap.Conn {
	t.Helper()
	conn, err := ldap.DialURL(ad.URL(), ldap.DialWithTLSConfig(ad.TLS()),
		ldap.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}))
	if err != nil {
		t.Fatalf("connecting to samba: %v", err)
	}
	conn.SetTimeout(30 * time.Second)
	t.Cleanup(func() { closeConn(t, conn) })
	return conn
}

// Bind tries a name (UPN, DOMAIN\name or DN) and a password on a connection
// of its own.
func (ad *AD) Bind(t testing.TB, name, password string) error {
	t.Helper()
	conn := ad.Dial(t)
	defer closeConn(t, conn)
	return conn.Bind(name, password)
}

// prepare sets what every test wants: no demands on passwords, no lockout,
// and the service account.
func (ad *AD) prepare(t testing.TB) {
	t.Helper()
	ad.domain(t, map[string]string{
		"pwdProperties": "0", "minPwdLength": "1", "minPwdAge": "0",
		"maxPwdAge": never, "lockoutThreshold": "0",
	})
	ad.AddUser(t, User{Name: "svc-twofold", Password: ad.BindPassword})
}

// never is the longest of AD's negative intervals.
const never = "-9223372036854775808"

// interval writes a duration as AD does: negative, in 100 ns.
func interval(d time.Duration) string { return fmt.Sprint(-int64(d / 100)) }

// filetime writes a time as AD does: 100 ns since 1601.
func filetime(at time.Time) string { return fmt.Sprint(at.UnixNano()/100 + 116444736000000000) }

// domain sets attributes of the domain's own entry.
func (ad *AD) domain(t testing.TB, values map[string]string) {
	t.Helper()
	ad.replace(t, ad.BaseDN, values)
}

func (ad *AD) replace(t testing.TB, dn string, values map[string]string) {
	t.Helper()
	m := ldap.NewModifyRequest(dn, nil)
	for attr, value := range values {
		m.Replace(attr, []string{value})
	}
	ad.modify(t, m)
}

func (ad *AD) modify(t testing.TB, m *ldap.ModifyRequest) {
	t.Helper()
	if err := ad.Admin(t).Modify(m); err != nil {
		t.Fatalf("changing %s: %v", m.DN, err)
	}
}

func (ad *AD) add(t testing.TB, dn string, attrs map[string][]string) string {
	t.Helper()
	r := ldap.NewAddRequest(dn, nil)
	for name, values := range attrs {
		r.Attribute(name, values)
	}
	if err := ad.Admin(t).Add(r); err != nil {
		t.Fatalf("adding %s: %v", dn, err)
	}
	return dn
}

// unicodePwd encodes a password as AD's attribute of that name wants it:
// quoted, in UTF-16LE.
func unicodePwd(password string) string {
	units := utf16.Encode([]rune(`"` + password + `"`))
	b := make([]byte, 0, 2*len(units))
	for _, u := range units {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

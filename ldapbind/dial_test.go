package ldapbind

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Answers to a StartTLS request and to a first bind, both success.
var (
	startTLSDone = []byte{0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, 0, 4, 0, 4, 0}
	bindDone     = []byte{0x30, 0x0c, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0}
)

// served dials a server that does what the test says.
func served(t *testing.T, d dialer, serve func(net.Conn)) (*conn, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		serve(c)
	}()
	t.Cleanup(func() { l.Close(); <-done })
	d.address, d.connect = l.Addr().String(), time.Second
	if d.timeout == 0 {
		d.timeout = time.Second
	}
	c, err := d.dial(soon(t))
	if err == nil {
		t.Cleanup(c.leave)
	}
	return c, err
}

// drain reads until the other side ends.
func drain(c net.Conn) {
	for b := make([]byte, 4096); ; {
		if _, err := c.Read(b); err != nil {
			return
		}
	}
}

func TestStartTLSTakesNothingFromBeforeTheHandshake(t *testing.T) {
	// Success for StartTLS, and with it the answer to a bind not yet sent.
	_, err := served(t, dialer{target: target{startTLS: true}}, func(c net.Conn) {
		if _, err := c.Write(append(startTLSDone[:len(startTLSDone):len(startTLSDone)], bindDone...)); err == nil {
			drain(c)
		}
	})
	if err == nil || err.Error() != "asking for StartTLS: the server sent more than its answer" {
		t.Errorf("dialling gave %v", err)
	}
}

func TestStartTLSThatIsRefusedOrSilentEnds(t *testing.T) {
	for name, octets := range map[string][]byte{
		"refused":            {0x30, 0x0c, 2, 1, 1, 0x78, 7, 0x0a, 1, 2, 4, 0, 4, 0},
		"answered as a bind": bindDone,
		"no LDAP":            []byte("HTTP/1.1 400 Bad Request\r\n\r\n"),
		"silent":             nil,
	} {
		from := time.Now()
		_, err := served(t, dialer{target: target{startTLS: true}}, func(c net.Conn) {
			if _, err := c.Write(octets); err == nil {
				drain(c)
			}
		})
		if took := time.Since(from); err == nil || took > 2*time.Second {
			t.Errorf("%s gave %v in %v", name, err, took)
		}
	}
}

func TestDiallingEndsWithItsContext(t *testing.T) {
	for name, where := range map[string]target{"a handshake": {tls: true}, "StartTLS": {startTLS: true}} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		where.address = l.Addr().String()
		d := dialer{target: where, connect: time.Minute, tlsConfig: &tls.Config{ServerName: "x"}}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		from := time.Now()
		if _, err := d.dial(ctx); err == nil || time.Since(from) > 5*time.Second {
			t.Errorf("%s gave %v in %v", name, err, time.Since(from))
		}
	}
}

// certified makes a certificate for 127.0.0.1, and a pool that trusts it.
func certified(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "dc1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestI04_WhetherABindWasSentIsKnownUnderTLS(t *testing.T) {
	certificate, pool := certified(t)
	for _, tt := range []struct {
		name  string
		where target
		serve func(net.Conn)
		sent  bool
	}{
		{"lost in clear", target{}, func(c net.Conn) { c.Read(make([]byte, 64)) }, true},
		{"lost in TLS", target{tls: true}, func(c net.Conn) {
			c = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}})
			c.Read(make([]byte, 64))
			c.Close()
		}, true},
		{"closed before, in clear", target{}, func(net.Conn) {}, false},
		{"closed before, in TLS", target{tls: true}, func(c net.Conn) {
			secured := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}})
			if secured.Handshake() == nil {
				secured.Close()
			}
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := served(t, dialer{target: tt.where, tlsConfig: &tls.Config{ServerName: "127.0.0.1", RootCAs: pool}}, tt.serve)
			if err != nil {
				t.Fatal(err)
			}
			for !tt.sent && c.whole() {
				time.Sleep(time.Millisecond)
			}
			if _, sent, err := c.bind(soon(t), "cn=a", "right"); err == nil || sent != tt.sent || c.whole() {
				t.Errorf("the bind gave %v, sent %v", err, sent)
			}
		})
	}
}

func TestI04_ABindThatCannotBeWrittenWasNotSent(t *testing.T) {
	near, far := net.Pipe() // nobody reads at the far end
	defer far.Close()
	s := &stream{Conn: near, raw: near, patience: 20 * time.Millisecond}
	c := &conn{Conn: ldap.NewConn(s, false), stream: s, timeout: time.Second}
	c.Start()
	if _, sent, err := c.bind(soon(t), "cn=a", "right"); err == nil || sent {
		t.Errorf("a bind that was not written gave %v, sent %v", err, sent)
	}
	c.leave()
}

func TestAConnectionThatEndsIsNotSilent(t *testing.T) {
	gate := make(chan struct{})
	c, err := served(t, dialer{}, func(net.Conn) { <-gate })
	if err != nil {
		t.Fatal(err)
	}
	if !c.stream.silent() || !c.whole() {
		t.Error("a fresh connection is taken for closed")
	}
	close(gate)
	for from := time.Now(); c.stream.silent(); time.Sleep(time.Millisecond) {
		if time.Since(from) > time.Second {
			t.Fatal("a closed connection is taken for open")
		}
	}
}

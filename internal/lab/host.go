package lab

import (
	"crypto/rand"
	"fmt"
	"net"
	"testing"
)

// freeHost picks a loopback address at random that nobody listens on. Of
// sixteen million addresses two tests will not pick the same.
func freeHost(t testing.TB, port string) string {
	t.Helper()
	for range 20 {
		var b [3]byte
		if _, err := rand.Read(b[:]); err != nil {
			t.Fatal(err)
		}
		// 64 to 191, and no last octet of 0 or 255: Samba takes an
		// address that looks like a network's or a broadcast for one.
		host := fmt.Sprintf("127.%d.%d.%d", 64+b[0]/2, b[1], 1+b[2]%254)
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return host
	}
	t.Fatalf("no loopback address with a free port %s", port)
	return ""
}

package main

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

func TestAWildcardListensOnItsOwnFamilyOnly(t *testing.T) {
	for name, other := range map[string]string{"0.0.0.0:0": "::1", "[::]:0": "127.0.0.1"} {
		t.Run(name, func(t *testing.T) {
			l, err := listenTCP(netip.MustParseAddrPort(name))
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := l.Close(); err != nil {
					t.Error(err)
				}
			}()
			_, port, err := net.SplitHostPort(l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			c, err := net.Dial("tcp", net.JoinHostPort(other, port))
			if err == nil {
				t.Errorf("%s answers too", c.RemoteAddr())
				err = c.Close()
			}
			if err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
				t.Error(err)
			}
		})
	}
}

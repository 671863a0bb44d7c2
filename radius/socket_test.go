package radius

import (
	"bytes"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

func control4(index int32, address string) []byte {
	return unix.PktInfo4(&unix.Inet4Pktinfo{Ifindex: index, Spec_dst: netip.MustParseAddr(address).As4()})
}

func control6(index uint32, address string) []byte {
	return unix.PktInfo6(&unix.Inet6Pktinfo{Ifindex: index, Addr: netip.MustParseAddr(address).As16()})
}

func TestTheAddressAskedBecomesTheAddressToAnswerFrom(t *testing.T) {
	for name, c := range map[string]struct{ received, want []byte }{
		"IPv4, over any interface":               {control4(7, "10.1.0.1"), control4(0, "10.1.0.1")},
		"IPv6, over any interface":               {control6(7, "2001:db8::1"), control6(0, "2001:db8::1")},
		"IPv4 on an IPv6 socket":                 {control6(7, "::ffff:10.1.0.1"), control6(0, "::ffff:10.1.0.1")},
		"link-local, over its own":               {control6(7, "fe80::1"), control6(7, "fe80::1")},
		"multicast is no address to answer from": {control6(7, "ff02::1"), nil},
		"none was told":                          {nil, nil},
		"half a message":                         {control4(7, "10.1.0.1")[:20], nil},
		"another message":                        {unix.UnixRights(1), nil},
	} {
		if got := turn(c.received); !bytes.Equal(got, c.want) {
			t.Errorf("%s: got %x, want %x", name, got, c.want)
		}
	}
}

package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

func holds(networks []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a) })
}

// peer is the caller's address: the connection's, or what trusted proxies say
// of it. X-Forwarded-For is read from its end, where each proxy appends whom
// it heard; the first address that is not a trusted proxy's is the caller's.
// Everything before it may be invented.
func (reach Reach) peer(r *http.Request) netip.Addr {
	addr := address(r.RemoteAddr)
	if !holds(reach.TrustedProxies, addr) {
		return addr
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, s := range slices.Backward(said) {
		next := address(strings.TrimSpace(s))
		if !next.IsValid() {
			return addr
		}
		addr = next
		if !holds(reach.TrustedProxies, addr) {
			return addr
		}
	}
	return addr
}

// address reads an address with or without a port; the zero one if it is
// neither.
func address(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap()
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

package conf

import (
	"fmt"
	"net/netip"
	"strings"
)

func (l *loader) checkHTTP(c *Config) {
	h := &c.HTTP
	h.PublicURL = strings.TrimRight(h.PublicURL, "/")
	switch {
	case h.CertFile != "" && h.KeyFile != "":
		l.checkPair("http.cert_file", "http.key_file", *h)
	case h.CertFile != "":
		l.fault("http.cert_file", "needs key_file too", "")
	case h.KeyFile != "":
		l.fault("http.key_file", "needs cert_file too", "")
	}
	for i, p := range h.TrustedProxies {
		if p.IsValid() && p.Bits() == 0 {
			l.fault(fmt.Sprintf("http.trusted_proxies[%d]", i), "would let everybody choose their own address", "name the proxies")
		}
	}
}

// checkListeners holds that no two TCP and no two UDP listeners want one
// address.
func (l *loader) checkListeners(c *Config) {
	l.checkRADIUS(c)
	if clash(c.HTTP.Listen, c.Ops.Listen) {
		l.fault("ops.listen", fmt.Sprintf("%s is taken by http.listen %s already", c.Ops.Listen, c.HTTP.Listen), "choose another port")
	}
	if ops := c.Ops.Listen; ops.IsValid() && !ops.Addr().IsLoopback() {
		l.warn("ops.listen", "metrics and health can be read by everybody who reaches it", "use a loopback address or a firewall")
	}
}

func (l *loader) checkRADIUS(c *Config) {
	if len(c.RADIUS.Listen) == 0 && len(c.Clients) > 0 && !l.badBelow("radius") {
		l.warn("radius.listen", "is empty: no client is answered", "")
	}
	for i, a := range c.RADIUS.Listen {
		for j := range i {
			if b := c.RADIUS.Listen[j]; clash(a, b) {
				l.fault(fmt.Sprintf("radius.listen[%d]", i), fmt.Sprintf("%s is taken by radius.listen[%d] %s already", a, j, b), "")
			}
		}
	}
}

// clash reports whether two sockets of one protocol cannot both be opened: one
// port, and one address or that of all.
func clash(a, b netip.AddrPort) bool {
	if !a.IsValid() || !b.IsValid() || a.Port() != b.Port() || a.Port() == 0 {
		return false
	}
	if a.Addr() == b.Addr() {
		return true
	}
	return a.Addr().Is4() == b.Addr().Is4() && (a.Addr().IsUnspecified() || b.Addr().IsUnspecified())
}

package radius

import (
	"maps"
	"net/netip"
	"slices"

	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2868"
	"layeh.com/radius/rfc6911"
)

// addressIn reads the person's address out of the attributes that can carry
// it. Each gives the zero Addr for anything but an address.
var addressIn = map[string]func(codec.Attributes) netip.Addr{
	"Calling-Station-Id":     func(a codec.Attributes) netip.Addr { return writtenAddress(a, rfc2865.CallingStationID_Type) },
	"Framed-IP-Address":      func(a codec.Attributes) netip.Addr { return binaryAddress(a, rfc2865.FramedIPAddress_Type, 4) },
	"Framed-IPv6-Address":    func(a codec.Attributes) netip.Addr { return binaryAddress(a, rfc6911.FramedIPv6Address_Type, 16) },
	"Tunnel-Client-Endpoint": func(a codec.Attributes) netip.Addr { return writtenAddress(a, rfc2868.TunnelClientEndpoint_Type) },
}

// AddressAttributes names the attributes that TrustAddressFrom takes.
func AddressAttributes() []string { return slices.Sorted(maps.Keys(addressIn)) }

func binaryAddress(attrs codec.Attributes, kind codec.Type, size int) netip.Addr {
	value, ok := only(attrs, kind)
	if !ok || len(value) != size {
		return netip.Addr{}
	}
	address, _ := netip.AddrFromSlice(value)
	return usable(address)
}

// writtenAddress takes an address alone or with a port behind it. MAC
// addresses and telephone numbers are none.
func writtenAddress(attrs codec.Attributes, kind codec.Type) netip.Addr {
	value, ok := only(attrs, kind)
	if !ok {
		return netip.Addr{}
	}
	if kind == rfc2868.TunnelClientEndpoint_Type && len(value) > 0 && value[0] <= 0x1F {
		value = value[1:] // the tag, RFC 2868 section 3.3
	}
	text := string(value)
	if address, err := netip.ParseAddr(text); err == nil {
		return usable(address)
	}
	if both, err := netip.ParseAddrPort(text); err == nil {
		return usable(both.Addr())
	}
	return netip.Addr{}
}

// usable gives the zero Addr for addresses nobody can have.
func usable(address netip.Addr) netip.Addr {
	address = address.Unmap()
	if address.Zone() != "" || address.IsUnspecified() || address.IsMulticast() {
		return netip.Addr{}
	}
	return address
}

// only finds an attribute that stands once. One that stands twice says nothing.
func only(attrs codec.Attributes, kind codec.Type) (value codec.Attribute, ok bool) {
	for _, a := range attrs {
		if a.Type != kind {
			continue
		}
		if ok {
			return nil, false
		}
		value, ok = a.Attribute, true
	}
	return value, ok
}

package radius

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"twofold/core"
)

// Rules are what a reload exchanges. Packets in flight keep those they came
// under. A Rules must not be changed once it was given to New or Swap.
type Rules struct {
	Clients      []Client
	Texts        Texts
	ChallengeTTL time.Duration // told to the NAS as Session-Timeout; 0: not told
}

// Client is who may ask, and how.
type Client struct {
	Core                        *core.Client
	Networks                    []netip.Prefix // source addresses; the longest prefix of all clients wins
	Secrets                     []*Secret      // the current one, and old ones while it is being changed
	RequireMessageAuthenticator bool
	TrustAddressFrom            string // one of AddressAttributes, which this NAS sets itself; empty: none
}

// table finds the client of a source address by the longest prefix (RFC 2865
// sections 2 and 3: by the address of the packet, never by an attribute).
type table struct {
	rules    Rules
	prefixes map[netip.Prefix]*Client
	lengths  [2][]int // of IPv4 and IPv6 prefixes, longest first
}

func newTable(rules Rules) (*table, error) {
	t := &table{rules: rules, prefixes: make(map[netip.Prefix]*Client)}
	t.rules.Texts = rules.Texts.withDefaults()
	var faults []error
	for i := range rules.Clients {
		faults = append(faults, t.add(&rules.Clients[i]))
	}
	for family := range t.lengths {
		slices.Sort(t.lengths[family])
		t.lengths[family] = slices.Compact(t.lengths[family])
		slices.Reverse(t.lengths[family])
	}
	return t, errors.Join(faults...)
}

func (t *table) add(c *Client) error {
	if err := c.check(); err != nil {
		return err
	}
	for _, network := range c.Networks {
		prefix, err := plain(network)
		if err != nil {
			return fmt.Errorf("radius client %q: %w", c.Core.Name, err)
		}
		if other, taken := t.prefixes[prefix]; taken {
			return fmt.Errorf("radius client %q: network %v belongs to client %q already", c.Core.Name, prefix, other.Core.Name)
		}
		t.prefixes[prefix] = c
		family := familyOf(prefix.Addr())
		t.lengths[family] = append(t.lengths[family], prefix.Bits())
	}
	return nil
}

func (c *Client) check() error {
	switch {
	case c.Core == nil:
		return errors.New("radius client without rules")
	case len(c.Networks) == 0:
		return fmt.Errorf("radius client %q: no networks", c.Core.Name)
	case len(c.Secrets) == 0 || slices.ContainsFunc(c.Secrets, (*Secret).isEmpty):
		return fmt.Errorf("radius client %q: no shared secret", c.Core.Name)
	case c.TrustAddressFrom != "" && addressIn[c.TrustAddressFrom] == nil:
		return fmt.Errorf("radius client %q: no address can be read from %q; one of %q can",
			c.Core.Name, c.TrustAddressFrom, AddressAttributes())
	}
	return nil
}

// share is how many of these places one client may take: all if there is no
// other, else half, so that one that floods leaves room for the rest (I12).
func (t *table) share(places int) int64 {
	if len(t.rules.Clients) > 1 {
		places = (places + 1) / 2
	}
	return int64(places)
}

// plain masks a prefix and turns a v4-mapped one into IPv4.
func plain(p netip.Prefix) (netip.Prefix, error) {
	if !p.IsValid() {
		return p, errors.New("network is not valid")
	}
	if !p.Addr().Is4In6() {
		return p.Masked(), nil
	}
	if p.Bits() < 96 {
		return p, fmt.Errorf("network %v is neither IPv4 nor IPv6; write the IPv4 network", p)
	}
	return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Masked(), nil
}

func familyOf(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

// find returns nil for an address that belongs to nobody.
func (t *table) find(source netip.Addr) *Client {
	source = source.Unmap()
	for _, bits := range t.lengths[familyOf(source)] {
		prefix, err := source.Prefix(bits)
		if err != nil {
			return nil
		}
		if c := t.prefixes[prefix]; c != nil {
			return c
		}
	}
	return nil
}

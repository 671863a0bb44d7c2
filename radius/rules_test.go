package radius

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"twofold/core"
)

func clientAt(name string, networks ...string) Client {
	c := localClient()
	c.Core = &core.Client{Name: name}
	c.Networks = nil
	for _, n := range networks {
		c.Networks = append(c.Networks, netip.MustParsePrefix(n))
	}
	return c
}

func TestTheLongestPrefixWinsInAnyOrder(t *testing.T) {
	clients := []Client{
		clientAt("world", "0.0.0.0/0"), clientAt("site", "10.0.0.0/8"), clientAt("net", "10.1.0.0/16", "2001:db8::/32"),
		clientAt("one", "10.1.2.3/32"), clientAt("six", "2001:db8:0:1::/64"), clientAt("mapped", "::ffff:172.16.0.0/108"),
	}
	for range len(clients) {
		clients = append(clients[1:], clients[0])
		table, err := newTable(Rules{Clients: clients})
		if err != nil {
			t.Fatal(err)
		}
		for source, want := range map[string]string{
			"10.1.2.3": "one", "10.1.2.4": "net", "10.2.2.3": "site", "192.0.2.1": "world", "::ffff:10.1.2.3": "one",
			"2001:db8:0:1::5": "six", "2001:db8:0:2::5": "net", "2001:db9::1": "nobody", "172.16.0.9": "mapped",
			"172.32.0.9": "world", "2001:db8:0:1::5%eth0": "six",
		} {
			got := "nobody"
			if c := table.find(netip.MustParseAddr(source)); c != nil {
				got = c.Core.Name
			}
			if got != want {
				t.Errorf("%s belongs to %s, want %s", source, got, want)
			}
		}
	}
}

func TestFaultyRulesAreRefusedWithAllFaults(t *testing.T) {
	noSecret := clientAt("quiet", "10.0.0.0/8")
	noSecret.Secrets = nil
	emptySecret := clientAt("empty", "10.9.0.0/16")
	emptySecret.Secrets = []*Secret{NewSecret(nil)}
	badTrust := clientAt("gullible", "10.2.0.0/16")
	badTrust.TrustAddressFrom = "User-Name"
	err := Check(Rules{Clients: []Client{
		noSecret, emptySecret, badTrust, clientAt("a", "10.3.0.0/16"), clientAt("b", "10.3.0.5/16"),
		clientAt("nowhere"), clientAt("half", "::ffff:0.0.0.0/90"), {},
	}})
	for _, want := range []string{
		`"quiet": no shared secret`, `"empty": no shared secret`, `"gullible"`, "Calling-Station-Id",
		`"b": network 10.3.0.0/16 belongs to client "a"`, `"nowhere": no networks`, `"half"`, "without rules",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

func TestI10_ASecretIsNeverPrinted(t *testing.T) {
	c := localClient()
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(format, c) + fmt.Sprintf(format, c.Secrets[0]); strings.Contains(got, testSecret) || strings.Contains(got, fmt.Sprintf("%x", testSecret)) {
			t.Errorf("%s prints the secret", format)
		}
	}
}

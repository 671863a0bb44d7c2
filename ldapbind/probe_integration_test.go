//go:build integration

package ldapbind_test

import (
	"strings"
	"testing"
	"time"

	"twofold/internal/lab"
	"twofold/ldapbind"
)

func TestProbeOfAHealthyDomain(t *testing.T) {
	ad := lab.StartAD(t, lab.ADConfig{})
	ad.LockoutThreshold(t, 6)
	got := open(t, corp(ad)).Probe(within(t, 10*time.Second))
	for _, check := range []string{"name", "connect", "bind", "search", "identity", "clock", "lockout", "groups"} {
		if f := finding(got, check); f.Verdict != ldapbind.OK {
			t.Errorf("%s: %+v", check, f)
		}
	}
	if f := finding(got, "tls"); f.Verdict != ldapbind.Warn || f.Remedy == "" {
		t.Errorf("a certificate that ends tomorrow: %+v", f)
	}
	if f := finding(got, "settings"); f.Verdict != ldapbind.Warn || !strings.Contains(f.Remedy, "Password Settings Container") {
		t.Errorf("an unprivileged account and settings objects: %+v", f)
	}
}

func finding(list []ldapbind.Finding, check string) ldapbind.Finding {
	for _, f := range list {
		if f.Check == check {
			return f
		}
	}
	return ldapbind.Finding{}
}

func TestProbeNamesWhatIsWrong(t *testing.T) {
	ad := lab.StartAD(t, lab.ADConfig{NegativeSerial: true})
	s := lab.StartSlapd(t, lab.SlapdConfig{})
	gone := lab.NewProxy(t, s.Addr())
	gone.Set(t, lab.Refuse)
	stranger := lab.NewCA(t)
	for _, tt := range []struct {
		name, check, says string
		config            func() ldapbind.Config
	}{
		{"a negative serial number", "tls", "negative serial number", func() ldapbind.Config { return corp(ad) }},
		{"a server that is off", "connect", "firewall", func() ldapbind.Config {
			c := plain(s)
			c.URLs = []string{"ldaps://" + gone.Addr()}
			return c
		}},
		{"another authority", "tls", "ca_file", func() ldapbind.Config {
			c := plain(s)
			c.CAs = stranger.Pool
			return c
		}},
		{"TLS on a port that has none", "tls", "starttls", func() ldapbind.Config {
			c := plain(s)
			c.URLs = []string{strings.Replace(s.PlainURL(), "ldap:", "ldaps:", 1)}
			return c
		}},
		{"a wrong password", "bind", "bind_password", func() ldapbind.Config {
			c := plain(s)
			c.BindPassword = "wrong"
			return c
		}},
		{"a wrong base", "search", "base_dn", func() ldapbind.Config {
			c := plain(s)
			c.BaseDN = "ou=nowhere," + c.BaseDN
			return c
		}},
		{"a name that is nobody's", "name", "DNS", func() ldapbind.Config {
			c := plain(s)
			c.URLs = []string{"ldaps://dc1.invalid"}
			return c
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := open(t, tt.config()).Probe(within(t, 10*time.Second))
			f := finding(got, tt.check)
			if f.Verdict != ldapbind.Fail || !strings.Contains(f.Remedy, tt.says) || f.Detail == "" {
				t.Errorf("found %+v", got)
			}
		})
	}
}

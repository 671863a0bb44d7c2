package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"twofold/conf"
	"twofold/core"
	"twofold/core/otp"
)

// loaded is a configuration that says something of everything.
func loaded(t *testing.T, text string) *conf.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "twofold.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := conf.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const everything = `
directories:
  - {name: corp, urls: [ldaps://dc1.example.com], base_dn: "dc=example,dc=com", bind_user: svc@example.com, bind_password: Zq8mWv5Ty7Bn}
clients:
  - {name: plain, networks: [10.0.0.0/8], secret: kU3xq8Zr1mWv5Ty7}
  - name: strange
    networks: [10.1.0.0/16]
    secrets: [kU3xq8Zr1mWv5Ty8, kU3xq8Zr1mWv5Ty9]
    mode: append
    password_check: immediate
    code_position: prefix
    separator: ","
    require_message_authenticator: false
    second_factor: none
    allow_exclusions: false
    trust_address_from: Calling-Station-Id
    deadline: 9s
    on_failure: reject
    reject_floor: 2s
    unenrolled: allow
    unenrolled_until: 2031-01-31
  - {name: codes, networks: [10.2.0.0/16], secret: kU3xq8Zr1mWv5Ty6, mode: challenge, second_factor: only, unenrolled: enrol}
otp: {issuer: Corp, digits: 8, period: 60s, algorithm: SHA256, window: 2}
challenge: {ttl: 90s, tries: 5}
required_for: {users: [adm-*], groups: [VPN]}
enrol_show_key: true
enrolment: {networks: [192.0.2.0/24], proof: invitation}
exclusions:
  - {users: [svc-*], groups: [Old], clients: [strange], networks: [10.9.0.0/24], until: 2031-03-31, reason: old}
throttle: {burst: 5, per_30_days: 50, familiar_sources: 4, password_failures: 2}
events: {keep: 30d, max_size: 64MiB}
http: {trusted_proxies: [192.0.2.1], admin_networks: [192.0.2.0/25]}
`

func TestRulesAreThoseOfTheConfiguration(t *testing.T) {
	s, err := newSnapshot(loaded(t, everything))
	if err != nil {
		t.Fatal(err)
	}
	want := &core.Rules{
		Issuer:      "Corp",
		OTP:         otp.Params{Algorithm: otp.SHA256, Digits: 8, Period: time.Minute, Window: 2},
		Challenge:   core.ChallengeRules{TTL: 90 * time.Second, Tries: 5},
		RequiredFor: core.RequiredFor{Users: []string{"adm-*"}, Groups: []string{"VPN"}},
		Enrolment:   core.EnrolmentRules{ShowKey: true, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Invitation: true},
		Exclusions: []core.Exclusion{{
			Users: []string{"svc-*"}, Groups: []string{"Old"}, Clients: []string{"strange"},
			Networks: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/24")}, Reason: "old",
			Until: time.Date(2031, 4, 1, 0, 0, 0, 0, time.Local),
		}},
		Throttle: core.ThrottleRules{Burst: 5, Per30Days: 50, FamiliarSources: 4, PasswordFailures: 2},
		Events:   core.EventRules{Keep: 30 * 24 * time.Hour, MaxSize: 64 << 20},
	}
	if diff := cmp.Diff(want, s.rules, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestClientsAreThoseOfTheConfiguration(t *testing.T) {
	s, err := newSnapshot(loaded(t, everything))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]*core.Client{
		"plain": {Name: "plain", AllowExclusions: true, Deadline: 4 * time.Second, RejectFloor: time.Second},
		"strange": {
			Name: "strange", Mode: core.Append, Check: core.Immediate, Position: core.Prefix, Separator: ",",
			Factor: core.FactorNone, Unenrolled: core.AllowUnenrolled, UnenrolledUntil: time.Date(2031, 2, 1, 0, 0, 0, 0, time.Local),
			Deadline: 9 * time.Second, RejectFloor: 2 * time.Second, RejectOnFailure: true,
		},
		"codes": {
			Name: "codes", Mode: core.ChallengeOnly, Factor: core.FactorOnly, AllowExclusions: true,
			Unenrolled: core.EnrolUnenrolled, Deadline: 4 * time.Second, RejectFloor: time.Second,
		},
	}
	if diff := cmp.Diff(want, s.clients); diff != "" {
		t.Error(diff)
	}
	for i, r := range s.radius.Clients {
		c := s.conf.Clients[i]
		if r.Core != s.clients[c.Name] || len(r.Secrets) != len(c.Secrets) || len(r.Networks) != len(c.Networks) ||
			r.RequireMessageAuthenticator != c.RequireMessageAuthenticator || r.TrustAddressFrom != c.TrustAddressFrom {
			t.Errorf("RADIUS client %s is %+v", c.Name, r)
		}
	}
	if s.radius.ChallengeTTL != 90*time.Second {
		t.Errorf("RADIUS says challenges last %v", s.radius.ChallengeTTL)
	}
}

func TestTheDefaultClientIsTheOnlyOneOrTheAPI(t *testing.T) {
	several, err := newSnapshot(loaded(t, everything))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"": "api", "api": "api", "plain": "plain"} {
		if got := several.client(name); got == nil || got.Name != want {
			t.Errorf("client %q is %+v, want %s", name, got, want)
		}
	}
	if got := several.client("nobody"); got != nil {
		t.Errorf("client nobody is %+v", got)
	}
	one := &snapshot{api: several.api, clients: map[string]*core.Client{"plain": several.clients["plain"]}}
	if got := one.client(""); got.Name != "plain" {
		t.Errorf("the default of one client is %s", got.Name)
	}
}

func TestGroupsAreReadOnlyIfARuleNamesOne(t *testing.T) {
	for _, c := range []struct {
		name string
		conf conf.Config
		want bool
	}{
		{"no rule", conf.Config{}, false},
		{"an exclusion of users", conf.Config{Exclusions: []conf.Exclusion{{Users: []string{"x"}}}}, false},
		{"an exclusion of a group", conf.Config{Exclusions: []conf.Exclusion{{}, {Groups: []string{"x"}}}}, true},
		{"a roll-out to a group", conf.Config{RequiredFor: conf.RequiredFor{Groups: []string{"x"}}}, true},
	} {
		if got := needGroups(&c.conf); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// A word that the configuration takes and build.go does not know would
// silently become the zero value.
func TestEveryWordOfAClientIsKnown(t *testing.T) {
	for field, known := range map[string]func(string) bool{
		"Mode":          func(w string) bool { _, ok := modes[w]; return ok },
		"PasswordCheck": func(w string) bool { _, ok := checks[w]; return ok },
		"CodePosition":  func(w string) bool { _, ok := positions[w]; return ok },
		"SecondFactor":  func(w string) bool { _, ok := factors[w]; return ok },
		"Unenrolled":    func(w string) bool { _, ok := unenrolled[w]; return ok },
	} {
		f, ok := reflect.TypeFor[conf.Client]().FieldByName(field)
		if !ok || f.Tag.Get("enum") == "" {
			t.Fatalf("conf.Client has no words for %s", field)
		}
		for _, word := range strings.Split(f.Tag.Get("enum"), "|") {
			if !known(word) {
				t.Errorf("%s: %s is not known", field, word)
			}
		}
	}
}

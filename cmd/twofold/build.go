package main

import (
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	"twofold/conf"
	"twofold/core"
	"twofold/core/otp"
	"twofold/httpapi"
	"twofold/ldapbind"
	"twofold/radius"
	"twofold/storage"
	"twofold/storage/badger"
)

// snapshot is everything a reload replaces, made of one configuration.
type snapshot struct {
	conf    *conf.Config
	rules   *core.Rules
	clients map[string]*core.Client
	api     *core.Client // of POST /api/v1/auth
	radius  radius.Rules
	reach   httpapi.Reach
}

// newSnapshot opens nothing and reaches nobody.
func newSnapshot(c *conf.Config) (*snapshot, error) {
	algorithm, err := otp.ParseAlgorithm(c.OTP.Algorithm)
	if err != nil {
		return nil, fmt.Errorf("otp.algorithm: %w", err)
	}
	s := &snapshot{conf: c, rules: buildRules(c, algorithm), api: buildAPIClient(c), clients: map[string]*core.Client{}}
	s.radius.ChallengeTTL = time.Duration(c.Challenge.TTL)
	for _, one := range c.Clients {
		made := buildClient(one)
		s.clients[one.Name] = made
		s.radius.Clients = append(s.radius.Clients, buildRADIUSClient(one, made))
	}
	s.reach = httpapi.Reach{AdminNetworks: c.HTTP.AdminNetworks, TrustedProxies: c.HTTP.TrustedProxies}
	return s, radius.Check(s.radius)
}

// client finds a client by name. Without one it is the only one there is, or
// the HTTP API's.
func (s *snapshot) client(name string) *core.Client {
	if name == "" && len(s.clients) == 1 {
		for _, only := range s.clients {
			return only
		}
	}
	if name == "" {
		return s.api
	}
	if found := s.clients[name]; found != nil {
		return found
	}
	if name == s.api.Name {
		return s.api
	}
	return nil
}

func buildRules(c *conf.Config, algorithm otp.Algorithm) *core.Rules {
	r := &core.Rules{
		Issuer: c.OTP.Issuer,
		OTP: otp.Params{
			Algorithm: algorithm, Digits: uint8(c.OTP.Digits),
			Period: time.Duration(c.OTP.Period), Window: uint8(c.OTP.Window),
		},
		Challenge:   core.ChallengeRules{TTL: time.Duration(c.Challenge.TTL), Tries: c.Challenge.Tries},
		RequiredFor: core.RequiredFor{Users: c.RequiredFor.Users, Groups: c.RequiredFor.Groups},
		Enrolment: core.EnrolmentRules{
			ShowKey: c.EnrolShowKey, Networks: c.Enrolment.Networks, Invitation: c.Enrolment.Proof == "invitation",
		},
		Throttle: core.ThrottleRules{
			Burst: c.Throttle.Burst, Per30Days: c.Throttle.Per30Days,
			FamiliarSources: c.Throttle.FamiliarSources, PasswordFailures: c.Throttle.PasswordFailures,
		},
		Events: core.EventRules{Keep: time.Duration(c.Events.Keep), MaxSize: int64(c.Events.MaxSize)},
	}
	for _, e := range c.Exclusions {
		r.Exclusions = append(r.Exclusions, core.Exclusion{
			Users: e.Users, Groups: e.Groups, Clients: e.Clients, Networks: e.Networks,
			Until: end(e.Until), Reason: e.Reason,
		})
	}
	return r
}

// end is the first moment after the day; of no day there is none.
func end(d conf.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.End(time.Local)
}

var (
	modes      = map[string]core.Mode{"append": core.Append, "challenge": core.ChallengeOnly, "both": core.Both}
	checks     = map[string]core.PasswordCheck{"deferred": core.Deferred, "immediate": core.Immediate}
	positions  = map[string]core.CodePosition{"suffix": core.Suffix, "prefix": core.Prefix}
	factors    = map[string]core.SecondFactor{"required": core.FactorRequired, "none": core.FactorNone, "only": core.FactorOnly}
	unenrolled = map[string]core.Unenrolled{
		"refuse": core.RefuseUnenrolled, "enrol": core.EnrolUnenrolled, "allow": core.AllowUnenrolled,
		"forward": core.RefuseUnenrolled, // until there are upstream servers to forward to
	}
)

func buildClient(c conf.Client) *core.Client {
	return &core.Client{
		Name: c.Name, Mode: modes[c.Mode], Check: checks[c.PasswordCheck],
		Position: positions[c.CodePosition], Separator: c.Separator, Factor: factors[c.SecondFactor],
		AllowExclusions: c.AllowExclusions,
		Unenrolled:      unenrolled[c.Unenrolled], UnenrolledUntil: end(c.UnenrolledUntil),
		Deadline: time.Duration(c.Deadline), RejectFloor: time.Duration(c.RejectFloor),
		RejectOnFailure: c.OnFailure == "reject",
	}
}

// buildAPIClient has the rules of logins by the HTTP API, which are those of a
// client that leaves everything at its default.
func buildAPIClient(c *conf.Config) *core.Client {
	return &core.Client{
		Name: "api", Mode: core.Both, Check: core.Deferred, AllowExclusions: true,
		Unenrolled: unenrolled[c.Unenrolled], UnenrolledUntil: end(c.UnenrolledUntil),
		Deadline: 4 * time.Second, RejectFloor: time.Second,
	}
}

func buildRADIUSClient(c conf.Client, made *core.Client) radius.Client {
	r := radius.Client{
		Core: made, Networks: c.Networks,
		RequireMessageAuthenticator: c.RequireMessageAuthenticator, TrustAddressFrom: c.TrustAddressFrom,
	}
	for _, secret := range c.Secrets {
		r.Secrets = append(r.Secrets, radius.NewSecret([]byte(secret.Reveal())))
	}
	return r
}

// buildDirectories reads the authorities' certificates; onBind may be nil.
func buildDirectories(c *conf.Config, onBind func(directory string, o core.Outcome, took time.Duration)) ([]ldapbind.Config, error) {
	var all []ldapbind.Config
	for _, d := range c.Directories {
		authorities, err := loadAuthorities(d.CAFile)
		if err != nil {
			return nil, fmt.Errorf("directory %s: %w", d.Name, err)
		}
		one := ldapbind.Config{
			Name: d.Name, Kind: ldapbind.Kind(d.Kind), URLs: d.URLs,
			StartTLS: d.StartTLS, Insecure: d.Insecure, CAs: authorities,
			BaseDN: d.BaseDN, BindUser: d.BindUser, BindPassword: d.BindPassword.Reveal(),
			UPNSuffixes: d.UPNSuffixes, NetBIOS: d.NetBIOSName, Default: d.Default, LoginNames: d.LoginNames,
			UserAttribute: d.UserAttribute, IDAttribute: d.IDAttribute, UserFilter: d.UserFilter,
			NeedGroups:     needGroups(c),
			ConnectTimeout: time.Duration(d.ConnectTimeout), Timeout: time.Duration(d.Timeout), Cache: time.Duration(d.Cache),
		}
		if onBind != nil {
			one.OnBind = func(took time.Duration, o core.Outcome) { onBind(d.Name, o, took) }
		}
		all = append(all, one)
	}
	return all, nil
}

// needGroups tells whether any rule asks for groups; if none does, reading
// them would only be work for the directory.
func needGroups(c *conf.Config) bool {
	if len(c.RequiredFor.Groups) > 0 {
		return true
	}
	for _, e := range c.Exclusions {
		if len(e.Groups) > 0 {
			return true
		}
	}
	return false
}

func loadAuthorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("ca_file %s holds no certificate (hint: it must be PEM, as openssl x509 writes it)", path)
	}
	return pool, nil
}

func buildStorage(c *conf.Config, first, acceptLoss bool, warn func(string)) storage.Config {
	return storage.Config{
		StateDir: c.StateDir, KeyFile: c.MasterKeyFile, Witness: c.Path + ".store",
		Engine: badger.Open, Examine: badger.Examine, Init: first, AcceptLoss: acceptLoss, Warn: warn,
	}
}

func buildCertificate(c *conf.Config) httpapi.CertConfig {
	cert := httpapi.CertConfig{CertFile: c.HTTP.CertFile, KeyFile: c.HTTP.KeyFile, StateDir: c.StateDir}
	if public, err := url.Parse(c.HTTP.PublicURL); err == nil && public.Hostname() != "" {
		cert.Hosts = append(cert.Hosts, public.Hostname())
	}
	if ip := c.HTTP.Listen.Addr(); ip.IsValid() && !ip.IsUnspecified() {
		cert.Hosts = append(cert.Hosts, net.IP(ip.AsSlice()).String())
	}
	return cert
}

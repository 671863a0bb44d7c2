package conf

import "net/netip"

// OTP is the shape of new tokens.
type OTP struct {
	// The name an authenticator app shows beside the account.
	Issuer string `yaml:"issuer" default:"Twofold" required:"true" example:"Example Corp" check:"issuer"`

	// Digits of a code.
	Digits int `yaml:"digits" default:"6" min:"6" max:"8"`

	// How long one code is shown. Whole seconds; some apps know only 30s.
	Period Duration `yaml:"period" default:"30s" min:"15s" max:"120s"`

	// The hash function. Some apps ignore anything but SHA1.
	Algorithm string `yaml:"algorithm" default:"SHA1" enum:"SHA1|SHA256|SHA512"`

	// How many periods a token's clock may be fast or slow.
	Window int `yaml:"window" default:"1" min:"0" max:"10"`
}

// Challenge bounds the second leg.
type Challenge struct {
	// How long a challenge may be answered.
	TTL Duration `yaml:"ttl" default:"2m" min:"15s" max:"5m"`

	// How many codes may be tried in one dialogue that began with a right password.
	Tries int `yaml:"tries" default:"3" min:"1" max:"10"`
}

// RequiredFor names those who need a second factor during a roll-out.
type RequiredFor struct {
	// Login names, DOMAIN\user or UPNs in any case; * stands for any characters, ?
	// for one.
	Users []string `yaml:"users" alt:"[\"adm-*\"]" max:"10000" check:"pattern"`

	// Groups by name or DN; members of nested groups count.
	Groups []string `yaml:"groups" alt:"[VPN Users]" max:"1000" check:"text"`
}

// Enrolment says from where and with what proof a user may enrol.
type Enrolment struct {
	// From these networks the password is proof enough. From elsewhere, and where
	// the person's address is unknown, an invitation or a temporary code is needed.
	Networks []netip.Prefix `yaml:"networks" default:"10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8,fc00::/7,::1/128" max:"256"`

	// password, or invitation to ask for one from everywhere.
	Proof string `yaml:"proof" default:"password" enum:"password|invitation"`
}

// Exclusion lets some log in without a second factor.
type Exclusion struct {
	// Login names, DOMAIN\user or UPNs in any case; * stands for any characters, ?
	// for one. Mail addresses never match.
	Users []string `yaml:"users" alt:"[\"svc-*\", backup]" max:"10000" check:"pattern"`

	// Groups by name or DN; members of nested groups count.
	Groups []string `yaml:"groups" alt:"[Service Accounts]" max:"1000" check:"text"`

	// Names of clients, as they are written there.
	Clients []string `yaml:"clients" alt:"[vpn]" max:"4096" check:"text"`

	// Addresses of the client, or of the person where the client is trusted for it.
	Networks []netip.Prefix `yaml:"networks" alt:"[10.9.0.0/24]" max:"1024"`

	// The last day, YYYY-MM-DD, on which the entry holds. Empty: for ever.
	Until Date `yaml:"until" alt:"2027-03-31"`

	// Why, for those who read it next year.
	Reason string `yaml:"reason" alt:"cannot type a code" check:"note"`
}

// Throttle bounds how many guesses are judged.
type Throttle struct {
	// Wrong codes of one user that are judged at once.
	Burst int `yaml:"burst" default:"10" min:"3" max:"50"`

	// Wrong codes of one user that are judged within 30 days. Beyond it two
	// consecutive codes are asked for; nobody is locked out.
	Per30Days int `yaml:"per_30_days" default:"100" min:"10" max:"100"`

	// How many sources with a recent login count apart from the strangers.
	FamiliarSources int `yaml:"familiar_sources" default:"8" min:"0" max:"8"`

	// Wrong passwords that may reach the directory where it sets no lockout
	// threshold itself.
	PasswordFailures int `yaml:"password_failures" default:"3" min:"1" max:"20"`
}

// Events bounds the audit log.
type Events struct {
	// How long an event is kept.
	Keep Duration `yaml:"keep" default:"400d" min:"1d" max:"3660d"`

	// How much disk events may take before the oldest go.
	MaxSize Size `yaml:"max_size" default:"1GiB" min:"16MiB" max:"1TiB"`
}

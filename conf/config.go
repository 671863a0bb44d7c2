package conf

import "net/netip"

// Config is one configuration file, checked and with every default filled in.
//
// The comments of its fields, and of the fields of its parts, are the text of
// twofold.yaml(5) and of the sample file; the tags are what the loader obeys.
type Config struct {
	// Path is the file it was read from, as given to Load.
	Path string `yaml:"-"`

	// Where the database, the generated keys and the admin socket live. It is
	// created with mode 0700 at the first start.
	StateDir string `yaml:"state_dir" default:"/var/lib/twofold" required:"true" check:"path"`

	// The file with the key under which every record is sealed. It is made with
	// mode 0600 when it does not exist; keep a copy apart from the backups of the
	// database. Empty: master.key in state_dir.
	MasterKeyFile string `yaml:"master_key_file" check:"path"`

	// What is written to standard error.
	Log Log `yaml:"log"`

	// Where accounts, tokens and events are kept.
	Storage Storage `yaml:"storage"`

	// The directories that know the users. Every login name resolves to one entry
	// in one of them.
	Directories []Directory `yaml:"directories" required:"true" max:"16"`

	// The RADIUS front-end.
	RADIUS RADIUS `yaml:"radius"`

	// The RADIUS clients: VPN gateways, firewalls, switches. A packet belongs to
	// the client with the longest prefix that holds its source address; packets
	// from elsewhere are dropped.
	Clients []Client `yaml:"clients" max:"4096"`

	// New one-time-code tokens. Tokens that exist keep their own parameters.
	OTP OTP `yaml:"otp"`

	// The second leg of a login by challenge.
	Challenge Challenge `yaml:"challenge"`

	// Who needs a second factor while it is being rolled out. Empty: everybody.
	RequiredFor RequiredFor `yaml:"required_for"`

	// What happens to a user who has never enrolled: refuse; enrol, by a challenge
	// after the password was found right; allow, by password alone and only up to
	// unenrolled_until; forward, which is refused until upstream servers can be
	// configured. A user whose token was reset, removed or disabled has enrolled
	// before and never falls under allow or forward.
	Unenrolled string `yaml:"unenrolled" default:"refuse" enum:"refuse|enrol|allow|forward"`

	// The last day, YYYY-MM-DD, on which unenrolled applies; after it: refuse.
	// allow needs it.
	UnenrolledUntil Date `yaml:"unenrolled_until"`

	// Whether the challenge of unenrolled: enrol shows the key itself. It then
	// passes through the RADIUS client, its logs and its screens.
	EnrolShowKey bool `yaml:"enrol_show_key" default:"false"`

	// From where, and with what proof, a user may enrol.
	Enrolment Enrolment `yaml:"enrolment"`

	// Who logs in without a second factor. Kinds of criterion within one entry
	// must all match, of the values of one kind any one; an entry needs at least
	// one criterion.
	Exclusions []Exclusion `yaml:"exclusions" max:"1000" sample:"off"`

	// How many guesses are judged.
	Throttle Throttle `yaml:"throttle"`

	// The audit log.
	Events Events `yaml:"events"`

	// The HTTP API.
	HTTP HTTP `yaml:"http"`

	// The unix socket through which the commands reach the running server; mode
	// 0660, and the peer's credentials are checked. Empty: admin.sock in state_dir.
	AdminSocket string `yaml:"admin_socket" check:"path"`

	// Metrics and health.
	Ops Ops `yaml:"ops"`
}

// Log says what is written to standard error.
type Log struct {
	// How much is logged.
	Level string `yaml:"level" default:"info" enum:"debug|info|warn|error"`

	// How a log line is written.
	Format string `yaml:"format" default:"text" enum:"text|json"`
}

// Storage chooses the engine under the store.
type Storage struct {
	// The database engine. etcd is refused until it is built in.
	Engine string `yaml:"engine" default:"badger" enum:"badger|etcd"`
}

// RADIUS is the RADIUS front-end.
type RADIUS struct {
	// UDP addresses to listen on. An empty list turns RADIUS off. Port 0 takes any
	// free port and is for loopback addresses only.
	Listen []netip.AddrPort `yaml:"listen" default:"0.0.0.0:1812" max:"64"`
}

// HTTP is the front-end of the HTTP API.
type HTTP struct {
	// TCP address of the HTTPS server. Empty turns it off.
	Listen netip.AddrPort `yaml:"listen" default:"0.0.0.0:8443"`

	// How the HTTP API is reached from outside, as through a proxy. Its host name
	// goes into the self-signed certificate.
	PublicURL string `yaml:"public_url" example:"https://otp.example.com" check:"url"`

	// PEM file with the certificate and its chain; read again when it changes.
	// Empty, like key_file: a self-signed pair is made in state_dir.
	CertFile string `yaml:"cert_file" check:"path"`

	// PEM file with the key of cert_file.
	KeyFile string `yaml:"key_file" check:"path"`

	// Proxies whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies" max:"256"`

	// Networks from which the HTTP API may be used, but for POST /api/v1/auth.
	// Empty: from everywhere.
	AdminNetworks []netip.Prefix `yaml:"admin_networks" max:"256"`
}

// Ops is the listener of metrics and health checks.
type Ops struct {
	// TCP address of /metrics, /livez and /readyz, in clear and without a
	// password. Empty turns it off.
	Listen netip.AddrPort `yaml:"listen" default:"127.0.0.1:9812"`
}

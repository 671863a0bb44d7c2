package conf

import "net/netip"

// Client is one RADIUS client, or a group of them that share rules and secret.
//
// Load brings the secrets into Secrets, whichever way they were given, and fills
// Unenrolled and UnenrolledUntil in from the global ones where they are not
// overridden.
type Client struct {
	// A name for logs, commands and exclusions.
	Name string `yaml:"name" example:"vpn" required:"true" check:"name"`

	// Source addresses. A plain address stands for itself alone.
	Networks []netip.Prefix `yaml:"networks" example:"10.1.0.0/24" required:"true" max:"1024"`

	// The shared secret. Better kept in secret_file.
	Secret Secret `yaml:"secret" alt:"\"\""`

	// File with the shared secret.
	SecretFile string `yaml:"secret_file" example:"secrets/vpn" check:"path"`

	// Several shared secrets while one is being changed; each is tried.
	Secrets []Secret `yaml:"secrets" alt:"[new, old]" max:"4"`

	// File with several shared secrets, one a line.
	SecretsFile string `yaml:"secrets_file" alt:"secrets/vpn-both" check:"path"`

	// Where the code is typed: append, behind the password; challenge, when asked
	// for; both, where an appended code is used and a challenge follows without.
	Mode string `yaml:"mode" default:"both" enum:"append|challenge|both"`

	// When a challenge binds: deferred, once and after the code was found right;
	// immediate, before the challenge, so that wrong passwords reach the directory.
	PasswordCheck string `yaml:"password_check" default:"deferred" enum:"deferred|immediate"`

	// On which side of the password an appended code stands.
	CodePosition string `yaml:"code_position" default:"suffix" enum:"suffix|prefix"`

	// What stands between password and appended code. Empty: nothing does.
	Separator string `yaml:"separator" alt:"\",\"" check:"separator"`

	// Whether packets without a Message-Authenticator are dropped (Blast-RADIUS,
	// CVE-2024-3596). Turn it off only for a client that cannot send one.
	RequireMessageAuthenticator bool `yaml:"require_message_authenticator" default:"true"`

	// required: password and code; none: password alone; only: code alone, where
	// the client checks the password itself. The account's state is always read.
	SecondFactor string `yaml:"second_factor" default:"required" enum:"required|none|only"`

	// Whether exclusions apply to logins over this client.
	AllowExclusions bool `yaml:"allow_exclusions" default:"true"`

	// The attribute that carries the person's own address, where this client sets
	// it itself. Empty: none is believed.
	TrustAddressFrom string `yaml:"trust_address_from" enum:"Calling-Station-Id|Framed-IP-Address|Framed-IPv6-Address|Tunnel-Client-Endpoint"`

	// How long an answer may take. Keep it below what the client waits for.
	Deadline Duration `yaml:"deadline" default:"4s" min:"500ms" max:"60s"`

	// What is answered while directory or store cannot: drop, so that the client
	// tries its second server, or reject.
	OnFailure string `yaml:"on_failure" default:"drop" enum:"drop|reject"`

	// A refusal is never sent sooner than this, so that its time tells nothing.
	// Less than deadline.
	RejectFloor Duration `yaml:"reject_floor" default:"1s" min:"0" max:"30s"`

	// Overrides unenrolled for this client.
	Unenrolled string `yaml:"unenrolled" alt:"enrol" enum:"refuse|enrol|allow|forward"`

	// Overrides unenrolled_until for this client.
	UnenrolledUntil Date `yaml:"unenrolled_until" alt:"2027-03-31"`
}

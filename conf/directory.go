package conf

// Directory is one Active Directory domain or LDAP server.
type Directory struct {
	// A name for logs and commands. Records do not depend on it.
	Name string `yaml:"name" example:"corp" required:"true" check:"name"`

	// ad for Active Directory and Samba, ldap for OpenLDAP, FreeIPA and others.
	Kind string `yaml:"kind" default:"ad" enum:"ad|ldap"`

	// The servers, in order of preference. ldaps:// is the usual scheme; ldap://
	// is taken only with starttls: true, or with insecure: true for a lab.
	URLs []string `yaml:"urls" example:"ldaps://dc1.corp.example.com,ldaps://dc2.corp.example.com" required:"true" max:"16" check:"ldapurl"`

	// Whether ldap:// connections are upgraded to TLS before anything else is
	// sent. There is no way back to plaintext.
	StartTLS bool `yaml:"starttls" default:"false"`

	// Whether ldap:// may be used without TLS, passwords in clear. For a lab.
	Insecure bool `yaml:"insecure" default:"false"`

	// PEM file with the authorities that sign the servers' certificates. Empty:
	// those of the operating system.
	CAFile string `yaml:"ca_file" alt:"corp-ca.pem" check:"path"`

	// The entry below which users are searched.
	BaseDN string `yaml:"base_dn" example:"DC=corp,DC=example,DC=com" required:"true" check:"dn"`

	// The service account that searches: a UPN, DOMAIN\user or a DN. It needs to
	// read users and groups, nothing more.
	BindUser string `yaml:"bind_user" example:"svc-twofold@corp.example.com" required:"true" check:"text"`

	// The service account's password. Better kept in bind_password_file.
	BindPassword Secret `yaml:"bind_password" alt:"\"\""`

	// File with the service account's password.
	BindPasswordFile string `yaml:"bind_password_file" example:"secrets/ldap" check:"path"`

	// UPN suffixes that belong to this directory, added to those the forest lists.
	UPNSuffixes []string `yaml:"upn_suffixes" example:"corp.example.com,example.com" max:"256" check:"domain"`

	// The domain in DOMAIN\user. Empty: what the directory itself says.
	NetBIOSName string `yaml:"netbios_name" example:"CORP" check:"netbios"`

	// Whether names without a domain belong here. Of several directories exactly
	// one is the default; one alone always is.
	Default bool `yaml:"default" default:"false" example:"true"`

	// Which names a user may log in with: sam (sAMAccountName, or user_attribute
	// of kind ldap), upn (userPrincipalName), mail. mail never outranks the others.
	LoginNames []string `yaml:"login_names" default:"sam,upn" required:"true" enum:"sam|upn|mail"`

	// The attribute with the login name; kind ldap only.
	UserAttribute string `yaml:"user_attribute" default:"uid" required:"true" check:"attribute"`

	// The attribute with an entry's unchangeable id; kind ldap only. FreeIPA:
	// ipaUniqueID. Do not change it later: every account would be another one.
	IDAttribute string `yaml:"id_attribute" default:"entryUUID" required:"true" check:"attribute"`

	// An LDAP filter that users must match besides.
	UserFilter string `yaml:"user_filter" check:"filter"`

	// How long connecting to one server may take, TLS included.
	ConnectTimeout Duration `yaml:"connect_timeout" default:"1s" min:"50ms" max:"30s"`

	// How long one search or bind may take.
	Timeout Duration `yaml:"timeout" default:"2s" min:"50ms" max:"30s"`

	// How long a resolved entry is remembered; 0 turns it off.
	Cache Duration `yaml:"cache" default:"30s" min:"0" max:"10m"`
}

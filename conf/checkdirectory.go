package conf

import (
	"fmt"
	"strings"
)

func (l *loader) checkDirectories(c *Config) {
	for i := range c.Directories {
		l.checkDirectory(fmt.Sprintf("directories[%d].", i), &c.Directories[i])
	}
	l.checkDirectoryNames(c)
	l.checkDefault(c)
}

func (l *loader) checkDirectory(at string, d *Directory) {
	l.checkSchemes(at, d)
	l.checkAuthorities(at+"ca_file", d.CAFile)
	l.loadBindPassword(at, d)
	if d.Kind == "ad" && d.UserAttribute != "uid" {
		l.warn(at+"user_attribute", "has no effect with kind: ad", "it is for kind: ldap")
	}
	if d.Kind == "ad" && d.IDAttribute != "entryUUID" {
		l.warn(at+"id_attribute", "has no effect with kind: ad", "it is for kind: ldap")
	}
	if d.Kind == "ldap" && d.NetBIOSName != "" {
		l.warn(at+"netbios_name", "has no effect with kind: ldap", "it is for kind: ad")
	}
}

// checkSchemes keeps passwords from travelling in clear by mistake.
func (l *loader) checkSchemes(at string, d *Directory) {
	plain := false
	for i, u := range d.URLs {
		if !strings.HasPrefix(strings.ToLower(u), "ldap://") {
			continue
		}
		plain = true
		if !d.StartTLS && !d.Insecure {
			l.fault(fmt.Sprintf("%surls[%d]", at, i), "ldap:// would send passwords in clear",
				"use ldaps://, or add starttls: true; insecure: true is for a lab")
		}
	}
	switch {
	case d.StartTLS && d.Insecure:
		l.fault(at+"insecure", "excludes starttls: true", "remove one")
	case d.Insecure && plain:
		l.warn(at+"insecure", "passwords travel in clear", "for a lab only; use ldaps://")
	case d.Insecure:
		l.warn(at+"insecure", "has no effect without ldap:// URLs", "certificates are checked all the same")
	case d.StartTLS && !plain:
		l.warn(at+"starttls", "has no effect without ldap:// URLs", "")
	}
}

func (l *loader) loadBindPassword(at string, d *Directory) {
	inline, file := !d.BindPassword.IsZero(), d.BindPasswordFile != ""
	switch {
	case inline && file:
		l.fault(at+"bind_password_file", "excludes bind_password", "remove one")
	case file:
		d.BindPassword = l.secretFrom(at+"bind_password_file", d.BindPasswordFile)
	case !inline && !l.bad[at+"bind_password"] && !l.bad[at+"bind_password_file"]:
		l.fault(at+"bind_password_file", "is missing", "for example bind_password_file: secrets/ldap")
	}
}

func (l *loader) checkDirectoryNames(c *Config) {
	first := map[string]string{}
	suffixes := map[string]string{}
	for i, d := range c.Directories {
		key := fmt.Sprintf("directories[%d]", i)
		l.unique(first, key+".name", d.Name)
		for j, s := range d.UPNSuffixes {
			l.uniqueAmong(suffixes, fmt.Sprintf("%s.upn_suffixes[%d]", key, j), s, key)
		}
	}
}

// unique reports a name, in any case, that another key has already.
func (l *loader) unique(first map[string]string, key, name string) {
	l.uniqueAmong(first, key, name, key)
}

// uniqueAmong lets one owner name a thing twice, but not two.
func (l *loader) uniqueAmong(first map[string]string, key, name, owner string) {
	if name == "" {
		return
	}
	name = strings.ToLower(name)
	if other, ok := first[name]; ok && other != owner {
		l.fault(key, fmt.Sprintf("is taken by %s on line %d already", other, l.find(other).line), "")
		return
	}
	first[name] = owner
}

// checkDefault holds that bare names belong to exactly one directory.
func (l *loader) checkDefault(c *Config) {
	if len(c.Directories) == 1 {
		if key := "directories[0].default"; l.given(key) && !c.Directories[0].Default {
			l.warn(key, "has no effect: the only directory is the default", "")
		}
		c.Directories[0].Default = true
		return
	}
	first := -1
	for i, d := range c.Directories {
		switch {
		case d.Default && first >= 0:
			l.fault(fmt.Sprintf("directories[%d].default", i), fmt.Sprintf("directories[%d] is the default already", first), "names without a domain belong to one")
		case d.Default:
			first = i
		}
	}
	if first < 0 && len(c.Directories) > 1 {
		l.fault("directories", "none of them is the default", "add default: true to the one that names without a domain belong to")
	}
}

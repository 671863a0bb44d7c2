package conf

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// forms judge the text of a key by the name in its check tag. None sees "".
var forms = map[string]func(string) problem{
	"path":      func(s string) problem { return plainText(s, 4096) },
	"text":      func(s string) problem { return plainText(s, 1024) },
	"note":      func(s string) problem { return plainText(s, 500) },
	"pattern":   func(s string) problem { return plainText(s, 256) },
	"name":      matches(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`, "is not a name", "letters, digits, dots, - and _, at most 63"),
	"domain":    domainForm,
	"netbios":   matches(`^[^\\/:*?"<>|.@\s]{1,15}$`, "is not a NetBIOS domain name", "such as CORP, at most 15 characters"),
	"attribute": matches(`^[A-Za-z][A-Za-z0-9;-]{0,63}$|^\d+(\.\d+)+$`, "is not an LDAP attribute name", ""),
	"issuer":    issuerForm,
	"separator": separatorForm,
	"dn":        dnForm,
	"filter":    filterForm,
	"ldapurl":   ldapURLForm,
	"url":       publicURLForm,
}

func matches(pattern, message, hint string) func(string) problem {
	re := regexp.MustCompile(pattern)
	return func(s string) problem {
		if re.MatchString(s) {
			return problem{}
		}
		return problem{message, hint}
	}
}

func issuerForm(s string) problem {
	if strings.Contains(s, ":") {
		return problem{"holds a colon, at which authenticator apps split the label", "leave it out"}
	}
	return plainText(s, 64)
}

func separatorForm(s string) problem {
	if strings.ContainsAny(s, "0123456789") {
		return problem{"holds a digit, which could belong to a code", "use a character that is no digit"}
	}
	return plainText(s, 8)
}

var domain = matches(`^[\pL\pN_]([\pL\pN_-]*[\pL\pN_])?(\.[\pL\pN_]([\pL\pN_-]*[\pL\pN_])?)*$`, "is not a domain name", "such as corp.example.com")

func domainForm(s string) problem {
	if strings.HasPrefix(s, "@") {
		return problem{"starts with @", "write it without the @"}
	}
	if len(s) > 253 {
		return problem{"is longer than 253 octets", ""}
	}
	return domain(s)
}

func dnForm(s string) problem {
	if _, err := ldap.ParseDN(s); err != nil {
		return problem{"is not a DN", "such as DC=corp,DC=example,DC=com"}
	}
	return plainText(s, 1024)
}

func filterForm(s string) problem {
	if p := plainText(s, 2048); p.message != "" {
		return p
	}
	if _, err := ldap.CompileFilter(s); err != nil {
		return problem{"is not an LDAP filter", "such as (department=IT)"}
	}
	return problem{}
}

func ldapURLForm(s string) problem {
	u, p := plainURL(s)
	if p.message != "" {
		return p
	}
	if u.Scheme != "ldap" && u.Scheme != "ldaps" {
		return problem{"has another scheme than ldaps:// or ldap://", "such as ldaps://dc1.corp.example.com"}
	}
	return problem{}
}

func publicURLForm(s string) problem {
	u, p := plainURL(s)
	if p.message != "" {
		return p
	}
	if u.Scheme != "https" {
		return problem{"is not an https:// URL", "such as https://otp.example.com"}
	}
	return problem{}
}

// plainURL takes scheme, host and port, and nothing else that a URL can have.
func plainURL(s string) (*url.URL, problem) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Scheme == "" || u.Hostname() == "" || strings.ContainsAny(s, " \t\r\n"):
		return nil, problem{"is not a URL", "scheme://host or scheme://host:port"}
	case u.User != nil:
		return nil, problem{"must not carry a user or password", "scheme://host or scheme://host:port"}
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return nil, problem{"has something after host and port", "scheme://host or scheme://host:port"}
	case !goodPort(u):
		return nil, problem{"has a port that is not between 1 and 65535", ""}
	}
	return u, problem{}
}

func goodPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.Atoi(u.Port())
	return err == nil && n >= 1 && n <= 65535
}

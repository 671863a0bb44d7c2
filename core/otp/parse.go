package otp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// MaxURI is the longest URI that ParseURI looks at, in octets.
const MaxURI = 4096

// ParseURI reads an otpauth URI as authenticator apps and other servers export
// it. Absent parameters have their defaults, unknown ones are passed over;
// what would make other codes than the phone's (counters, Steam's alphabet,
// secrets in two parts, a parameter given twice) is refused. No error shows any
// of the URI's secret.
func ParseURI(s string) (Key, error) {
	u, query, err := splitURI(strings.TrimSpace(s))
	if err != nil {
		return Key{}, err
	}
	k := Key{Params: Default()}
	if k.Secret, err = ParseSecret(query.Get("secret")); err != nil {
		return Key{}, err
	}
	if k.Params, err = parseParams(query); err != nil {
		return Key{}, err
	}
	k.Issuer, k.Account = parseLabel(u, query)
	if err := k.Validate(); err != nil {
		return Key{}, err
	}
	return k, nil
}

// splitURI checks everything about the URI's shape. The errors of net/url
// quote the URI, and are therefore not passed on.
func splitURI(s string) (*url.URL, url.Values, error) {
	if len(s) > MaxURI {
		return nil, nil, fmt.Errorf("uri is longer than %d octets", MaxURI)
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, nil, errors.New("not a uri, or badly escaped")
	}
	if err := checkType(u); err != nil {
		return nil, nil, err
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, nil, errors.New("parameters of the uri are badly escaped")
	}
	return u, query, checkQuery(query)
}

func checkType(u *url.URL) error {
	switch {
	case u.Scheme == "otpauth-migration":
		return errors.New("an authenticator's export code, not a single otpauth uri")
	case u.Scheme != "otpauth":
		return errors.New("uri does not begin with otpauth://totp/")
	case strings.EqualFold(u.Host, "hotp"):
		return errors.New("counter-based tokens (hotp) are not supported, only totp")
	case !strings.EqualFold(u.Host, "totp") || u.User != nil:
		return errors.New("uri does not begin with otpauth://totp/")
	case u.Fragment != "":
		return errors.New(`uri has a "#" in it, which must be written %23`)
	}
	return nil
}

// checkQuery refuses what is ambiguous, and extensions that change the codes.
func checkQuery(query url.Values) error {
	for name, values := range query {
		known := strings.Contains(" secret issuer algorithm digits period encoder ", " "+name+" ")
		if known && len(values) > 1 {
			return fmt.Errorf("parameter %s is given %d times", name, len(values))
		}
		if strings.HasPrefix(name, "2step_") {
			return errors.New("secret is only the server's half of a two-step enrolment")
		}
	}
	if query.Get("encoder") != "" {
		return errors.New("codes in another alphabet (parameter encoder) are not supported")
	}
	if !query.Has("secret") {
		return errors.New("parameter secret is missing")
	}
	return nil
}

func parseParams(query url.Values) (p Params, err error) {
	p = Default()
	if s := query.Get("algorithm"); s != "" {
		if p.Algorithm, err = ParseAlgorithm(s); err != nil {
			return p, err
		}
	}
	if s := query.Get("digits"); s != "" {
		n, err := strconv.ParseUint(s, 10, 8)
		if err != nil {
			return p, errors.New("parameter digits is not a number")
		}
		p.Digits = uint8(n)
	}
	if s := query.Get("period"); s != "" {
		n, err := strconv.ParseUint(s, 10, 16)
		if err != nil {
			return p, errors.New("parameter period is not a number of seconds")
		}
		p.Period = time.Duration(n) * time.Second
	}
	return p, nil
}

// parseLabel finds issuer and account. Where the label begins with the issuer
// of the parameter, the rest is the account. Otherwise the first colon parts
// them, escaped or not, except that an escaped one belongs to the account where
// the parameter says that there is no issuer. The parameter outranks the label.
func parseLabel(u *url.URL, query url.Values) (issuer, account string) {
	label := strings.TrimPrefix(u.Path, "/")
	issuer = strings.TrimSpace(query.Get("issuer"))
	if rest, ok := strings.CutPrefix(label, issuer+":"); ok && issuer != "" {
		return issuer, strings.TrimSpace(rest)
	}
	bare := query.Has("issuer") && issuer == "" && !strings.Contains(u.EscapedPath(), ":")
	before, after, found := strings.Cut(label, ":")
	if !found || bare {
		return issuer, strings.TrimSpace(label)
	}
	if issuer == "" {
		issuer = strings.TrimSpace(before)
	}
	return issuer, strings.TrimSpace(after)
}

package conf

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func parseText(s string) (any, problem) { return s, plainText(s, 4096) }

// parseSecret bounds a secret; nothing of it goes into the problem.
func parseSecret(s string) (any, problem) {
	switch {
	case len(s) > 256:
		return Secret{}, problem{"is longer than 256 octets", ""}
	case strings.ContainsAny(s, "\x00\r\n"):
		return Secret{}, problem{"holds a line break or NUL", "write it in one line"}
	case s == "":
		return Secret{}, problem{}
	}
	return NewSecret(s), problem{}
}

func parseBool(s string) (any, problem) {
	if s != "true" && s != "false" {
		return false, problem{"is not true or false", ""}
	}
	return s == "true", problem{}
}

func parseInt(s string) (any, problem) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, problem{"is not a whole number", ""}
	}
	return n, problem{}
}

var (
	days   = regexp.MustCompile(`^(\d{1,5})d(.*)$`)
	digits = regexp.MustCompile(`^\d+$`)
)

func parseDuration(s string) (any, problem) {
	if s == "0" {
		return Duration(0), problem{}
	}
	bad := problem{"is not a duration", "such as 30s, 5m, 1h30m or 400d"}
	if digits.MatchString(s) {
		return Duration(0), problem{"has no unit", "such as 30s, 5m, 1h30m or 400d"}
	}
	var whole time.Duration
	if m := days.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return Duration(0), bad
		}
		whole, s = time.Duration(n)*24*time.Hour, m[2]
		if s == "" {
			return Duration(whole), problem{}
		}
	}
	rest, err := time.ParseDuration(s)
	if err != nil || rest < 0 || rest > math.MaxInt64-whole {
		return Duration(0), bad
	}
	return Duration(whole + rest), problem{}
}

var (
	size  = regexp.MustCompile(`^(\d{1,18}) ?(B|KiB|MiB|GiB|TiB)$`)
	units = map[string]int64{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
)

func parseSize(s string) (any, problem) {
	bad := problem{"is not a size", "such as 512MiB or 1GiB"}
	m := size.FindStringSubmatch(s)
	if m == nil {
		return Size(0), bad
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || n > math.MaxInt64/units[m[2]] {
		return Size(0), bad
	}
	return Size(n * units[m[2]]), problem{}
}

func parseDate(s string) (any, problem) {
	if s == "" {
		return Date{}, problem{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 2000 {
		return Date{}, problem{"is not a date", "YYYY-MM-DD"}
	}
	return Date{t.Year(), t.Month(), t.Day()}, problem{}
}

func parsePrefix(s string) (any, problem) {
	bad := problem{"is not a network", "such as 10.1.0.0/24 or 2001:db8::/32"}
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), problem{}
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return netip.Prefix{}, bad
	case p.Addr().Is4In6():
		return netip.Prefix{}, problem{"is an IPv4 network in IPv6 form", "write it in IPv4 form"}
	case p != p.Masked():
		return netip.Prefix{}, problem{"has bits set beyond its length", "did you mean " + p.Masked().String() + "?"}
	}
	return p, problem{}
}

// parseListen takes an address and a port. Port 0 is left to tests and demos.
func parseListen(s string) (any, problem) {
	if s == "" {
		return netip.AddrPort{}, problem{}
	}
	ap, err := netip.ParseAddrPort(s)
	switch {
	case err != nil:
		return netip.AddrPort{}, problem{"is not an IP address and port", "such as 0.0.0.0:1812 or [::]:1812"}
	case ap.Port() == 0 && !ap.Addr().IsLoopback():
		return netip.AddrPort{}, problem{"has port 0, which is for loopback addresses only", "give a port from 1 to 65535"}
	}
	return ap, problem{}
}

// plainText refuses what has no business in a line of configuration.
func plainText(s string, most int) problem {
	if len(s) > most {
		return problem{fmt.Sprintf("is longer than %d octets", most), ""}
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return problem{"holds a control character or line break", ""}
	}
	return problem{}
}

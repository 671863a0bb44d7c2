package conf

import (
	"fmt"
	"regexp"
	"slices"
	"time"
)

func (l *loader) checkState(c *Config) {
	if c.Storage.Engine == "etcd" {
		l.fault("storage.engine", "etcd is not built in yet", "use badger")
	}
	if c.MasterKeyFile != "" {
		l.checkMode("master_key_file", c.MasterKeyFile)
	}
}

// checkEnrolling checks unenrolled of all and of each client, and lets the
// clients inherit what they do not override.
func (l *loader) checkEnrolling(c *Config) {
	l.checkUnenrolled(c, "", c.Unenrolled, c.UnenrolledUntil)
	for i := range c.Clients {
		cl, at := &c.Clients[i], fmt.Sprintf("clients[%d].", i)
		own := cl.Unenrolled != "" || !cl.UnenrolledUntil.IsZero()
		if cl.Unenrolled == "" {
			cl.Unenrolled = c.Unenrolled
		}
		if cl.UnenrolledUntil.IsZero() {
			cl.UnenrolledUntil = c.UnenrolledUntil
		}
		if own {
			l.checkUnenrolled(c, at, cl.Unenrolled, cl.UnenrolledUntil)
		}
	}
}

func (l *loader) checkUnenrolled(c *Config, at, rule string, until Date) {
	key := at + "unenrolled"
	switch {
	case rule == "forward":
		l.fault(key, "forward needs upstream servers, which cannot be configured yet", "use refuse, enrol or allow")
	case rule == "allow" && until.IsZero():
		if !l.bad[key+"_until"] {
			l.fault(key, "allow lets users in without a code and needs an end", "add unenrolled_until: YYYY-MM-DD")
		}
	case rule == "enrol" && !c.EnrolShowKey:
		l.warn(key, "enrol without enrol_show_key: true has no way yet to show users their key", "enrol them by twofold user enrol")
	}
	if rule != "refuse" && l.over(until) {
		l.warn(key+"_until", fmt.Sprintf("%s is over: unenrolled users are refused", until), "")
	}
}

// over reports whether an inclusive end date has passed.
func (l *loader) over(d Date) bool {
	return !d.IsZero() && !l.now.Before(d.End(l.now.Location()))
}

func (l *loader) checkExclusions(c *Config) {
	var names []string
	for _, cl := range c.Clients {
		names = append(names, cl.Name)
	}
	for i, e := range c.Exclusions {
		l.checkExclusion(fmt.Sprintf("exclusions[%d]", i), e, names)
	}
	l.checkPatterns("required_for.users", c.RequiredFor.Users)
}

func (l *loader) checkExclusion(key string, e Exclusion, clients []string) {
	if len(e.Users)+len(e.Groups)+len(e.Clients)+len(e.Networks) == 0 && !l.badBelow(key) {
		l.fault(key, "has no criterion", "name users, groups, clients or networks")
	}
	if e.Reason == "" {
		l.warn(key, "has no reason", "add reason: for those who read it next year")
	}
	if l.over(e.Until) {
		l.warn(key+".until", fmt.Sprintf("%s is over: the entry excludes nobody", e.Until), "remove it")
	}
	l.checkPatterns(key+".users", e.Users)
	for i, name := range e.Clients {
		if name != "" && !slices.Contains(clients, name) {
			l.warn(fmt.Sprintf("%s.clients[%d]", key, i), "there is no such client", l.clientHint(name, clients))
		}
	}
}

// clientHint names the client that was probably meant. Where there are aliases,
// a client's name may stand for a secret, and is not repeated.
func (l *loader) clientHint(name string, clients []string) string {
	if l.aliased {
		return ""
	}
	return nearHint(name, clients)
}

var everybody = regexp.MustCompile(`^[*?]*\*[*?]*$`)

// checkPatterns warns of a pattern that everybody matches.
func (l *loader) checkPatterns(key string, patterns []string) {
	for i, p := range patterns {
		if everybody.MatchString(p) {
			l.warn(fmt.Sprintf("%s[%d]", key, i), fmt.Sprintf("%s matches everybody", quote(p)), "")
		}
	}
}

// badBelow reports whether a key within key has a fault, so that what it was
// meant to say is not known.
func (l *loader) badBelow(key string) bool {
	for bad := range l.bad {
		if len(bad) > len(key) && bad[:len(key)] == key && (bad[len(key)] == '.' || bad[len(key)] == '[') {
			return true
		}
	}
	return l.bad[key]
}

func (l *loader) checkLimits(c *Config) {
	if t := c.Throttle; t.Burst > t.Per30Days {
		l.fault("throttle.burst", fmt.Sprintf("%d is more than per_30_days, %d", t.Burst, t.Per30Days), "")
	}
	if time.Duration(c.OTP.Period)%time.Second != 0 {
		l.fault("otp.period", c.OTP.Period.String()+" is not a number of whole seconds", "")
	}
	if len(c.Enrolment.Networks) == 0 && c.Enrolment.Proof == "password" && !l.badBelow("enrolment") {
		l.warn("enrolment.networks", "is empty: every enrolment needs an invitation", "proof: invitation says so plainly")
	}
}

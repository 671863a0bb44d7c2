package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"twofold/conf"
	"twofold/httpapi"
)

// secretFindings judges shared secrets without showing any. RFC 2865 section 3
// wants 16 octets; whoever sees a packet can try shorter ones at leisure.
func secretFindings(cfg *conf.Config) (all []httpapi.Finding) {
	for i, c := range cfg.Clients {
		for _, secret := range c.Secrets {
			if weak := weakness(secret.Reveal(), c.Name); weak != "" {
				all = append(all, httpapi.Finding{Area: "secret", Subject: "client " + c.Name, Level: httpapi.Warning, Text: "the shared secret " + weak,
					Hint: "make one with `openssl rand -base64 24`; secrets takes the new and the old one while it is being changed"})
			}
		}
		if at := slices.IndexFunc(cfg.Clients[:i], func(other conf.Client) bool { return shared(c, other) }); at >= 0 {
			all = append(all, httpapi.Finding{Area: "secret", Subject: "client " + c.Name, Level: httpapi.Warning,
				Text: "the shared secret is that of client " + cfg.Clients[at].Name + " too", Hint: "give each client its own: who has one device has both"})
		}
	}
	if len(all) == 0 && len(cfg.Clients) > 0 {
		all = append(all, httpapi.Finding{Area: "secret", Level: httpapi.OK, Text: fmt.Sprintf("those of %s are long enough and differ", plural(len(cfg.Clients), "client"))})
	}
	return all
}

func shared(a, b conf.Client) bool {
	for _, x := range a.Secrets {
		for _, y := range b.Secrets {
			if x.Equal(y) {
				return true
			}
		}
	}
	return false
}

// weakness says what is wrong with a secret, in words that do not give it away.
func weakness(secret, client string) string {
	different := map[rune]bool{}
	for _, r := range secret {
		different[r] = true
	}
	low := strings.ToLower(secret)
	switch {
	case len(secret) < 16:
		return "is shorter than 16 octets"
	case len(different) < 8:
		return "has fewer than 8 different characters"
	case strings.Contains(low, "testing123") || strings.Contains(low, "password") || strings.Contains(low, "secret"):
		return "holds a word that is tried first"
	case len(client) > 3 && strings.Contains(low, strings.ToLower(client)):
		return "holds the client's name"
	}
	return ""
}

// clockFindings asks the kernel whether something keeps the clock right:
// codes are worth what the clock is.
func clockFindings() []httpapi.Finding {
	f := httpapi.Finding{Area: "clock", Level: httpapi.OK, Text: "is being kept right"}
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		f.Level, f.Text = httpapi.Warning, "the kernel does not tell: "+err.Error()
	case state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0:
		f.Level, f.Text = httpapi.Warning, "nothing keeps this machine's clock right"
		f.Hint = "install chrony or turn systemd-timesyncd on: a clock that is wrong by a minute refuses everybody"
	}
	return []httpapi.Finding{f}
}

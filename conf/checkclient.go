package conf

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

func (l *loader) checkClients(c *Config) {
	if len(c.Clients) == 0 && !l.bad["clients"] {
		l.warn("clients", "there are none: nothing can log in over RADIUS", "")
	}
	first := map[string]string{}
	networks := map[netip.Prefix]string{}
	for i := range c.Clients {
		at := fmt.Sprintf("clients[%d].", i)
		l.unique(first, at+"name", c.Clients[i].Name)
		l.checkNetworks(at, c.Clients[i], networks)
		l.loadSecrets(at, &c.Clients[i])
		l.checkTimes(at, c.Clients[i], c.Directories)
		l.checkFactors(at, c.Clients[i])
	}
}

// checkNetworks holds that no source address belongs to two clients with equal
// right.
func (l *loader) checkNetworks(at string, cl Client, taken map[netip.Prefix]string) {
	for i, p := range cl.Networks {
		key := fmt.Sprintf("%snetworks[%d]", at, i)
		other, ok := taken[p]
		switch {
		case !p.IsValid():
		case ok && !strings.HasPrefix(other, at):
			l.fault(key, fmt.Sprintf("%s belongs to %s on line %d already", p, other, l.find(other).line), "")
		case p.Bits() == 0:
			l.warn(key, "every address of the network can ask, and guess the secret", "name the client's own network")
		}
		if !ok {
			taken[p] = key
		}
	}
}

// loadSecrets brings the secrets, whichever way they were given, into Secrets.
func (l *loader) loadSecrets(at string, cl *Client) {
	ways := []struct {
		key   string
		given bool
		load  func(key string) []Secret
	}{
		{"secret", !cl.Secret.IsZero(), func(string) []Secret { return []Secret{cl.Secret} }},
		{"secret_file", cl.SecretFile != "", func(k string) []Secret { return []Secret{l.secretFrom(k, cl.SecretFile)} }},
		{"secrets", len(cl.Secrets) > 0, func(string) []Secret { return cl.Secrets }},
		{"secrets_file", cl.SecretsFile != "", func(k string) []Secret { return l.secretsFrom(k, cl.SecretsFile) }},
	}
	used, faulty := "", false
	for _, w := range ways {
		faulty = faulty || l.bad[at+w.key]
		switch {
		case w.given && used != "":
			l.fault(at+w.key, "excludes "+used, "remove one")
		case w.given:
			used = w.key
			cl.Secrets = w.load(at + w.key)
		}
	}
	if used == "" && !faulty {
		l.fault(at+"secret_file", "is missing", "for example secret_file: secrets/vpn")
	}
	l.checkStrength(at+used, cl.Secrets)
}

// secretsFrom reads the secrets of a file, one a line.
func (l *loader) secretsFrom(key, path string) []Secret {
	text, ok := l.secretFile(key, path)
	if !ok {
		return nil
	}
	var secrets []Secret
	for line := range strings.Lines(text) {
		x, p := parseSecret(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
		s := x.(Secret)
		if p.message == "" && s.IsZero() {
			p.message = "is an empty line"
		}
		if p.message != "" {
			l.fault(key, fmt.Sprintf("secret %d of the file %s", len(secrets)+1, p.message), "")
			return nil
		}
		secrets = append(secrets, s)
	}
	if len(secrets) > 4 {
		l.fault(key, fmt.Sprintf("the file has %d secrets, at most 4 are allowed", len(secrets)), "one a line")
	}
	return secrets
}

func (l *loader) checkStrength(key string, secrets []Secret) {
	const enough = 16 // RFC 2865 section 3 asks for that
	for _, s := range secrets {
		if !s.IsZero() && len(s.Reveal()) < enough {
			l.warn(key, "a shared secret of less than 16 octets can be guessed", "openssl rand -base64 24")
			return
		}
	}
}

func (l *loader) checkTimes(at string, cl Client, directories []Directory) {
	if cl.RejectFloor >= cl.Deadline {
		key := at + "reject_floor"
		if !l.given(key) {
			key = at + "deadline"
		}
		l.fault(key, fmt.Sprintf("reject_floor %s is not less than deadline %s", cl.RejectFloor, cl.Deadline), "")
	}
	for i, d := range directories {
		if need := d.ConnectTimeout + d.Timeout; cl.Deadline < need {
			l.warn(at+"deadline", fmt.Sprintf("%s is less than connect_timeout and timeout of directories[%d], %s", cl.Deadline, i, need),
				"a slow server leaves no time for another")
			return
		}
	}
	if time.Duration(cl.Deadline) > 30*time.Second {
		l.warn(at+"deadline", "few clients wait longer than 30s", "")
	}
}

// checkFactors looks for rules of one client that contradict each other.
func (l *loader) checkFactors(at string, cl Client) {
	if cl.SecondFactor == "only" {
		if cl.PasswordCheck == "immediate" {
			l.fault(at+"password_check", "immediate has no password to check with second_factor: only", "remove it")
		}
		if cl.Mode == "challenge" {
			l.warn(at+"mode", "has no effect with second_factor: only, where the first packet carries the code", "")
		}
	}
	if cl.Separator != "" && cl.Mode == "challenge" {
		l.warn(at+"separator", "has no effect with mode: challenge", "")
	}
	if cl.SecondFactor == "none" {
		l.warn(at+"second_factor", "none lets everybody in with the password alone", "")
	}
	if !cl.RequireMessageAuthenticator {
		l.warn(at+"require_message_authenticator", "without it answers can be forged by Blast-RADIUS, CVE-2024-3596", "update the client, then turn it on")
	}
}

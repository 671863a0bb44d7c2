package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// RadClient sends RADIUS packets as Debian's radclient, the way a NAS does.
// Measured on 3.2.1: it sends no Message-Authenticator unless told to, checks
// the one of a reply, and retransmits with the same identifier and
// authenticator.
type RadClient struct {
	Server                 string        // host:port
	NoMessageAuthenticator bool          // as radclient behaves by default
	Source                 string        // address to send from, such as 127.0.0.2; empty: the system's choice
	Timeout                time.Duration // of one try; 0: 5 s
	Tries                  int           // 0: 1

	program, secretFile string
}

// NewRadClient makes a client of a server.
func NewRadClient(t testing.TB, server, secret string) *RadClient {
	t.Helper()
	c := &RadClient{
		Server:     server,
		program:    Need(t, "radclient", "freeradius-utils"),
		secretFile: filepath.Join(t.TempDir(), "secret"),
	}
	if err := os.WriteFile(c.secretFile, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// RadAttr is an attribute as FreeRADIUS names it. A value is sent as it is,
// octet for octet; one that begins with 0x is hexadecimal, save in User-Name
// and User-Password.
type RadAttr struct{ Name, Value string }

// RadReply is what came back.
type RadReply struct {
	Code  string // Access-Accept, Access-Reject, Access-Challenge; empty: no answer
	Attrs map[string][]string
}

// Accepted tells whether it is an Access-Accept.
func (r RadReply) Accepted() bool { return r.Code == "Access-Accept" }

// Rejected tells whether it is an Access-Reject.
func (r RadReply) Rejected() bool { return r.Code == "Access-Reject" }

// Challenged tells whether it is an Access-Challenge.
func (r RadReply) Challenged() bool { return r.Code == "Access-Challenge" }

// Dropped tells whether nothing came back.
func (r RadReply) Dropped() bool { return r.Code == "" }

// Get returns the first value of an attribute as radclient prints it, without
// quotes; octets as 0x and hexadecimal.
func (r RadReply) Get(name string) string {
	if len(r.Attrs[name]) == 0 {
		return ""
	}
	return r.Attrs[name][0]
}

// Login sends an Access-Request with a PAP password.
func (c *RadClient) Login(t testing.TB, user, password string, extra ...RadAttr) RadReply {
	t.Helper()
	return c.Send(t, append([]RadAttr{{"User-Name", user}, {"User-Password", password}}, extra...)...)
}

// Answer answers a challenge: the same user, the State that came with it, and
// the code in place of the password (RFC 2865 §4.4).
func (c *RadClient) Answer(t testing.TB, challenge RadReply, user, code string, extra ...RadAttr) RadReply {
	t.Helper()
	return c.Login(t, user, code, append([]RadAttr{{"State", challenge.Get("State")}}, extra...)...)
}

// Send sends an Access-Request of these attributes.
func (c *RadClient) Send(t testing.TB, attrs ...RadAttr) RadReply {
	t.Helper()
	return c.run(t, "auth", attrs)
}

// Status sends a Status-Server request (RFC 5997).
func (c *RadClient) Status(t testing.TB) RadReply { t.Helper(); return c.run(t, "status", nil) }

func (c *RadClient) run(t testing.TB, command string, attrs []RadAttr) RadReply {
	t.Helper()
	cmd := exec.Command(c.program, "-x", "-S", c.secretFile,
		"-t", fmt.Sprint(orDefault(c.Timeout, 5*time.Second).Seconds()), "-r", fmt.Sprint(orDefault(c.Tries, 1)),
		c.Server, command)
	if !c.NoMessageAuthenticator {
		attrs = append(attrs, RadAttr{"Message-Authenticator", "0x00"})
	}
	if c.Source != "" {
		attrs = append(attrs, RadAttr{"Packet-Src-IP-Address", c.Source})
	}
	cmd.Stdin = strings.NewReader(packetText(attrs))
	out, err := cmd.CombinedOutput()
	reply, answered := parseReply(string(out))
	if !answered && !strings.Contains(string(out), "No reply from server") {
		t.Fatalf("radclient: %v\n%s", err, out)
	}
	return reply
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// packetText writes attributes as radclient reads them from standard input.
func packetText(attrs []RadAttr) string {
	var b strings.Builder
	for _, a := range attrs {
		fmt.Fprintf(&b, "%s = %s\n", a.Name, a.text())
	}
	b.WriteByte('\n')
	return b.String()
}

func (a RadAttr) text() string {
	if strings.HasPrefix(a.Value, "0x") && !strings.HasPrefix(a.Name, "User-") {
		return a.Value
	}
	return quote(a.Value)
}

// quote writes a string with FreeRADIUS's escapes, octal for whatever is not
// plain ASCII.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c > '~' || c == '%':
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// parseReply reads the "Received" part of what radclient -x prints.
func parseReply(out string) (RadReply, bool) {
	reply := RadReply{Attrs: map[string][]string{}}
	for line := range strings.Lines(out) {
		if rest, ok := strings.CutPrefix(line, "Received "); ok {
			reply.Code, _, _ = strings.Cut(rest, " ")
			continue
		}
		name, value, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if reply.Code == "" || !ok || line[0] != '\t' {
			continue
		}
		reply.Attrs[name] = append(reply.Attrs[name], unquote(value))
	}
	return reply, reply.Code != ""
}

func unquote(v string) string {
	if len(v) < 2 || v[0] != '"' || v[len(v)-1] != '"' {
		return v
	}
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(v[1 : len(v)-1])
}

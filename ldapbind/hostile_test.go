package ldapbind

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// hostile dials a server that answers whatever it is asked with the octets
// given, and then closes or keeps silent.
func hostile(t *testing.T, octets []byte, closes bool) *conn {
	t.Helper()
	c, err := served(t, dialer{timeout: 300 * time.Millisecond}, func(c net.Conn) {
		if _, err := c.Read(make([]byte, 512)); err != nil {
			return
		}
		if _, err := c.Write(octets); err == nil && !closes {
			drain(c)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAConnectionEndsOnWhatItDoesNotUnderstand(t *testing.T) {
	for name, octets := range map[string]string{
		"a notice of disconnection":    "\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x34\x04\x00\x04\x00",
		"a response to something else": "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
		"garbage":                      "\x16\x03\x03\x00\x01\x00",
		"a length of nine octets":      "\x30\x89\x00\x00\x00\x00\x00\x00\x00\x00\x01a",
		"a message that is too long":   "\x30\x84\x00\x40\x00\x01",
		"a value that is too long":     "\x30\x80\x02\x01\x01\x64\x80\x04\x84\x00\x40\x00\x01",
		"a result without a code":      "\x30\x09\x02\x01\x01\x65\x04\x04\x00\x04\x00",
		"a result code of text":        "\x30\x0c\x02\x01\x01\x65\x07\x04\x01a\x04\x00\x04\x00",
		"an entry without attributes":  "\x30\x07\x02\x01\x01\x64\x02\x04\x00",
		"an attribute without values":  "\x30\x0e\x02\x01\x01\x64\x09\x04\x00\x30\x05\x30\x03\x04\x01a",
		"half a message":               "\x30\x0c\x02\x01\x01\x65",
		"nested without end":           strings.Repeat("\x30\x80", 2000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := hostile(t, []byte(octets), false)
			if _, answer, err := c.search(rootDSE("a")); err == nil {
				t.Errorf("the search gave %v", answer)
			}
			if c.whole() {
				t.Error("the connection lives on")
			}
		})
	}
}

func TestI04_ABindWithAMalformedAnswerIsNotAnswered(t *testing.T) {
	for name, octets := range map[string]string{
		"a result without a code": "\x30\x09\x02\x01\x01\x61\x04\x04\x00\x04\x00",
		"a code of text":          "\x30\x0c\x02\x01\x01\x61\x07\x04\x01a\x04\x00\x04\x00",
		"a negative code":         "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\xff\x04\x00\x04\x00",
		"nothing":                 "\x30\x05\x02\x01\x01\x61\x00",
		"the answer to another":   "\x30\x0c\x02\x01\x02\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
	} {
		c := hostile(t, []byte(octets), false)
		if answer, sent, err := c.bind(soon(t), "cn=a", "right"); err == nil || !sent || c.whole() {
			t.Errorf("%s: %v (%v), sent %v", name, answer, err, sent)
		}
	}
}

func TestAnswersAndTroubleAreParted(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want result
		ok   bool
	}{
		{nil, result{}, true},
		{ldap.NewError(49, errors.New("no")), result{49, "no"}, true},
		{ldap.NewError(4096, errors.New("odd")), result{4096, "odd"}, true},
		{ldap.ErrSizeLimitExceeded, result{code: 4}, true},
		{ldap.NewError(ldap.ErrorNetwork, errors.New("gone")), result{}, false},
		{ldap.NewError(ldap.ErrorMalformedPacket, errors.New("odd")), result{}, false},
		{os.ErrDeadlineExceeded, result{}, false},
	} {
		if got, err := answered(tt.err); got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%v gave %+v and %v", tt.err, got, err)
		}
	}
}

func TestI12_TheLibraryIsBounded(t *testing.T) {
	if ber.MaxPacketLengthBytes != maxMessage || ber.MaxNestingDepth != maxNesting {
		t.Errorf("the bounds are %d and %d", ber.MaxPacketLengthBytes, ber.MaxNestingDepth)
	}
}

func TestAServerThatSendsMoreThanAskedForIsCutShort(t *testing.T) {
	entry := "\x30\x09\x02\x01\x01\x64\x04\x04\x00\x30\x00"
	c := hostile(t, []byte(strings.Repeat(entry, 50)), false)
	found, answer, err := c.search(treeSearch("", anything, 8))
	if err != nil || answer.code != ldap.LDAPResultSizeLimitExceeded || len(found) != 8 {
		t.Errorf("%d entries, %v, %v", len(found), answer, err)
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte("\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00"))
	f.Add([]byte("\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x20\x04\x00\x04\x00"))
	f.Add([]byte("\x30\x22\x02\x01\x01\x64\x1d\x04\x04cn=a\x30\x15\x30\x09\x04\x01a\x31\x04\x04\x02v1\x30\x08\x04\x02Bb\x31\x02\x04\x00"))
	f.Add([]byte("\x30\x19\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\x00\xa0\x0b\x30\x09\x04\x051.2.3\x04\x00"))
	f.Add([]byte("\x30\x0a\x02\x01\x01\x73\x05\x04\x03a:/"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		for _, ask := range []func(*conn) error{
			func(c *conn) error { _, _, err := c.bind(t.Context(), "cn=a", "right"); return err },
			func(c *conn) error { _, _, err := c.search(rootDSE("a")); return err },
		} {
			near, far := net.Pipe()
			go func() {
				defer far.Close()
				if _, err := far.Read(make([]byte, 512)); err == nil {
					far.Write(octets)
				}
			}()
			s := &stream{Conn: near, raw: near, patience: time.Second}
			c := &conn{Conn: ldap.NewConn(s, false), stream: s, timeout: time.Second}
			c.Start()
			err := ask(c)
			if errors.Is(err, errProtocol) {
				t.Errorf("go-ldap panicked: %v", err)
			}
			if err != nil && c.whole() {
				t.Errorf("after %v the connection lives on", err)
			}
			c.leave()
			if last := c.GetLastError(); last != nil && strings.Contains(last.Error(), "panic") {
				t.Error(last)
			}
		}
	})
}

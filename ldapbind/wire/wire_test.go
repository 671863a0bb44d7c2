package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// decode reads octets with another library.
func decode(t testing.TB, b []byte) *ber.Packet {
	t.Helper()
	p, err := ber.DecodePacketErr(b)
	if err != nil {
		t.Fatalf("decoding % x: %v", b, err)
	}
	return p
}

func TestRequestsAsAnotherLibraryReadsThem(t *testing.T) {
	for _, size := range []int{1, 100, 127, 128, 255, 256, 70000} {
		password := strings.Repeat("p", size)
		p := decode(t, AppendBind(nil, 1<<30, "cn=alice", password))
		op := p.Children[1]
		if p.Children[0].Value != int64(1<<30) || op.Children[0].Value != int64(3) ||
			op.Children[1].Value != "cn=alice" || op.Children[2].Data.String() != password {
			t.Errorf("a bind with a password of %d octets came out otherwise", size)
		}
	}
	q := Search{Base: "dc=x", Scope: Subtree, Filter: Present("objectClass"), Attributes: []string{"a", "b"}, SizeLimit: 300, Seconds: 2}
	op := decode(t, AppendSearch(nil, 7, q)).Children[1]
	if op.Children[0].Value != "dc=x" || op.Children[1].Value != int64(2) || op.Children[3].Value != int64(300) ||
		op.Children[4].Value != int64(2) || op.Children[5].Value != false || len(op.Children[7].Children) != 2 {
		t.Errorf("a search came out otherwise")
	}
}

func TestFilterIsWhatItSays(t *testing.T) {
	f := And(Present("objectClass"), Or(Equal("uid", "a"), Equal("mail", "a*)(b\x00")), Equal("x", []byte{0xff, 0xfe}))
	text, err := ldap.DecompileFilter(decode(t, f))
	if want := `(&(objectClass=*)(|(uid=a)(mail=a\2a\29\28b\00))(x=\ff\fe))`; err != nil || text != want {
		t.Errorf("the filter is %s (%v), want %s", text, err, want)
	}
}

func TestEntryAndResult(t *testing.T) {
	message := []byte("\x02\x01\x05\x64\x1f\x04\x04cn=a\x30\x17" +
		"\x30\x09\x04\x01a\x31\x04\x04\x02v1" + "\x30\x0a\x04\x02Bb\x31\x04\x04\x00\x04\x00")
	r, err := Parse(message)
	if err != nil || r.ID != 5 || r.Op != SearchEntry {
		t.Fatalf("got %+v (%v)", r, err)
	}
	e, err := r.Entry()
	if err != nil || e.DN != "cn=a" || e.Value("A") != "v1" || len(e.Values("bB")) != 2 || e.Values("c") != nil {
		t.Errorf("the entry is %+v (%v)", e, err)
	}
	r, err = Parse([]byte("\x02\x01\x05\x61\x0a\x0a\x01\x31\x04\x00\x04\x03why"))
	got, err2 := r.Result()
	if errors.Join(err, err2) != nil || got != (Result{49, "why"}) {
		t.Errorf("the result is %+v", got)
	}
}

func TestWhatIsMalformedIsRefused(t *testing.T) {
	for name, octets := range map[string]string{
		"no sequence": "\x04\x01a", "indefinite length": "\x30\x80\x00\x00", "a length of five octets": "\x30\x85\x00\x00\x00\x00\x01a",
		"too long": "\x30\x84\x7f\xff\xff\xff", "a high tag": "\x3f\x01\x00",
	} {
		if _, _, err := Read(bufio.NewReader(strings.NewReader(octets)), nil); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s gave %v", name, err)
		}
	}
	if _, _, err := Read(bufio.NewReader(strings.NewReader("\x30\x05ab")), nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a cut message gave %v", err)
	}
	for name, message := range map[string]string{
		"nothing": "", "no id": "\x04\x01a", "a negative id": "\x02\x01\xff\x61\x00", "an id of five octets": "\x02\x05\x01\x00\x00\x00\x00\x61\x00",
		"no operation": "\x02\x01\x01", "a cut operation": "\x02\x01\x01\x61\x05a",
	} {
		if _, err := Parse([]byte(message)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func FuzzResponse(f *testing.F) {
	f.Add([]byte("\x30\x0c\x02\x01\x05\x61\x07\x0a\x01\x00\x04\x00\x04\x00"))
	f.Add([]byte("\x30\x22\x02\x01\x05\x64\x1d\x04\x04cn=a\x30\x15\x30\x09\x04\x01a\x31\x04\x04\x02v1\x30\x08\x04\x02Bb\x31\x02\x04\x00"))
	f.Add([]byte("\x30\x84\x00\x00\x00\x03\x02\x01\x00"))
	f.Add([]byte("\x30\x80\x00\x00"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		body, _, err := Read(bufio.NewReader(bytes.NewReader(octets)), nil)
		if err != nil {
			return
		}
		r, err := Parse(body)
		if err != nil {
			return
		}
		e, entryErr := r.Entry()
		_, resultErr := r.Result()
		if entryErr == nil && resultErr == nil {
			t.Error("both an entry and a result")
		}
		if entryErr == nil && len(e.DN) > len(octets) {
			t.Error("an entry out of nothing")
		}
	})
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"alice", "*", ")(uid=*", "\x00", `\2a`, "", strings.Repeat("x", 200), "\xff"} {
		f.Add("uid", seed)
	}
	f.Fuzz(func(t *testing.T, attribute, value string) {
		p := decode(t, And(Equal(attribute, value), Present("objectClass")))
		if len(p.Children) != 2 || p.Children[0].Tag != 3 || len(p.Children[0].Children) != 2 {
			t.Fatalf("%q changed the shape of the filter", value)
		}
		if got := p.Children[0].Children[1].Data.String(); got != value {
			t.Errorf("%q became %q", value, got)
		}
	})
}

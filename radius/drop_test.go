package radius

import (
	"bytes"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	codec "layeh.com/radius"
	"twofold/radius/exchange"
)

func TestWhatIsNoRequestIsDroppedInSilenceAndCounted(t *testing.T) {
	signed := encode(t, 1, exchange.Request{User: "alice", Password: "x"})
	wrong := bytes.Clone(signed)
	wrong[30] ^= 1
	for want, packet := range map[DropReason][]byte{
		Malformed: signed[:19],
		WrongCode: encode(t, 1, exchange.Request{Code: codec.CodeAccountingRequest}),
		Unsigned:  encode(t, 1, exchange.Request{User: "alice", Password: "x", Unsigned: true}),
		WrongMAC:  wrong,
	} {
		s := serve(t, script{}, nil)
		w := dial(t, s.ReadyAddrs()[0])
		w.send(packet)
		eventually(t, want.String(), func() bool { return dropped(s, want) == 1 })
		if w.within(silent/4) != nil {
			t.Errorf("%v: answered", want)
		}
		if got := s.DropStats(); len(got) != 1 || got[0].Client != "vpn" || got[0].Source.String() != "127.0.0.1" || got[0].Last.IsZero() {
			t.Errorf("%v: %+v", want, got)
		}
	}
	crowded := make(codec.Attributes, 11)
	for i := range crowded {
		crowded[i] = avp(33, strings.Repeat("x", 253))
	}
	full := serve(t, script{}, nil)
	dial(t, full.ReadyAddrs()[0]).send(encode(t, 1, exchange.Request{User: "alice", Password: "x", Extra: crowded}))
	eventually(t, "no room for a reply", func() bool { return dropped(full, Unencodable) == 1 })
	twice := bare(t, avp(1, "alice"), avp(1, "mallory"))
	s := serve(t, script{}, nil)
	dial(t, s.ReadyAddrs()[0]).send(twice)
	eventually(t, "two names", func() bool { return dropped(s, Malformed) == 1 && s.Stats().Replies == 0 })
}

func TestAnUnknownSourceIsDroppedInSilence(t *testing.T) {
	s := serve(t, script{}, func(c *Config) { c.Rules.Clients = []Client{clientAt("far", "192.0.2.0/24")} })
	w := dial(t, s.ReadyAddrs()[0])
	w.send(encode(t, 1, exchange.Request{User: "alice", Password: "x"}))
	eventually(t, "counted", func() bool { return dropped(s, UnknownSource) == 1 })
	if w.within(silent/4) != nil {
		t.Error("answered")
	}
}

func TestDropsAreWarnedOfOnceAMinuteWithTheRemedy(t *testing.T) {
	var log bytes.Buffer
	now := epoch
	d := newDrops(slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now })
	vpn, other := netip.MustParseAddr("10.1.0.5"), netip.MustParseAddr("10.2.0.5")
	lines := func() string { defer log.Reset(); return log.String() }

	d.note("vpn", vpn, Unsigned)
	if got := lines(); !strings.Contains(got, `client vpn (10.1.0.5): 1 packet dropped: sends no Message-Authenticator`) ||
		!strings.Contains(got, "require_message_authenticator: false") {
		t.Errorf("first: %s", got)
	}
	for range 36 {
		d.note("vpn", vpn, Unsigned)
	}
	d.note("vpn", vpn, WrongMAC)
	if got := lines(); got != "" {
		t.Errorf("within the minute: %s", got)
	}
	d.note("wifi", other, WrongMAC)
	if got := lines(); !strings.Contains(got, "client wifi (10.2.0.5)") || strings.Contains(got, "vpn") {
		t.Errorf("another client: %s", got)
	}
	now = now.Add(time.Minute)
	d.flush()
	if got := lines(); !strings.Contains(got, "36 packets dropped") || !strings.Contains(got, "the shared secret differs") || strings.Contains(got, "wifi") {
		t.Errorf("after a minute: %s", got)
	}
	now = now.Add(time.Minute)
	d.flush()
	if got := lines(); got != "" {
		t.Errorf("nothing new: %s", got)
	}
	d.note("vpn", vpn, Repeated)
	if got := lines(); got != "" {
		t.Errorf("retransmissions are no fault: %s", got)
	}
}

func TestI12_SourcesToldApartAreBounded(t *testing.T) {
	d := newDrops(slog.New(slog.DiscardHandler), time.Now)
	for i := range 5000 {
		d.note("", netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)}), UnknownSource)
	}
	d.note("vpn", netip.MustParseAddr("10.1.0.5"), WrongMAC)
	var total uint64
	for _, drop := range d.list() {
		total += drop.Count
	}
	if n := len(d.list()); n > maxSources || total != 5001 {
		t.Errorf("%d sources, %d packets", n, total)
	}
	if last := d.list()[len(d.list())-1]; last.Client != "vpn" || !last.Source.IsValid() {
		t.Errorf("a client's own source was crowded out: %+v", last)
	}
}

func TestEveryReasonHasANameAndEveryFaultARemedy(t *testing.T) {
	for r := kept + 1; r < dropReasons; r++ {
		if r.String() == "" || (r.Remedy() == "") != (r == Repeated) {
			t.Errorf("reason %d: %q, %q", r, r.String(), r.Remedy())
		}
	}
}

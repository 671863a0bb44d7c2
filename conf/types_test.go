package conf

import (
	"testing"
	"time"
)

func TestDurationsAreWrittenAsTheyAreRead(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "30s": 30 * time.Second, "1500ms": 1500 * time.Millisecond, "2m": 2 * time.Minute, "90m": 90 * time.Minute,
		"1h": time.Hour, "1d": 24 * time.Hour, "400d": 9600 * time.Hour, "1d12h": 36 * time.Hour, "1h30m": 90 * time.Minute,
	} {
		x, p := parseDuration(text)
		if p.message != "" || time.Duration(x.(Duration)) != want {
			t.Errorf("%s: %v %s", text, x, p.message)
			continue
		}
		if again, p := parseDuration(x.(Duration).String()); p.message != "" || again != x {
			t.Errorf("%s is written %s", text, x)
		}
	}
}

func TestSizesAreWrittenAsTheyAreRead(t *testing.T) {
	for text, want := range map[string]Size{"0B": 0, "1B": 1, "16KiB": 16 << 10, "1536MiB": 1536 << 20, "1 GiB": 1 << 30, "1TiB": 1 << 40} {
		x, p := parseSize(text)
		if p.message != "" || x != want {
			t.Errorf("%s: %v %s", text, x, p.message)
			continue
		}
		if again, p := parseSize(x.(Size).String()); p.message != "" || again != x {
			t.Errorf("%s is written %s", text, x)
		}
	}
}

func TestADateHoldsUntilItsLastMoment(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	end := Date{2027, 3, 31}.End(berlin)
	if want := time.Date(2027, 4, 1, 0, 0, 0, 0, berlin); !end.Equal(want) {
		t.Errorf("ends %s, want %s", end, want)
	}
	if (Date{}).String() != "" || !(Date{}).IsZero() || (Date{2027, 3, 31}).IsZero() {
		t.Error("the zero date is none")
	}
}

func TestANetworkMayBeOneAddress(t *testing.T) {
	for text, want := range map[string]string{"10.1.0.7": "10.1.0.7/32", "2001:db8::1": "2001:db8::1/128", "::ffff:10.1.0.7": "10.1.0.7/32"} {
		x, p := parsePrefix(text)
		if p.message != "" || prefixes(want)[0] != x {
			t.Errorf("%s: %v %s", text, x, p.message)
		}
	}
}

func TestSecretsAreComparedByTheirText(t *testing.T) {
	if !NewSecret("a").Equal(NewSecret("a")) || NewSecret("a").Equal(NewSecret("b")) || !(Secret{}).Equal(NewSecret("")) {
		t.Error("Equal")
	}
	if !(Secret{}).IsZero() || NewSecret("a").IsZero() || (Secret{}).Reveal() != "" {
		t.Error("IsZero")
	}
}

func TestTheNearestWordIsSuggestedIfItIsNear(t *testing.T) {
	for word, want := range map[string]string{"appendd": "append", "apend": "append", "BOTH": "both", "bath": "both", "x": "", "": "", "challange": "challenge"} {
		if got := nearest(word, []string{"append", "challenge", "both"}); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

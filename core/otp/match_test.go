package otp

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var secret = []byte("12345678901234567890")

func TestOnlyCodesOfTheWindowMatch(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for window := range uint8(4) {
		p := Default()
		p.Window = window
		middle := p.StepAt(now)
		for offset := -5; offset <= 5; offset++ {
			step := middle + uint64(offset)
			got, ok := p.Match(secret, p.Code(secret, step), now)
			if want := max(offset, -offset) <= int(window); ok != want || ok && got != step {
				t.Errorf("window %d, offset %d: got step %d, %v", window, offset, got, ok)
			}
		}
	}
}

func TestOnlyExactlyTheDigitsAreACode(t *testing.T) {
	now := time.Unix(59, 0)
	code := Default().Code(secret, 1)
	for name, bad := range map[string]string{
		"nothing":            "",
		"a space before it":  " " + code,
		"a space after it":   code + " ",
		"a space inside":     code[:3] + " " + code[3:],
		"a digit too few":    code[1:],
		"a digit too many":   "0" + code,
		"a newline after it": code + "\n",
		"a NUL for a digit":  code[:5] + "\x00",
		"a sign":             "+" + code[1:],
		"other digits":       strings.Repeat("٣", 3), // six octets
		"a wrong digit":      code[:5] + string('0'+(code[5]-'0'+1)%10),
	} {
		if _, ok := Default().Match(secret, bad, now); ok {
			t.Errorf("%s: matched", name)
		}
		if Default().Wellformed(bad) != (name == "a wrong digit") {
			t.Errorf("%s: wrongly judged by its form", name)
		}
	}
	if _, ok := Default().Match(secret, code, now); !ok {
		t.Error("the code itself does not match")
	}
}

func TestNothingMatchesWithoutSecretOrWithInvalidParameters(t *testing.T) {
	now := time.Unix(59, 0)
	valid := Default()
	if _, ok := valid.Match(nil, valid.code("", 1), now); ok {
		t.Error("no secret: matched")
	}
	for name, spoil := range map[string]func(*Params){
		"no digits":         func(p *Params) { p.Digits = 0 },
		"five digits":       func(p *Params) { p.Digits = 5 },
		"nine digits":       func(p *Params) { p.Digits = 9 },
		"no period":         func(p *Params) { p.Period = 0 },
		"half a second":     func(p *Params) { p.Period += time.Second / 2 },
		"a short period":    func(p *Params) { p.Period = 14 * time.Second },
		"a long period":     func(p *Params) { p.Period = 121 * time.Second },
		"unknown algorithm": func(p *Params) { p.Algorithm = 3 },
		"a huge window":     func(p *Params) { p.Window = 11 },
	} {
		p := valid
		spoil(&p)
		if p.Validate() == nil {
			t.Errorf("%s: valid", name)
		}
		if code := p.Code(secret, 1); code != "" {
			t.Errorf("%s: has a code", name)
		}
		for _, code := range []string{"", "287082", "94287082"} {
			if _, ok := p.Match(secret, code, now); ok {
				t.Errorf("%s: matched", name)
			}
			if _, ok := p.MatchPair(secret, code, code, now, 9); ok {
				t.Errorf("%s: a pair matched", name)
			}
		}
	}
}

func TestTimesBeforeTheFirstStepAreInIt(t *testing.T) {
	p := Default()
	p.Window = 3
	for _, seconds := range []int64{-1 << 40, -1, 0, 29} {
		now := time.Unix(seconds, 0)
		for step := range uint64(5) {
			got, ok := p.Match(secret, p.Code(secret, step), now)
			if ok != (step <= 3) || ok && got != step {
				t.Errorf("time %d, step %d: got step %d, %v", seconds, step, got, ok)
			}
		}
	}
	if low, high := p.around(time.Unix(1<<62, 0), 255); high < low {
		t.Error("the far end of time wraps around")
	}
}

func TestTimeOfAStepIsItsFirstSecond(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawParams(t)
		step := rapid.Uint64Range(0, 1<<40).Draw(t, "step")
		begin := p.TimeOf(step)
		if p.StepAt(begin) != step || p.StepAt(begin.Add(p.Period-1)) != step || p.StepAt(begin.Add(p.Period)) != step+1 {
			t.Fatalf("step %d begins at %v", step, begin)
		}
	})
}

func drawParams(t *rapid.T) Params {
	return Params{
		Algorithm: rapid.SampledFrom([]Algorithm{SHA1, SHA256, SHA512}).Draw(t, "algorithm"),
		Digits:    rapid.Uint8Range(MinDigits, MaxDigits).Draw(t, "digits"),
		Period:    time.Duration(rapid.IntRange(15, 120).Draw(t, "period")) * time.Second,
		Window:    rapid.Uint8Range(0, MaxWindow).Draw(t, "window"),
	}
}

// reference is Match as one would write it without care for time.
func reference(p Params, secret []byte, code string, now time.Time) (uint64, bool) {
	var steps []uint64
	for s := int64(p.StepAt(now)) - int64(p.Window); s <= int64(p.StepAt(now))+int64(p.Window); s++ {
		if s >= 0 && p.Code(secret, uint64(s)) == code {
			steps = append(steps, uint64(s))
		}
	}
	if len(steps) == 0 {
		return 0, false
	}
	return slices.Max(steps), true
}

func TestI03_TheHighestMatchingStepIsTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawParams(t)
		secret := rapid.SliceOfN(rapid.Byte(), MinSecretSize, 64).Draw(t, "secret")
		now := time.Unix(rapid.Int64Range(0, 1<<36).Draw(t, "now"), 0)
		step := p.StepAt(now) + rapid.Uint64Range(0, 24).Draw(t, "offset")
		code := p.Code(secret, step-min(step, 12))
		want, wanted := reference(p, secret, code, now)
		if got, ok := p.Match(secret, code, now); got != want || ok != wanted {
			t.Fatalf("got %d %v, want %d %v", got, ok, want, wanted)
		}
	})
}

// Two steps of a window that share a code are rare: this looks for one.
func TestI03_OfTwoStepsThatShareACodeTheHigherIsTaken(t *testing.T) {
	p := Default()
	p.Window = MaxWindow
	seen := map[string]uint64{}
	for step := uint64(0); ; step++ {
		code := p.Code(secret, step)
		if first, ok := seen[code]; ok && step-first <= 2*MaxWindow {
			now := p.TimeOf(first + MaxWindow)
			if got, ok := p.Match(secret, code, now); !ok || got != step {
				t.Errorf("steps %d and %d share a code: got %d, %v", first, step, got, ok)
			}
			return
		}
		seen[code] = step
		if step > 500_000 {
			t.Fatal("no two steps share a code")
		}
	}
}

func TestPairsAreConsecutiveAndWithinTheWiderWindow(t *testing.T) {
	p := Default()
	const middle, wider = 50_000_000, 9
	now := p.TimeOf(middle)
	code := func(offset int) string { return p.Code(secret, uint64(middle+offset)) }
	for first := -12; first <= 12; first++ {
		for second := -12; second <= 12; second++ {
			step, ok := p.MatchPair(secret, code(first), code(second), now, wider)
			want := second == first+1 && first >= -wider && second <= wider
			if ok != want || ok && step != uint64(middle+second) {
				t.Errorf("codes of %d and %d: got %d, %v", first, second, step, ok)
			}
		}
	}
	if _, ok := p.MatchPair(secret, code(0), code(0), now, 0); ok {
		t.Error("one step has a pair")
	}
}

func TestNewSecretsHave160BitsOfTheSource(t *testing.T) {
	source := bytes.Repeat([]byte{7}, 21)
	got, err := NewSecret(bytes.NewReader(source))
	if err != nil || !bytes.Equal(got, source[:20]) {
		t.Errorf("got %d octets, %v", len(got), err)
	}
	if got, err := NewSecret(bytes.NewReader(source[:19])); err == nil || got != nil {
		t.Error("a source that runs dry makes a secret")
	}
}

func BenchmarkMatch(b *testing.B) {
	p, now := Default(), time.Unix(1_700_000_000, 0)
	code := p.Code(secret, p.StepAt(now))
	b.ReportAllocs()
	for b.Loop() {
		p.Match(secret, code, now)
	}
}

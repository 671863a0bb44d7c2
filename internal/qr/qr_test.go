package qr

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const uri = "otpauth://totp/Example%20Corp:alice@corp.example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" +
	"&issuer=Example%20Corp&algorithm=SHA1&digits=6&period=30"

func encode(t testing.TB, text string) Code {
	t.Helper()
	c, err := Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// square cuts the quiet zone off and fails if it is not light.
func square(t testing.TB, size int, dark func(x, y int) bool) [][]bool {
	t.Helper()
	rows := make([][]bool, size-2*quiet)
	for y := range size {
		for x := range size {
			inside := min(x, y) >= quiet && max(x, y) < size-quiet
			if inside {
				rows[y-quiet] = append(rows[y-quiet], dark(x, y))
			} else if dark(x, y) {
				t.Fatalf("module %d, %d of the quiet zone is dark", x, y)
			}
		}
	}
	return rows
}

func mustRead(t testing.TB, size int, dark func(x, y int) bool, want string) {
	t.Helper()
	if got, err := read(square(t, size, dark)); err != nil || got != want {
		t.Errorf("read %q, %v; want %q", got, err, want)
	}
}

func TestCodesOfEveryLengthCanBeRead(t *testing.T) {
	for n := 1; n <= MaxText; n += 1 + n/16 {
		text := strings.Repeat("otpauth://ü", n/12+1)[:n]
		c := encode(t, text)
		mustRead(t, c.Size(), c.Dark, text)
	}
	c := encode(t, strings.Repeat("x", MaxText))
	mustRead(t, c.Size(), c.Dark, strings.Repeat("x", MaxText))
}

func TestTextsOfAnyOctetsCanBeRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := "a" + string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(rt, "text"))
		c := encode(t, text)
		mustRead(t, c.Size(), c.Dark, text)
	})
}

func TestPNGsHaveWholePixelsAndAQuietZone(t *testing.T) {
	for asked, scale := range map[int]int{-1: 1, 0: 1, 1: 1, 3: 3, 8: 8, 1 << 30: MaxScale} {
		c := encode(t, uri)
		picture, err := png.Decode(bytes.NewReader(c.PNG(asked)))
		if err != nil {
			t.Fatal(err)
		}
		if side := picture.Bounds().Dx(); side != scale*c.Size() || picture.Bounds().Dy() != side {
			t.Fatalf("scale %d: %v", asked, picture.Bounds())
		}
		for _, corner := range []int{0, scale - 1} {
			mustRead(t, c.Size(), func(x, y int) bool {
				r, _, _, _ := picture.At(x*scale+corner, y*scale+corner).RGBA()
				return r == 0
			}, uri)
		}
	}
}

func TestSVGsAreWellFormedAndCoverTheDarkModules(t *testing.T) {
	c := encode(t, uri)
	var document struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
		ViewBox string   `xml:"viewBox,attr"`
		Path    []struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(c.SVG(), &document); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("0 0 %d %d", c.Size(), c.Size()); document.ViewBox != want {
		t.Errorf("viewBox is %q, want %q", document.ViewBox, want)
	}
	dark := map[[2]int]bool{}
	for run := range strings.SplitSeq(strings.TrimSuffix(document.Path[1].D, "z"), "z") {
		var x, y, width, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &width, &back); err != nil || back != width {
			t.Fatalf("%q: %v", run, err)
		}
		for i := range width {
			dark[[2]int{x + i, y}] = true
		}
	}
	mustRead(t, c.Size(), func(x, y int) bool { return dark[[2]int{x, y}] }, uri)
}

// modules takes a drawing of half-blocks apart.
func modules(t *testing.T, drawing, begin, end string, blocks string) func(x, y int) bool {
	t.Helper()
	var rows [][]rune
	for line := range strings.Lines(drawing) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, begin) || !strings.HasSuffix(line, end) {
			t.Fatalf("line %q does not set and reset its colours", line)
		}
		rows = append(rows, []rune(strings.TrimSuffix(strings.TrimPrefix(line, begin), end)))
	}
	index := map[rune]int{}
	for i, r := range []rune(blocks) {
		index[r] = i
	}
	return func(x, y int) bool {
		both, ok := index[rows[y/2][x]]
		if !ok {
			t.Fatalf("%q in the drawing", rows[y/2][x])
		}
		return both>>(1-y%2)&1 == 1
	}
}

func TestTerminalsShowBlackOnWhite(t *testing.T) {
	c := encode(t, uri)
	mustRead(t, c.Size(), modules(t, c.Terminal(), "\x1b[30;47m", "\x1b[0m", " ▄▀█"), uri)
}

func TestTextsAreForDarkScreensAndWithoutEscapes(t *testing.T) {
	c := encode(t, uri)
	if strings.Contains(c.Text(), "\x1b") {
		t.Error("escape sequences in the text")
	}
	mustRead(t, c.Size(), modules(t, c.Text(), "", "", "█▀▄ "), uri)
}

func TestWhatIsNoTerminalGetsText(t *testing.T) {
	c := encode(t, uri)
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b strings.Builder
	if err := errors.Join(c.Print(&b), c.Print(f)); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(f.Name())
	if err != nil || b.String() != c.Text() || string(written) != c.Text() {
		t.Errorf("not the text: %v", err)
	}
}

func TestTextsThatDoNotFitAreRefusedWithoutQuotingThem(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("otpauth", 100)} {
		c, err := Encode(text)
		if err == nil {
			t.Errorf("%d octets make a code of %d modules", len(text), c.Size())
		} else if strings.Contains(err.Error(), "otpauth") {
			t.Errorf("I10: error quotes the text: %v", err)
		}
	}
}

func TestI10_NoFormattingOfACodeShowsItsModules(t *testing.T) {
	c := encode(t, uri)
	want := fmt.Sprintf("QR code of %d modules", c.size)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%d", "%t"} {
		if got := fmt.Sprintf(format, c); got != want {
			t.Errorf("%s shows %.80q", format, got)
		}
	}
}

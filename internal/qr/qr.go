package qr

import (
	"fmt"
	"image/color"

	"github.com/boombuler/barcode/qr"
)

// MaxText is the longest text that Encode takes, in octets. The code then has
// 89 modules on a side with its quiet zone; phones have trouble with more.
const MaxText = 586

// quiet is the width of the light margin (ISO/IEC 18004 section 6.3.8).
const quiet = 4

// Code is a square of dark and light modules, without the quiet zone.
type Code struct {
	size int
	dark []bool // row by row
}

// Encode makes the code of text. Its error correction is the lowest (level L):
// screens have no scratches, and fewer modules are larger ones.
func Encode(text string) (Code, error) {
	if text == "" || len(text) > MaxText {
		return Code{}, fmt.Errorf("drawing a QR code: text has %d octets, not between 1 and %d", len(text), MaxText)
	}
	matrix, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil { // not err: it quotes the text
		return Code{}, fmt.Errorf("drawing a QR code of %d octets: the encoder refused them", len(text))
	}
	c := Code{size: matrix.Bounds().Dx()}
	for y := range c.size {
		for x := range c.size {
			c.dark = append(c.dark, matrix.At(x, y) == color.Black)
		}
	}
	return c, nil
}

// Size is the number of modules on a side, with the quiet zone.
func (c Code) Size() int { return c.size + 2*quiet }

// Dark tells whether the module is dark; 0, 0 is the upper left corner of the
// quiet zone. What lies outside is light.
func (c Code) Dark(x, y int) bool {
	x, y = x-quiet, y-quiet
	return x >= 0 && x < c.size && y >= 0 && y < c.size && c.dark[y*c.size+x]
}

// Format keeps the modules, which are the text in another form, out of logs.
func (c Code) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "QR code of %d modules", c.size)
}

package qr

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
)

// MaxScale is the most pixels a module's side has in a PNG.
const MaxScale = 32

// SVG draws the code as a document of its own, black on white, that scales to
// any size: one unit is one module. It has neither script nor text.
func (c Code) SVG() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="`, c.Size())
	for y := range c.Size() {
		c.runs(y, func(x, width int) { fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x, y, width, width) })
	}
	b.WriteString(`"/></svg>`)
	return b.Bytes()
}

// runs calls draw for each stretch of dark modules in row y.
func (c Code) runs(y int, draw func(x, width int)) {
	for x := 0; x < c.Size(); x++ {
		begin := x
		for c.Dark(x, y) {
			x++
		}
		if x > begin {
			draw(begin, x-begin)
		}
	}
}

// PNG draws the code with scale pixels to a module's side; scale is brought
// within 1 and MaxScale. It gives nil only where the encoder fails, which it
// does not do in memory.
func (c Code) PNG(scale int) []byte {
	scale = min(max(scale, 1), MaxScale)
	side := c.Size() * scale
	picture := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range side {
		for x := range side {
			picture.Pix[y*picture.Stride+x] = uint8(bit(c.Dark(x/scale, y/scale)))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil
	}
	return b.Bytes()
}

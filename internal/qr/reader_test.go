package qr

import (
	"fmt"
	"slices"
)

// read is a small reader of QR codes, written from the standard and not from
// the encoder: byte mode, level L, versions 1 to 17, no error correction, since
// nothing was damaged on the way. dark is the square without its quiet zone.
func read(dark [][]bool) (string, error) {
	size := len(dark)
	version := (size - 17) / 4
	format := 0
	for i := range 15 { // section 7.9, the copy by the upper left finder
		x, y := formatModule(i)
		format = format<<1 | bit(dark[y][x])
	}
	format ^= 0b101010000010010
	if level := format >> 13; level != 0b01 {
		return "", fmt.Errorf("error correction level is %02b, not L", level)
	}
	codewords := walk(dark, version, masks[format>>10&7])
	return parse(deinterleave(codewords, version), version)
}

// formatModule is where bit i of the format information stands.
func formatModule(i int) (x, y int) {
	along := []int{0, 1, 2, 3, 4, 5, 7, 8}
	if i < 8 {
		return along[i], 8
	}
	return 8, along[14-i]
}

var masks = [8]func(x, y int) bool{ // section 7.8.2, y is i and x is j there
	func(x, y int) bool { return (y+x)%2 == 0 },
	func(x, y int) bool { return y%2 == 0 },
	func(x, y int) bool { return x%3 == 0 },
	func(x, y int) bool { return (y+x)%3 == 0 },
	func(x, y int) bool { return (y/2+x/3)%2 == 0 },
	func(x, y int) bool { return y*x%2+y*x%3 == 0 },
	func(x, y int) bool { return (y*x%2+y*x%3)%2 == 0 },
	func(x, y int) bool { return ((y+x)%2+y*x%3)%2 == 0 },
}

// walk reads the codewords in columns of two modules from the right, up and
// down in turn (section 7.7.3).
func walk(dark [][]bool, version int, mask func(x, y int) bool) []byte {
	var words []byte
	size, count, up := len(dark), 0, true
	for right := size - 1; right > 0; right -= 2 {
		if right == 6 {
			right--
		}
		for i := range size {
			y := i
			if up {
				y = size - 1 - i
			}
			for _, x := range []int{right, right - 1} {
				if reserved(x, y, size, version) {
					continue
				}
				if count%8 == 0 {
					words = append(words, 0)
				}
				words[count/8] = words[count/8]<<1 | byte(bit(dark[y][x] != mask(x, y)))
				count++
			}
		}
		up = !up
	}
	return words
}

// alignment holds the coordinates of the alignment patterns (annex E).
var alignment = [...][]int{2: {6, 18}, 3: {6, 22}, 4: {6, 26}, 5: {6, 30}, 6: {6, 34},
	7: {6, 22, 38}, 8: {6, 24, 42}, 9: {6, 26, 46}, 10: {6, 28, 50}, 11: {6, 30, 54},
	12: {6, 32, 58}, 13: {6, 34, 62}, 14: {6, 26, 46, 66}, 15: {6, 26, 48, 70}, 16: {6, 26, 50, 74}, 17: {6, 30, 54, 78}}

// reserved tells whether the module belongs to a function pattern.
func reserved(x, y, size, version int) bool {
	finder := x < 9 && y < 9 || x < 9 && y >= size-8 || x >= size-8 && y < 9
	timing := x == 6 || y == 6
	information := version >= 7 && (x < 6 && y >= size-11 || y < 6 && x >= size-11)
	return finder || timing || information || aligned(x, y, size, version)
}

func aligned(x, y, size, version int) bool {
	if version < 2 {
		return false
	}
	places := alignment[version]
	near := func(v int) int {
		return slices.IndexFunc(places, func(p int) bool { return max(v-p, p-v) <= 2 })
	}
	i, j, last := near(x), near(y), len(places)-1
	if i < 0 || j < 0 {
		return false
	}
	atFinder := i == 0 && j == 0 || i == 0 && j == last || i == last && j == 0
	return !atFinder
}

// blocks of level L (table 9): how many short ones with how many data words,
// and how many with one more.
var blocks = [...]struct{ short, words, long int }{1: {1, 19, 0}, 2: {1, 34, 0}, 3: {1, 55, 0}, 4: {1, 80, 0},
	5: {1, 108, 0}, 6: {2, 68, 0}, 7: {2, 78, 0}, 8: {2, 97, 0}, 9: {2, 116, 0}, 10: {2, 68, 2}, 11: {4, 81, 0},
	12: {2, 92, 2}, 13: {4, 107, 0}, 14: {3, 115, 1}, 15: {5, 87, 1}, 16: {5, 98, 1}, 17: {1, 107, 5}}

// deinterleave puts the data words of the blocks one after another.
func deinterleave(words []byte, version int) []byte {
	b := blocks[version]
	data := make([][]byte, b.short+b.long)
	for i := range b.words {
		for j := range data {
			data[j] = append(data[j], words[i*len(data)+j])
		}
	}
	for j := range b.long {
		data[b.short+j] = append(data[b.short+j], words[b.words*len(data)+j])
	}
	return slices.Concat(data...)
}

// parse takes the one segment in byte mode apart (section 7.4).
func parse(data []byte, version int) (string, error) {
	bits := func(at, n int) (v int) {
		for i := at; i < at+n; i++ {
			v = v<<1 | int(data[i/8]>>(7-i%8)&1)
		}
		return v
	}
	if mode := bits(0, 4); mode != 0b0100 {
		return "", fmt.Errorf("mode is %04b, not octets", mode)
	}
	width := 8
	if version >= 10 {
		width = 16
	}
	text := make([]byte, bits(4, width))
	for i := range text {
		text[i] = byte(bits(4+width+8*i, 8))
	}
	return string(text), nil
}

package wire

import "errors"

// ErrMalformed says that octets are not the BER that RFC 4511 section 5.1 allows.
var ErrMalformed = errors.New("malformed LDAP message")

// Universal tags, X.690 section 8.
const (
	tagBoolean     = 0x01
	tagInteger     = 0x02
	tagOctetString = 0x04
	tagEnumerated  = 0x0a
	tagSequence    = 0x30
	tagSet         = 0x31
)

// open appends a tag and room for a short length; finish fills the length in.
func open(b []byte, tag byte) ([]byte, int) {
	b = append(b, tag, 0)
	return b, len(b)
}

// finish sets the length of what was appended since open, making room for a
// long form where it needs one.
func finish(b []byte, start int) []byte {
	n := len(b) - start
	if n < 0x80 {
		b[start-1] = byte(n)
		return b
	}
	octets := 1
	for n>>(8*octets) > 0 {
		octets++
	}
	b = append(b, make([]byte, octets)...)
	copy(b[start+octets:], b[start:start+n])
	b[start-1] = 0x80 | byte(octets)
	for i := range octets {
		b[start+i] = byte(n >> (8 * (octets - 1 - i)))
	}
	return b
}

func appendString[T string | []byte](b []byte, tag byte, s T) []byte {
	b, at := open(b, tag)
	return finish(append(b, s...), at)
}

// appendInt takes what is not negative.
func appendInt(b []byte, tag byte, v int) []byte {
	b, at := open(b, tag)
	shift := 0
	for v>>(shift+7) > 0 {
		shift += 8
	}
	for ; shift >= 0; shift -= 8 {
		b = append(b, byte(v>>shift))
	}
	return finish(b, at)
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, tagBoolean, 1, 0xff)
	}
	return append(b, tagBoolean, 1, 0)
}

// header reads a tag and a length. whole is false when b is too short to tell.
func header(b []byte) (tag byte, length, size int, whole bool, err error) {
	if len(b) < 2 {
		return 0, 0, 0, false, nil
	}
	if b[0]&0x1f == 0x1f {
		return 0, 0, 0, false, ErrMalformed
	}
	if b[1] < 0x80 {
		return b[0], int(b[1]), 2, true, nil
	}
	octets := int(b[1] & 0x7f)
	if octets == 0 || octets > 4 {
		return 0, 0, 0, false, ErrMalformed
	}
	if len(b) < 2+octets {
		return 0, 0, 0, false, nil
	}
	for _, o := range b[2 : 2+octets] {
		length = length<<8 | int(o)
	}
	return b[0], length, 2 + octets, true, nil
}

// next splits the first element off b.
func next(b []byte) (tag byte, body, rest []byte, err error) {
	tag, length, size, whole, err := header(b)
	if err != nil {
		return 0, nil, nil, err
	}
	if !whole || length > len(b)-size {
		return 0, nil, nil, ErrMalformed
	}
	return tag, b[size : size+length], b[size+length:], nil
}

// want splits the first element off b, which has to have the tag.
func want(b []byte, tag byte) (body, rest []byte, err error) {
	got, body, rest, err := next(b)
	if err == nil && got != tag {
		err = ErrMalformed
	}
	return body, rest, err
}

// wantInt splits an INTEGER or ENUMERATED of at most 31 bits off b.
func wantInt(b []byte, tag byte) (v int, rest []byte, err error) {
	body, rest, err := want(b, tag)
	if err != nil {
		return 0, nil, err
	}
	if len(body) == 0 || len(body) > 4 || body[0]&0x80 != 0 {
		return 0, nil, ErrMalformed
	}
	for _, o := range body {
		v = v<<8 | int(o)
	}
	return v, rest, nil
}

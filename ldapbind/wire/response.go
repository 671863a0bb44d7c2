package wire

import (
	"bufio"
	"fmt"
	"io"
	"slices"
)

// Op is the tag of a response, RFC 4511 section 4.
type Op byte

// Responses.
const (
	BindResponse     Op = 0x61
	SearchEntry      Op = 0x64
	SearchDone       Op = 0x65
	SearchReference  Op = 0x73
	ExtendedResponse Op = 0x78
)

// MaxMessage bounds one response: an entry with thousands of groups is well
// below it.
const MaxMessage = 4 << 20

// Read reads one whole message and returns its body, which stays valid until
// the next Read into the same buffer.
func Read(r *bufio.Reader, buf []byte) (body, grown []byte, err error) {
	length, err := readHeader(r)
	if err != nil {
		return nil, buf, err
	}
	buf = slices.Grow(buf[:0], length)[:length]
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, buf, unexpected(err)
	}
	return buf, buf, nil
}

func readHeader(r *bufio.Reader) (int, error) {
	for n := 2; ; n++ {
		head, err := r.Peek(n)
		if err != nil {
			return 0, err
		}
		tag, length, size, whole, err := header(head)
		if err != nil {
			return 0, err
		}
		if !whole {
			continue
		}
		if tag != tagSequence || length > MaxMessage {
			return 0, fmt.Errorf("%w: tag %#x of %d octets", ErrMalformed, tag, length)
		}
		_, err = r.Discard(size)
		return length, err
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Response is one message, not yet looked into.
type Response struct {
	ID   int
	Op   Op
	body []byte
}

// Parse reads the envelope of a message.
func Parse(message []byte) (Response, error) {
	id, rest, err := wantInt(message, tagInteger)
	if err != nil {
		return Response{}, err
	}
	op, body, _, err := next(rest)
	return Response{ID: id, Op: Op(op), body: body}, err
}

// Result is how an operation ended, RFC 4511 section 4.1.9.
type Result struct {
	Code    int
	Message string
}

// Result reads the outcome from any response that has one.
func (r Response) Result() (Result, error) {
	code, rest, err := wantInt(r.body, tagEnumerated)
	if err != nil {
		return Result{}, err
	}
	_, rest, err = want(rest, tagOctetString)
	if err != nil {
		return Result{}, err
	}
	text, _, err := want(rest, tagOctetString)
	return Result{Code: code, Message: string(text)}, err
}

// Error makes an error of a result that is not success.
func (r Result) Error() string { return fmt.Sprintf("LDAP result %d: %q", r.Code, r.Message) }

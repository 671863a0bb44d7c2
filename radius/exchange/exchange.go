// Package exchange is a small RADIUS client: it asks one question and gives the
// verified answer. Tests, the demonstration, the benchmark and the command line
// use it. It signs every request with Message-Authenticator and accepts no
// reply that is not signed the same way, unless told otherwise.
//
// Encode and Decode are the pure halves, for load generators that keep their
// own sockets. Attributes are layeh.com/radius's.
package exchange

import (
	"context"
	"crypto/hmac"
	"crypto/md5"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2869"
)

// What Do and Decode can fail with, beside errors of the network.
var (
	// ErrForged: the reply is not from somebody who knows the shared secret.
	ErrForged = errors.New("reply is not authentic: the shared secret differs, or somebody forged it")
	// ErrUnsigned: the reply does not begin with a Message-Authenticator.
	ErrUnsigned = errors.New("reply does not begin with a message-authenticator")
	// ErrForeign: the datagram answers another request, or is none.
	ErrForeign = errors.New("datagram is no reply to this request")
)

// Request is an Access-Request. Only Code and attributes that are set are sent.
type Request struct {
	Code     codec.Code // zero: Access-Request
	User     string
	Password string           // with State: the answer to the challenge
	State    []byte           // nil: a first leg
	Extra    codec.Attributes // sent after the others
	Unsigned bool             // leave Message-Authenticator out, to see what happens
}

// Reply is a verified answer.
type Reply struct {
	Code       codec.Code
	State      []byte
	Text       string // all Reply-Messages, one after another
	Attributes codec.Attributes
	Raw        []byte
}

// Client asks one server.
type Client struct {
	Addr    string
	Secret  []byte
	Timeout time.Duration // of each try; 0: 3 s
	Tries   int           // 0: 3
}

// Do sends the request, again with the same octets when no answer comes, and
// returns the first authentic reply.
func (c Client) Do(ctx context.Context, request Request) (Reply, error) {
	packet, err := Encode(codec.New(codec.CodeAccessRequest, c.Secret), request)
	if err != nil {
		return Reply{}, err
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp", c.Addr)
	if err != nil {
		return Reply{}, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	reply, err := c.try(ctx, conn, packet)
	return reply, errors.Join(err, conn.Close())
}

func (c Client) try(ctx context.Context, conn net.Conn, packet []byte) (reply Reply, err error) {
	tries := c.Tries
	if tries == 0 {
		tries = 3
	}
	for range tries {
		if _, err = conn.Write(packet); err != nil {
			break
		}
		if reply, err = c.await(conn, packet); err == nil || !isTimeout(err) {
			break
		}
	}
	if ctx.Err() != nil {
		return Reply{}, ctx.Err()
	}
	if err != nil {
		return Reply{}, fmt.Errorf("asking %s: %w", c.Addr, err)
	}
	return reply, nil
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// await ignores datagrams that answer something else.
func (c Client) await(conn net.Conn, packet []byte) (Reply, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 3 * time.Second
	}
	if err := conn.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return Reply{}, err
	}
	datagram := make([]byte, codec.MaxPacketLength)
	for {
		n, err := conn.Read(datagram)
		if err != nil {
			return Reply{}, err
		}
		reply, err := Decode(datagram[:n], packet, c.Secret)
		if !errors.Is(err, ErrForeign) {
			return reply, err
		}
	}
}

// Encode writes a request under the identifier, the authenticator and the
// secret of packet, which it fills.
func Encode(packet *codec.Packet, r Request) ([]byte, error) {
	if r.Code != 0 {
		packet.Code = r.Code
	}
	mac := make(codec.Attribute, md5.Size)
	if !r.Unsigned {
		packet.Add(rfc2869.MessageAuthenticator_Type, mac)
	}
	if err := fill(packet, r); err != nil {
		return nil, err
	}
	octets, err := packet.MarshalBinary()
	if err != nil || r.Unsigned {
		return octets, err
	}
	copy(octets[macAt:], sum(packet.Secret, octets))
	return octets, nil
}

func fill(packet *codec.Packet, r Request) error {
	if r.Code == 0 || r.Code == codec.CodeAccessRequest {
		packet.Add(rfc2865.UserName_Type, codec.Attribute(r.User))
		hidden, err := codec.NewUserPassword([]byte(r.Password), packet.Secret, packet.Authenticator[:])
		if err != nil {
			return fmt.Errorf("hiding the password: %w", err)
		}
		packet.Add(rfc2865.UserPassword_Type, hidden)
	}
	if r.State != nil {
		packet.Add(rfc2865.State_Type, r.State)
	}
	packet.Attributes = append(packet.Attributes, r.Extra...)
	return nil
}

// macAt is where the value of a first Message-Authenticator stands.
const macAt = 22

func sum(secret, packet []byte) []byte {
	m := hmac.New(md5.New, secret)
	m.Write(packet[:macAt])
	m.Write(make([]byte, md5.Size))
	m.Write(packet[macAt+md5.Size:])
	return m.Sum(nil)
}

// Decode verifies a datagram as the reply to request and reads it.
func Decode(datagram, request, secret []byte) (Reply, error) {
	packet, err := codec.Parse(datagram, secret)
	if err != nil || packet.Identifier != request[1] {
		return Reply{}, ErrForeign
	}
	if !codec.IsAuthenticResponse(datagram, request, secret) {
		return Reply{}, ErrForged
	}
	if len(packet.Attributes) == 0 || packet.Attributes[0].Type != rfc2869.MessageAuthenticator_Type ||
		len(packet.Attributes[0].Attribute) != md5.Size {
		return Reply{}, ErrUnsigned
	}
	signed := append([]byte(nil), datagram...)
	copy(signed[4:20], request[4:20])
	if !hmac.Equal(sum(secret, signed), packet.Attributes[0].Attribute) {
		return Reply{}, ErrForged
	}
	return read(packet, datagram), nil
}

func read(packet *codec.Packet, datagram []byte) Reply {
	var text strings.Builder
	for _, a := range packet.Attributes {
		if a.Type == rfc2865.ReplyMessage_Type {
			text.Write(a.Attribute)
		}
	}
	return Reply{
		Code: packet.Code, State: packet.Get(rfc2865.State_Type), Text: text.String(),
		Attributes: packet.Attributes, Raw: append([]byte(nil), datagram...),
	}
}

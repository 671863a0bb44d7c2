package ldapbind

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// dialer opens connections to one server. It does what go-ldap does not: bound
// every step, TLS included, and end when ctx does.
type dialer struct {
	target
	tlsConfig *tls.Config
	connect   time.Duration
	timeout   time.Duration // of one request
}

// dial connects within the connect timeout. There is no way from a failed TLS
// handshake to clear text.
func (d *dialer) dial(ctx context.Context) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.connect)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", d.address)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	s, err := d.secure(ctx, raw)
	if err != nil {
		if closing := raw.Close(); !errors.Is(closing, net.ErrClosed) { // a failed handshake has closed it
			err = errors.Join(err, closing)
		}
		return nil, err
	}
	c := &conn{Conn: ldap.NewConn(s, d.tls || d.startTLS), stream: s, timeout: d.timeout}
	c.Start()
	return c, nil
}

func (d *dialer) secure(ctx context.Context, raw net.Conn) (*stream, error) {
	s := &stream{Conn: raw, raw: raw, patience: d.timeout}
	if d.startTLS {
		if err := startTLS(ctx, raw); err != nil {
			return nil, fmt.Errorf("asking for StartTLS: %w", err)
		}
	}
	if d.tls || d.startTLS {
		secured := tls.Client(raw, d.tlsConfig)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("agreeing on TLS: %w", err)
		}
		s.Conn = secured
	}
	return s, nil
}

// startTLS asks to go on in TLS. It is not go-ldap's, which would do the
// handshake too: without a deadline, and without a word on octets that came
// before it. Those must not be taken for an answer given within TLS (RFC 4511
// section 4.14.1).
func startTLS(ctx context.Context, raw net.Conn) error {
	stop := context.AfterFunc(ctx, func() { interrupt(raw) })
	defer stop()
	if _, err := raw.Write(startTLSRequest().Bytes()); err != nil {
		return err
	}
	reader := bufio.NewReader(raw)
	answer, err := ber.ReadPacket(reader)
	if err != nil {
		return err
	}
	if err := ldap.GetLDAPError(answer); err != nil {
		return err
	}
	switch {
	case answer.Children[1].Tag != ldap.ApplicationExtendedResponse:
		return errProtocol
	case reader.Buffered() > 0:
		return errors.New("the server sent more than its answer")
	}
	return ctx.Err()
}

// interrupt makes every read and write return.
func interrupt(c net.Conn) {
	if err := c.SetDeadline(time.Unix(1, 0)); err != nil {
		return // closed already: nobody waits
	}
}

const startTLSName = "1.3.6.1.4.1.1466.20037" // RFC 4511 section 4.14

func startTLSRequest() *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "")
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, startTLSName, ""))
	message := ber.NewSequence("")
	message.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, ""))
	message.AppendChild(op)
	return message
}

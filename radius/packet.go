package radius

import (
	"encoding/binary"

	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"layeh.com/radius/rfc2869"
)

const (
	headerLen = 20
	macLen    = 16
)

// trim checks the header of a datagram and cuts off what lies beyond the
// packet's own length (RFC 2865 section 3: padding, to be ignored). A datagram
// shorter than its packet says is no packet.
func trim(datagram []byte) ([]byte, bool) {
	if len(datagram) < headerLen {
		return nil, false
	}
	length := int(binary.BigEndian.Uint16(datagram[2:4]))
	if length < headerLen || length > codec.MaxPacketLength || length > len(datagram) {
		return nil, false
	}
	return datagram[:length], true
}

// survey is what must be known of a packet before it is believed. It is taken
// from the raw octets, since a Message-Authenticator covers those.
type survey struct {
	macAt   int // offset of the Message-Authenticator's value; 0: there is none
	macs    int
	proxied bool // Proxy-State is there
	eap     bool // EAP-Message is there
}

// look walks over the attributes of a trimmed packet. It fails when they do
// not fill it exactly.
func look(packet []byte) (survey, bool) {
	var s survey
	for at := headerLen; at < len(packet); {
		if len(packet)-at < 2 {
			return s, false
		}
		size := int(packet[at+1])
		if size < 2 || size > len(packet)-at {
			return s, false
		}
		if !s.note(codec.Type(packet[at]), at, size) {
			return s, false
		}
		at += size
	}
	return s, true
}

func (s *survey) note(kind codec.Type, at, size int) bool {
	switch kind {
	case rfc2869.MessageAuthenticator_Type:
		s.macAt, s.macs = at+2, s.macs+1
		return size == 2+macLen
	case rfc2865.ProxyState_Type:
		s.proxied = true
	case rfc2869.EAPMessage_Type:
		s.eap = true
	}
	return true
}

// believe gives the packet in a datagram, and which of the client's secrets it
// was made with, or why it is to be dropped.
func (c *Client) believe(datagram []byte) ([]byte, *Secret, DropReason) {
	packet, ok := trim(datagram)
	if !ok {
		return nil, nil, Malformed
	}
	if code := codec.Code(packet[0]); code != codec.CodeAccessRequest && code != codec.CodeStatusServer {
		return nil, nil, WrongCode
	}
	about, ok := look(packet)
	if !ok {
		return nil, nil, Malformed
	}
	secret, why := c.verify(packet, about)
	return packet, secret, why
}

// verify decides whether a packet is believed, and which of the client's
// secrets it was made with: nil where only its password can tell.
func (c *Client) verify(packet []byte, s survey) (*Secret, DropReason) {
	switch {
	case s.macs > 1:
		return nil, Malformed
	case s.macs == 1:
		return c.voucher(packet, s.macAt)
	case codec.Code(packet[0]) == codec.CodeStatusServer, c.RequireMessageAuthenticator:
		return nil, Unsigned // RFC 5997 section 3
	case s.eap:
		return nil, UnsignedEAP // RFC 3579 section 3.2
	case s.proxied:
		return nil, UnsignedProxied // CVE-2024-3596
	case len(c.Secrets) == 1:
		return c.Secrets[0], kept
	}
	return nil, kept
}

func (c *Client) voucher(packet []byte, macAt int) (*Secret, DropReason) {
	for _, s := range c.Secrets {
		if s.vouches(packet, macAt) {
			return s, kept
		}
	}
	return nil, WrongMAC
}

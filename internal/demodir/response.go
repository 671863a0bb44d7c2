package demodir

import (
	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// result is how an operation ended (RFC 4511 section 4.1.9).
type result struct {
	code    uint16
	message string
}

// responses are the answers to what is only ever refused.
var responses = map[other]ber.Tag{
	ldap.ApplicationModifyRequest:   ldap.ApplicationModifyResponse,
	ldap.ApplicationAddRequest:      ldap.ApplicationAddResponse,
	ldap.ApplicationDelRequest:      ldap.ApplicationDelResponse,
	ldap.ApplicationModifyDNRequest: ldap.ApplicationModifyDNResponse,
	ldap.ApplicationCompareRequest:  ldap.ApplicationCompareResponse,
	ldap.ApplicationExtendedRequest: ldap.ApplicationExtendedResponse,
}

func (o other) responseTag() ber.Tag { return responses[o] }

// refusal is unwillingToPerform, but for extended operations, where an unknown
// one is a protocolError (RFC 4511 section 4.12).
func (o other) refusal() result {
	if o == ldap.ApplicationExtendedRequest {
		return result{ldap.LDAPResultProtocolError, "no extended operation is supported"}
	}
	return result{ldap.LDAPResultUnwillingToPerform, "this directory only binds and searches"}
}

// done is the message that ends an operation.
func done(id int64, tag ber.Tag, r result) []byte {
	return message(id, resultOf(tag, r)).Bytes()
}

// notice is the notice of disconnection (RFC 4511 section 4.4.1).
func notice(r result) []byte {
	op := resultOf(ldap.ApplicationExtendedResponse, r)
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 10, "1.3.6.1.4.1.1466.20036", "responseName"))
	return message(0, op).Bytes()
}

func message(id int64, op *ber.Packet) *ber.Packet {
	m := ber.NewSequence("LDAPMessage")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, "messageID"))
	m.AppendChild(op)
	return m
}

func resultOf(tag ber.Tag, r result) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "result")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, int64(r.code), "resultCode"))
	op.AppendChild(octetString("")) // matchedDN
	op.AppendChild(octetString(r.message))
	return op
}

// entryResult is one entry found, with what the search asks for of it.
func entryResult(id int64, e *entry, s search) []byte {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "entry")
	op.AppendChild(octetString(e.dn))
	list := ber.NewSequence("attributes")
	for _, a := range e.attributes {
		if s.wants(a) {
			list.AppendChild(a.encode(s.typesOnly))
		}
	}
	op.AppendChild(list)
	return message(id, op).Bytes()
}

func (a attribute) encode(typesOnly bool) *ber.Packet {
	p := ber.NewSequence("attribute")
	p.AppendChild(octetString(a.name))
	set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "values")
	for _, v := range a.values {
		if !typesOnly {
			set.AppendChild(octetString(v))
		}
	}
	p.AppendChild(set)
	return p
}

func octetString(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

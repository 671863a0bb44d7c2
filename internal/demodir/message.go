package demodir

import (
	"fmt"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// request is one message of a client (RFC 4511 section 4.1.1).
type request struct {
	id       int64
	op       any  // bind, search, unbind, abandon or other
	critical bool // a control that must not be passed over came along
}

type (
	bind struct {
		version        int64
		simple         bool
		name, password string
	}
	search struct {
		base        string
		scope       int64
		sizeLimit   int64
		typesOnly   bool
		filter      filter
		unsupported string // what of the filter is; empty: nothing
		attributes  []string
	}
	unbind  struct{}
	abandon struct{}
	other   ber.Tag // the request's tag
)

func (bind) responseTag() ber.Tag { return ldap.ApplicationBindResponse }

// malformed is a request that breaks the grammar.
func malformed(what string) error { return fmt.Errorf("malformed %s", what) }

// decode takes one message apart. It never panics, whatever the octets are.
func decode(message []byte) (request, error) {
	p, err := ber.DecodePacketErr(message)
	if err != nil || !sequence(p) || len(p.Children) < 2 || len(p.Children) > 3 {
		return request{}, malformed("message")
	}
	r := request{}
	var ok bool
	if r.id, ok = integer(p.Children[0], ber.TagInteger); !ok || r.id < 1 || r.id > 1<<31-1 {
		return request{}, malformed("message id")
	}
	if len(p.Children) == 3 {
		if r.critical, ok = criticalControls(p.Children[2]); !ok {
			return request{}, malformed("controls")
		}
	}
	r.op, err = decodeOp(p.Children[1])
	return r, err
}

func decodeOp(p *ber.Packet) (any, error) {
	if p.ClassType != ber.ClassApplication {
		return nil, malformed("operation")
	}
	switch p.Tag {
	case ldap.ApplicationBindRequest:
		return decodeBind(p)
	case ldap.ApplicationSearchRequest:
		return decodeSearch(p)
	case ldap.ApplicationUnbindRequest:
		return unbind{}, nil
	case ldap.ApplicationAbandonRequest:
		return abandon{}, nil
	}
	if _, known := responses[other(p.Tag)]; !known {
		return nil, malformed("operation")
	}
	return other(p.Tag), nil
}

// decodeBind reads RFC 4511 section 4.2.
func decodeBind(p *ber.Packet) (any, error) {
	if p.TagType != ber.TypeConstructed || len(p.Children) != 3 {
		return nil, malformed("bind request")
	}
	version, ok := integer(p.Children[0], ber.TagInteger)
	name, okName := octets(p.Children[1])
	method := p.Children[2]
	if !ok || !okName || method.ClassType != ber.ClassContext {
		return nil, malformed("bind request")
	}
	b := bind{version: version, name: name}
	if method.Tag == 0 && method.TagType == ber.TypePrimitive {
		b.simple, b.password = true, method.Data.String()
	}
	return b, nil
}

// decodeSearch reads RFC 4511 section 4.5.1.
func decodeSearch(p *ber.Packet) (any, error) {
	if p.TagType != ber.TypeConstructed || len(p.Children) != 8 {
		return nil, malformed("search request")
	}
	f := p.Children
	var s search
	var oks [6]bool
	s.base, oks[0] = octets(f[0])
	s.scope, oks[1] = integer(f[1], ber.TagEnumerated)
	_, oks[2] = integer(f[2], ber.TagEnumerated) // derefAliases: there are none
	s.sizeLimit, oks[3] = integer(f[3], ber.TagInteger)
	_, oks[4] = integer(f[4], ber.TagInteger) // timeLimit: never reached
	s.typesOnly, oks[5] = boolean(f[5])
	for _, ok := range oks {
		if !ok {
			return nil, malformed("search request")
		}
	}
	if s.scope < ldap.ScopeBaseObject || s.scope > ldap.ScopeWholeSubtree || s.sizeLimit < 0 {
		return nil, malformed("search request")
	}
	return s, s.decodeRest(f[6], f[7])
}

func (s *search) decodeRest(filter, attributes *ber.Packet) (err error) {
	if s.filter, s.unsupported, err = decodeFilter(filter); err != nil {
		return err
	}
	if !sequence(attributes) {
		return malformed("attribute list")
	}
	for _, p := range attributes.Children {
		name, ok := octets(p)
		if !ok {
			return malformed("attribute list")
		}
		s.attributes = append(s.attributes, name)
	}
	return nil
}

// criticalControls tells whether any control is critical (RFC 4511 section
// 4.1.11).
func criticalControls(p *ber.Packet) (critical, ok bool) {
	if p.ClassType != ber.ClassContext || p.TagType != ber.TypeConstructed || p.Tag != 0 {
		return false, false
	}
	for _, control := range p.Children {
		if !sequence(control) || len(control.Children) == 0 {
			return false, false
		}
		if len(control.Children) > 1 {
			is, ok := boolean(control.Children[1])
			critical = critical || ok && is
		}
	}
	return critical, true
}

func universal(p *ber.Packet, kind ber.Type, tag ber.Tag) bool {
	return p.ClassType == ber.ClassUniversal && p.TagType == kind && p.Tag == tag
}

func sequence(p *ber.Packet) bool { return universal(p, ber.TypeConstructed, ber.TagSequence) }

func octets(p *ber.Packet) (string, bool) {
	return p.Data.String(), universal(p, ber.TypePrimitive, ber.TagOctetString)
}

func integer(p *ber.Packet, tag ber.Tag) (int64, bool) {
	v, ok := p.Value.(int64)
	return v, ok && universal(p, ber.TypePrimitive, tag) && p.Data.Len() > 0 && p.Data.Len() <= 8
}

func boolean(p *ber.Packet) (value, ok bool) {
	value, ok = p.Value.(bool)
	return value, ok && universal(p, ber.TypePrimitive, ber.TagBoolean) && p.Data.Len() == 1
}

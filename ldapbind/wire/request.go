package wire

// Tags of requests, RFC 4511 section 4.
const (
	opBindRequest     = 0x60
	opUnbindRequest   = 0x42
	opSearchRequest   = 0x63
	opExtendedRequest = 0x77

	authSimple    = 0x80
	extendedName  = 0x80
	protocolThree = 3
)

const startTLSName = "1.3.6.1.4.1.1466.20037" // RFC 4511 section 4.14

// Scope is how deep a search looks, RFC 4511 section 4.5.1.2.
type Scope int

// Scopes.
const (
	Base Scope = iota
	OneLevel
	Subtree
)

// Search is a search request. Aliases are never followed.
type Search struct {
	Base       string
	Scope      Scope
	Filter     Filter
	Attributes []string
	SizeLimit  int // 0: the server's
	Seconds    int // 0: the server's
}

// AppendBind appends a simple bind, RFC 4511 section 4.2. It must never be
// given an empty password: servers take that for a bind as nobody, and say yes
// (RFC 4513 section 5.1.2).
func AppendBind(b []byte, id int, name, password string) []byte {
	b, message := open(b, tagSequence)
	b = appendInt(b, tagInteger, id)
	b, op := open(b, opBindRequest)
	b = appendInt(b, tagInteger, protocolThree)
	b = appendString(b, tagOctetString, name)
	b = appendString(b, authSimple, password)
	return finish(finish(b, op), message)
}

// AppendSearch appends a search, RFC 4511 section 4.5.
func AppendSearch(b []byte, id int, s Search) []byte {
	b, message := open(b, tagSequence)
	b = appendInt(b, tagInteger, id)
	b, op := open(b, opSearchRequest)
	b = appendString(b, tagOctetString, s.Base)
	b = appendInt(b, tagEnumerated, int(s.Scope))
	b = appendInt(b, tagEnumerated, 0)
	b = appendInt(b, tagInteger, s.SizeLimit)
	b = appendInt(b, tagInteger, s.Seconds)
	b = appendBool(b, false)
	b = append(b, s.Filter...)
	b, list := open(b, tagSequence)
	for _, name := range s.Attributes {
		b = appendString(b, tagOctetString, name)
	}
	return finish(finish(finish(b, list), op), message)
}

// AppendStartTLS appends the request to go on in TLS, RFC 4511 section 4.14.
func AppendStartTLS(b []byte, id int) []byte {
	b, message := open(b, tagSequence)
	b = appendInt(b, tagInteger, id)
	b, op := open(b, opExtendedRequest)
	b = appendString(b, extendedName, startTLSName)
	return finish(finish(b, op), message)
}

// AppendUnbind appends the farewell, RFC 4511 section 4.3.
func AppendUnbind(b []byte, id int) []byte {
	b, message := open(b, tagSequence)
	b = appendInt(b, tagInteger, id)
	return finish(append(b, opUnbindRequest, 0), message)
}

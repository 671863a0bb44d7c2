package radius

import (
	"strings"
	"unicode/utf8"

	codec "layeh.com/radius"
	"layeh.com/radius/rfc2865"
	"twofold/core"
)

// Texts are what people get to read. Empty fields mean the English ones.
type Texts struct {
	Reject   string // the same for every refusal (I08)
	Code     string
	NextCode string
	Enrol    string // {key} and {uri} stand for the token's
}

func (t Texts) withDefaults() Texts {
	for _, f := range []struct {
		text     *string
		fallback string
	}{
		{&t.Reject, "Login refused."},
		{&t.Code, "Enter the code your authenticator shows:"},
		{&t.NextCode, "Wait for the next code and enter that:"},
		{&t.Enrol, "Add this key to your authenticator app: {key} - then enter the code it shows:"},
	} {
		if *f.text == "" {
			*f.text = f.fallback
		}
	}
	return t
}

func (t Texts) prompt(ask core.Ask) string {
	switch ask.For {
	case core.AskNextCode:
		return t.NextCode
	case core.AskEnrol:
		return strings.NewReplacer("{key}", ask.Key, "{uri}", ask.URI).Replace(t.Enrol)
	default:
		return t.Code
	}
}

const maxValue = 253 // octets of an attribute's value, RFC 2865 section 5

// addText adds a text as Reply-Messages, which the NAS shows one after another
// (RFC 2865 section 5.18), split between characters.
func addText(attrs *codec.Attributes, text string) {
	for text != "" {
		cut := len(text)
		if cut > maxValue {
			cut = maxValue
			for cut > maxValue-utf8.UTFMax && !utf8.RuneStart(text[cut]) {
				cut--
			}
		}
		attrs.Add(rfc2865.ReplyMessage_Type, codec.Attribute(text[:cut]))
		text = text[cut:]
	}
}

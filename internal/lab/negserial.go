package lab

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"math/big"
)

// certificate and tbsCertificate follow RFC 5280 §4.1, as far as the serial
// number; the rest is carried along unread.
type certificate struct {
	TBS       asn1.RawValue
	Algorithm asn1.RawValue
	Signature asn1.BitString
}

type tbsCertificate struct {
	Version    asn1.RawValue
	Serial     *big.Int
	Signature  asn1.RawValue
	Issuer     asn1.RawValue
	Validity   asn1.RawValue
	Subject    asn1.RawValue
	PublicKey  asn1.RawValue
	Extensions asn1.RawValue
}

// negateSerial rewrites a certificate so that its serial number is negative,
// and signs it again. crypto/x509 refuses to make or parse such a one, while
// GnuTLS, and so Samba, makes them.
func negateSerial(der []byte, key *ecdsa.PrivateKey) ([]byte, error) {
	var cert certificate
	if _, err := asn1.Unmarshal(der, &cert); err != nil {
		return nil, err
	}
	var tbs tbsCertificate
	if _, err := asn1.Unmarshal(cert.TBS.FullBytes, &tbs); err != nil {
		return nil, err
	}
	tbs.Serial.Neg(tbs.Serial)
	body, err := asn1.Marshal(tbs)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		return nil, err
	}
	cert.TBS = asn1.RawValue{FullBytes: body}
	cert.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	return asn1.Marshal(cert)
}

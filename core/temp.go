package core

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/big"
	"time"
)

// What the help desk hands out is eight digits long: typed once or twice, over
// the phone, into a password field. Guesses at it are wrong codes and charged
// to the same lanes as those at a token.
const (
	tempDigits      = 8
	defaultTempFor  = time.Hour
	maxTempFor      = 24 * time.Hour
	maxTempUses     = 20
	invitationValid = 72 * time.Hour // a weekend
)

// hashTemp is how a temporary code is stored and looked for. It is bound to
// the account, so that a record moved to another one opens nothing there.
func hashTemp(id AccountID, code string) []byte {
	sum := sha256.New()
	sum.Write([]byte("twofold temporary code\x00"))
	sum.Write(id[:])
	sum.Write([]byte(code))
	return sum.Sum(nil)
}

// newTempCode draws the digits. Rand must be a source fit for keys.
func newTempCode(rand io.Reader) (string, error) {
	n, err := draw(rand, 100_000_000)
	if err != nil {
		return "", fmt.Errorf("drawing a temporary code: %w", err)
	}
	return fmt.Sprintf("%0*d", tempDigits, n), nil
}

// draw gives a number below limit, all of them equally likely.
func draw(rand io.Reader, limit int64) (int64, error) {
	var octets [16]byte // 128 bits over at most 2^27: the remainder's bias is below 2^-100
	if _, err := io.ReadFull(rand, octets[:]); err != nil {
		return 0, err
	}
	n := new(big.Int).SetBytes(octets[:])
	return n.Mod(n, big.NewInt(limit)).Int64(), nil
}

// giveTemp puts t in the place of an earlier one of its kind: at most one
// temporary code and one invitation hold at a time (I12).
func (a *Account) giveTemp(t Temp) {
	kept := a.Temps[:0]
	for _, old := range a.Temps {
		if old.Invite != t.Invite {
			kept = append(kept, old)
		}
	}
	a.Temps = append(kept, t)
}

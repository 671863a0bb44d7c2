//go:build bench

package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"twofold/internal/lab"
)

// bareBinds is what the directory can do with n connections: every user's bind,
// encoded before, and no more of the answer than its result is looked at.
func bareBinds(t *testing.T, directory *lab.Slapd, people []person, n int) result {
	t.Helper()
	requests := make([][]byte, len(people))
	for i, p := range people {
		requests[i] = bindRequest("uid="+p.name+",ou=people,"+directory.BaseDN, p.password)
	}
	var next atomic.Int64
	parts := make([]result, n)
	begin := time.Now()
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() {
			if err := parts[i].bind(directory.PlainURL(), requests, &next); err != nil {
				t.Errorf("binding: %v", err)
			}
		})
	}
	wg.Wait()
	return sum(parts, time.Since(begin))
}

func (r *result) bind(url string, requests [][]byte, next *atomic.Int64) error {
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "ldap://"))
	if err != nil {
		return err
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		i := int(next.Add(1)) - 1
		if i >= len(requests) {
			return nil
		}
		begin := time.Now()
		if _, err := conn.Write(requests[i]); err != nil {
			return err
		}
		if err := bound(in); err != nil {
			return err
		}
		r.latencies = append(r.latencies, time.Since(begin))
	}
}

// bindRequest is a message of RFC 4511 §4.2, number 1. All lengths fit one octet.
func bindRequest(dn, password string) []byte {
	bind := tlv(0x02, "\x03") + tlv(0x04, dn) + tlv(0x80, password)
	return []byte(tlv(0x30, tlv(0x02, "\x01")+tlv(0x60, bind)))
}

func tlv(tag byte, value string) string { return string([]byte{tag, byte(len(value))}) + value }

// bound reads the answer: 30 len, 02 01 01, 61 len, 0a 01 resultCode.
func bound(in *bufio.Reader) error {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return err
	}
	message := make([]byte, head[1])
	if _, err := io.ReadFull(in, message); err != nil {
		return err
	}
	if len(message) < 8 || message[3] != 0x61 || message[7] != 0 {
		return fmt.Errorf("answer %x is not a successful bind", message)
	}
	return nil
}

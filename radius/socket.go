package radius

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// socket is one open UDP socket. Sockets that share an address by SO_REUSEPORT
// share a number, since a retransmission may arrive on either.
type socket struct {
	conn   *net.UDPConn
	number int
}

// asked is the address a packet was sent to, as the control message with which
// a reply leaves from there. Empty: the socket has but one address.
type asked []byte

const controlLen = 64

func openSockets(cfg Config) (all []*socket, err error) {
	defer func() {
		if err != nil {
			closeSockets(all)
		}
	}()
	for number, conn := range cfg.Sockets {
		if err := askForAddresses(conn); err != nil {
			return all, fmt.Errorf("preparing inherited socket %v: %w", conn.LocalAddr(), err)
		}
		all = append(all, &socket{conn, number})
	}
	for i, address := range cfg.Listen {
		number := len(cfg.Sockets) + i
		for range cfg.ReusePort {
			conn, err := openSocket(address, cfg.ReusePort > 1)
			if err != nil {
				return all, fmt.Errorf("listening on %s: %w", address, err)
			}
			all = append(all, &socket{conn, number})
			address = conn.LocalAddr().String() // the same port, where it was 0
		}
	}
	return all, nil
}

func closeSockets(all []*socket) error {
	var faults []error
	for _, s := range all {
		faults = append(faults, s.conn.Close())
	}
	return errors.Join(faults...)
}

func openSocket(address string, shared bool) (*net.UDPConn, error) {
	network, err := networkOf(address)
	if err != nil {
		return nil, err
	}
	listen := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error { return prepare(raw, shared) }}
	conn, err := listen.ListenPacket(context.Background(), network, address)
	if err != nil {
		return nil, err
	}
	udp := conn.(*net.UDPConn)
	if err := errors.Join(udp.SetReadBuffer(1<<20), udp.SetWriteBuffer(1<<20)); err != nil {
		return nil, errors.Join(err, udp.Close())
	}
	return udp, nil
}

// networkOf keeps 0.0.0.0 and [::] apart, so that both can be listened on.
func networkOf(address string) (string, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if host == "" {
		return "udp", nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return "", errors.New("host must be an IP address")
	}
	if ip.Unmap().Is4() {
		return "udp4", nil
	}
	return "udp6", nil
}

func askForAddresses(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	return prepare(raw, false)
}

// prepare asks the kernel for the address each packet was sent to, which only
// matters on wildcard sockets and costs little elsewhere.
func prepare(raw syscall.RawConn, shared bool) error {
	var fault error
	err := raw.Control(func(fd uintptr) {
		family, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		if err == nil && shared {
			err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
		}
		if err == nil && family == unix.AF_INET6 {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
		} else if err == nil {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
		}
		fault = err
	})
	return errors.Join(err, fault)
}

// turn makes of a received control message the one to send with: the same
// message without its interface, so that routing is free to choose one.
// A link-local address means nothing without its interface and keeps it.
func turn(control []byte) asked {
	if len(control) < unix.SizeofCmsghdr {
		return nil
	}
	header, info, _, err := unix.ParseOneSocketControlMessage(control)
	if err != nil {
		return nil
	}
	switch {
	case header.Level == unix.IPPROTO_IP && header.Type == unix.IP_PKTINFO && len(info) == unix.SizeofInet4Pktinfo:
		clear(info[:4])
	case header.Level == unix.IPPROTO_IPV6 && header.Type == unix.IPV6_PKTINFO && len(info) == unix.SizeofInet6Pktinfo:
		address := netip.AddrFrom16([16]byte(info[:16]))
		if address.IsMulticast() {
			return nil
		}
		if !address.IsLinkLocalUnicast() {
			clear(info[16:])
		}
	default:
		return nil
	}
	return control[:unix.CmsgSpace(len(info))]
}

func (s *socket) send(reply []byte, from asked, to netip.AddrPort) error {
	_, _, err := s.conn.WriteMsgUDPAddrPort(reply, from, to)
	return err
}

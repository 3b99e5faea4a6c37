package neo4jstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
)

// meter carries one connection between the driver and the server and ends it
// when more bytes come from the server than allowed. The driver reads a record
// whole before anybody can look at it, so nothing behind it could keep one
// record from filling the memory of this program. Ending the connection also
// ends the statement on the server.
type meter struct {
	listener net.Listener
	open     sync.WaitGroup
	over     atomic.Bool // the limit was reached

	mu     sync.Mutex
	conns  []net.Conn
	closed bool
}

// newMeter listens for the driver on a free port of the loopback address.
func (s *Store) newMeter(ctx context.Context, limit int64) (*meter, error) {
	u, err := url.Parse(s.config.URI)
	if err != nil {
		return nil, fmt.Errorf("neo4j address %q: %w", redacted(s.config.URI), err)
	}
	address := u.Host
	if u.Port() == "" {
		address = net.JoinHostPort(u.Hostname(), "7687")
	}
	dial := (&net.Dialer{Timeout: s.config.ConnectTimeout}).DialContext
	if _, encrypted, ok := strings.Cut(u.Scheme, "+"); ok {
		dial = (&tls.Dialer{
			NetDialer: &net.Dialer{Timeout: s.config.ConnectTimeout},
			Config:    &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, InsecureSkipVerify: encrypted == "ssc"},
		}).DialContext
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the driver: %w", err)
	}
	m := &meter{listener: l}
	m.open.Go(func() { m.carry(ctx, dial, address, limit) })
	return m, nil
}

// uri is the address for the driver.
func (m *meter) uri() string { return "bolt://" + m.listener.Addr().String() }

// keep takes a connection that close will close; false when that has happened.
func (m *meter) keep(c net.Conn) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		c.Close()
		return false
	}
	m.conns = append(m.conns, c)
	return true
}

// carry takes one connection and copies both ways until an end closes.
func (m *meter) carry(ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), address string, limit int64) {
	defer m.cut()
	driver, err := m.listener.Accept()
	if err != nil || !m.keep(driver) {
		return
	}
	server, err := dial(ctx, "tcp", address)
	if err != nil || !m.keep(server) {
		return
	}
	m.open.Go(func() {
		defer m.cut()
		_, _ = io.Copy(server, driver)
	})
	_, err = io.CopyN(driver, server, limit)
	if err == nil {
		m.over.Store(true)
	}
}

// cut ends both connections.
func (m *meter) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for _, c := range m.conns {
		c.Close()
	}
	m.listener.Close()
}

// close ends both connections and waits until nothing is carried any more.
func (m *meter) close() {
	m.cut()
	m.open.Wait()
}

// errOver says that the meter ended the connection.
var errOver = errors.New("the answer is larger than allowed")

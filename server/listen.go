package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// RefusedAddressError says that the server does not listen on an address that
// other machines can reach.
type RefusedAddressError struct{ Address string }

// Error says why, and what to do.
func (e *RefusedAddressError) Error() string {
	_, port, err := net.SplitHostPort(e.Address)
	if err != nil {
		port = "8080"
	}
	return fmt.Sprintf("refusing to listen on %s: other machines could reach it, and without access tokens anyone who does could read and change the graph; "+
		"listen on 127.0.0.1:%s, or give --insecure where something in front of the server decides who may ask", e.Address, port)
}

// checkAddress refuses an address that is not of this machine alone.
func checkAddress(address string, insecure bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not an address to listen on; want host:port such as 127.0.0.1:8080: %w", address, err)
	}
	if insecure || hostOf(host) == "localhost" || isLoopback(host) {
		return nil
	}
	return &RefusedAddressError{Address: address}
}

const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// Serve listens and answers until ctx is done. Then it takes no more requests,
// lets those that run finish within Limits.Drain, and cuts off the rest, which
// is an error. /readyz says not ready from then on.
func (s *Server) Serve(ctx context.Context) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", s.o.Address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.o.Address, err)
	}
	// A name may turn out to mean another address than this machine's own.
	if tcp, ok := ln.Addr().(*net.TCPAddr); ok && !s.o.Insecure && !tcp.IP.IsLoopback() {
		return errors.Join(&RefusedAddressError{Address: ln.Addr().String()}, ln.Close())
	}
	// Requests outlive ctx while they drain; cut ends those that do not finish.
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	web := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		WriteTimeout: s.o.Limits.Request + connectionGrace, // a route may set another
		BaseContext:  func(net.Listener) context.Context { return base },
		ErrorLog:     slog.NewLogLogger(s.o.Logger.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(ln) }()
	if s.o.Listening != nil {
		s.o.Listening(ln.Addr())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve on %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.o.Logger.InfoContext(ctx, "stopping", slog.Duration("drain", s.o.Limits.Drain))
	drain, stop := context.WithTimeout(base, s.o.Limits.Drain)
	defer stop()
	if err := web.Shutdown(drain); err != nil {
		cut()
		return errors.Join(fmt.Errorf("requests still ran %v after the stop and were cut off: %w", s.o.Limits.Drain, err), web.Close())
	}
	return nil
}

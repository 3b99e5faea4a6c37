package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"roundtrip/graph"
	"roundtrip/reports/report"
)

func newDoctor(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check settings, store and data, and say what to do",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			l, err := settings(c, s)
			if err != nil {
				return err
			}
			sick := false
			check := func(what string, problem error, fine string) {
				if problem != nil {
					sick = true
					fmt.Fprintf(s.out, "BAD  %s: %v\n", what, problem)
					return
				}
				fmt.Fprintf(s.out, "ok   %s: %s\n", what, fine)
			}
			check("settings", nil, "all known and allowed")
			fine, problem := addressState(c.Context(), l.Server.Address)
			check("address "+l.Server.Address, problem, fine)
			if path, err := report.Browser(); err != nil {
				fmt.Fprintf(s.out, "note pdf: %v\n", err) // only who asks for PDF needs one
			} else {
				check("pdf", nil, "written by "+path)
			}
			store, err := openStore(c.Context(), l.Config, newLogger(l.Log, s.err))
			if err != nil {
				check("store "+l.Store.Kind, err, "")
				return errShown
			}
			defer store.closeAfter(&err)
			check("store "+store.name, nil, "opens")
			check("content", store.check(c.Context()), "readable, and its hash is right")
			var rev graph.Revision
			rev, problem = store.Revision(c.Context())
			check("revision", problem, fmt.Sprintf("%d, content %s", rev.Number, rev.Hash))
			if problem == nil {
				problem = readAll(c.Context(), store, rev)
				check("records", problem, "all can be read")
			}
			if sick {
				return errShown
			}
			return nil
		},
	}
}

// addressState tries to listen. That the address is taken is fine: the service
// may be running.
func addressState(ctx context.Context, address string) (fine string, problem error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "in use, by a running service or another program", nil
	case err != nil:
		return "", err
	}
	return "free to listen on", ln.Close()
}

func readAll(ctx context.Context, store graph.Store, rev graph.Revision) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, err := range store.Records(ctx, rev.Number) {
		if err != nil {
			return err
		}
	}
	return nil
}

package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"roundtrip/graph"
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
			report := func(what string, problem error, fine string) {
				if problem != nil {
					sick = true
					fmt.Fprintf(s.out, "BAD  %s: %v\n", what, problem)
					return
				}
				fmt.Fprintf(s.out, "ok   %s: %s\n", what, fine)
			}
			report("settings", nil, "all known and allowed")
			report("address "+l.Server.Address, addressFree(c.Context(), l.Server.Address), "free to listen on")
			store, err := openStore(c.Context(), l.Config, newLogger(l.Log, s.err))
			if err != nil {
				report("store "+l.Store.Kind, err, "")
				return errShown
			}
			defer store.closeAfter(&err)
			report("store "+store.name, nil, "opens")
			report("content", store.check(c.Context()), "readable, and its hash is right")
			rev, problem := store.Revision(c.Context())
			report("revision", problem, fmt.Sprintf("%d, content %s", rev.Number, rev.Hash))
			if problem == nil {
				problem = checkDataset(c.Context(), store, rev)
				report("graph", problem, "loads into memory")
			}
			if sick {
				return errShown
			}
			return nil
		},
	}
}

// addressFree tries to listen. A service that is running already holds the
// address, which the message says.
func addressFree(ctx context.Context, address string) error {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%w (is the service running already?)", err)
	}
	return ln.Close()
}

func checkDataset(ctx context.Context, store graph.Store, rev graph.Revision) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, err := range store.Records(ctx, rev.Number) {
		if err != nil {
			return err
		}
	}
	return nil
}

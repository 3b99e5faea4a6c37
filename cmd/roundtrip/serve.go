package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"roundtrip/browserkit"
	"roundtrip/server"
	"roundtrip/server/web"
)

func newServe(s *streams) *cobra.Command {
	var address string
	var insecure bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the page and the API",
		Long: "Serve the page and the API. A store that never held anything is first given the shipped data set.\n" +
			"The service listens on loopback only, unless --insecure allows an address that other machines can reach.",
		Args: cobra.NoArgs,
	}
	c.Flags().StringVar(&address, "address", "", "host and port to listen on (setting server.address)")
	c.Flags().BoolVar(&insecure, "insecure", false, "listen on an address that other machines can reach although nobody has to log in")
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		l, err := settings(c, s)
		if err != nil {
			return err
		}
		if address != "" {
			l.Server.Address = address
		}
		l.Server.Insecure = l.Server.Insecure || insecure
		log := newLogger(l.Log, s.err)
		store, err := openStore(c.Context(), l.Config, log)
		if err != nil {
			return err
		}
		defer store.closeAfter(&err)
		if l.Store.Dataset {
			loaded, err := store.loadDataset(c.Context(), time.Now().UTC())
			if err != nil {
				return err
			}
			if loaded {
				log.Info("loaded the shipped data set into the empty store", "store", store.name)
			}
		}
		shelf, err := newShelf(l.Config, store)
		if err != nil {
			return err
		}
		kit, err := newKit(c.Context())
		if err != nil {
			return err
		}
		named, err := newQueries(l.Config, store, func(context.Context) (*browserkit.Kit, error) { return kit, nil })
		if err != nil {
			return err
		}
		answers := newRunner(l.Config, store, time.Now)
		office, err := newOffice(l.Config, store, shelf, answers, s.env, !l.Reports.Enabled, log)
		if err != nil {
			return err
		}
		srv, err := server.New(server.Options{
			Kit:     kit,
			Address: l.Server.Address, Insecure: l.Server.Insecure, Hosts: l.Server.Hosts,
			Runner: answers, Store: store.Store, Scenarios: shelf, Page: web.Files(), Version: version(), Logger: log,
			Checks: store.ready(), Cypher: store.statements(l.Config), Queries: named, Trends: trendsOf{answers, office.runner}, Reports: reportsOf{office},
			Listening: func(a net.Addr) {
				log.Info("serving the page and the API", "url", "http://"+a.String(), "store", store.name)
				if terminal(s.err) {
					fmt.Fprintf(s.err, "\n  roundtrip is ready: http://%s\n\n", a)
				}
			},
			Limits: server.Limits{
				Body: l.Limits.Body, Upload: l.Limits.Upload, Rows: l.Limits.Rows, Request: l.Limits.Request,
				Import: l.Limits.Import, Heavy: l.Limits.Heavy, Wait: l.Limits.Wait, Drain: l.Limits.Drain,
			},
		})
		if err != nil {
			return err
		}
		if l.Reports.Enabled {
			return office.lead(c.Context(), srv.Serve)
		}
		return srv.Serve(c.Context())
	}
	return c
}

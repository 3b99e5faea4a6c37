package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"runtime"
	"time"

	"roundtrip/browserkit"
	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries"
	"roundtrip/queries/saved"
)

// Options are what a Server works with. Runner and Store are required. A store
// that has a method Ready(context.Context) error is asked by /readyz.
type Options struct {
	// Address is host:port to listen on, 127.0.0.1:8080 when empty. An address
	// that other machines can reach is refused unless Insecure is set.
	Address  string
	Insecure bool
	// Hosts are further names under which a loopback server may be asked for,
	// without ports. localhost and loopback addresses are always allowed.
	Hosts []string

	Runner *queries.Runner
	Store  graph.Store
	// Scenarios are those that requests may name; those saved in the store when nil.
	Scenarios *scenario.Shelf
	// Queries are those that can be run by name; those saved in the store when nil.
	Queries *saved.Shelf
	// Reports are schedules and their runs; nil where there are none.
	Reports Reports
	// Trends finds figures over time; nil where there are none.
	Trends Trends
	// Cypher runs statements that users write; nil where the store runs none.
	Cypher Statements
	// Checks are asked by /readyz, each under its name.
	Checks []Check

	// Kit is what people load into Neo4j Browser, served at /browser-kit/; nil serves none.
	Kit *browserkit.Kit

	Page    fs.FS  // the built page: index.html and assets/; nil serves a short notice
	Version string // of the program

	Logger    *slog.Logger     // discards when nil
	Now       func() time.Time // time.Now when nil
	RequestID func() string    // random when nil
	// Listening is told the address once the server accepts connections.
	Listening func(net.Addr)

	Limits Limits
}

// Check is one thing that must be well for the server to be ready. Its error
// goes to the log, never to the client.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
}

// Limits bound what one request and all of them together may take. Zero values
// get the defaults given with each.
type Limits struct {
	Body    int64         // bytes of a JSON body, 1 MiB
	Upload  int64         // bytes of an uploaded import, 1 GiB
	Rows    int           // records in a page of a listing, 1,000
	Request time.Duration // time for one request, 30 s
	Import  time.Duration // time for one import or export, 10 min
	Heavy   int           // analyses, drawings and imports at work at once, twice the processors and at least 4
	Wait    time.Duration // longest wait for one of those places, 2 s
	Drain   time.Duration // time that running requests get when the server stops, 15 s
}

func (l Limits) withDefaults() Limits {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	if l.Body == 0 {
		l.Body = 1 << 20
	}
	if l.Upload == 0 {
		l.Upload = 1 << 30
	}
	if l.Rows == 0 {
		l.Rows = 1000
	}
	if l.Heavy == 0 {
		l.Heavy = max(4, 2*runtime.GOMAXPROCS(0))
	}
	def(&l.Request, 30*time.Second)
	def(&l.Import, 10*time.Minute)
	def(&l.Wait, 2*time.Second)
	def(&l.Drain, 15*time.Second)
	return l
}

func (o Options) withDefaults() (Options, error) {
	if o.Runner == nil || o.Store == nil {
		return o, errors.New("server: a runner and a store are required")
	}
	if o.Scenarios == nil {
		saved, ok := o.Store.(graph.Documents)
		if !ok {
			return o, errors.New("server: the store keeps no documents, so scenarios are required")
		}
		var err error
		if o.Scenarios, err = scenario.NewShelf(nil, saved); err != nil {
			return o, err
		}
	}
	if o.Queries == nil {
		documents, ok := o.Store.(graph.Documents)
		if !ok {
			return o, errors.New("server: the store keeps no documents, so queries are required")
		}
		var err error
		if o.Queries, err = saved.NewShelf(o.Runner.Catalogue(), nil, documents); err != nil {
			return o, err
		}
	}
	if o.Address == "" {
		o.Address = "127.0.0.1:8080"
	}
	if o.Version == "" {
		o.Version = "unknown"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.RequestID == nil {
		o.RequestID = randomID
	}
	o.Limits = o.Limits.withDefaults()
	return o, nil
}

func randomID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

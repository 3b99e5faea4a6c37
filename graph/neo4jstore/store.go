package neo4jstore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"roundtrip/graph"
)

// Store is a graph.Store in a Neo4j database. Several stores, in several
// processes, may share one database.
type Store struct {
	config    Config
	driver    neo4j.DriverWithContext
	bookmarks neo4j.BookmarkManager
	owner     string        // names this store in the lease
	turn      chan struct{} // holds one token: which goroutine may go for the lease
	closed    atomic.Bool
	stop      context.CancelFunc // ends the background
	wake      chan time.Duration // asks the background to tidy after that time
	done      sync.WaitGroup
}

var _ graph.Store = (*Store)(nil)

// Open connects to the database, brings its schema up to date, and repairs what
// a writer that was killed left behind; it says so through the logger. It is an
// error within the deadline (or 30 seconds) when the server cannot be reached,
// does not accept the password or has no such database, and when the schema is
// newer than this program knows.
func Open(ctx context.Context, c Config) (*Store, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
	}
	auth := neo4j.NoAuth()
	if c.Username != "" {
		auth = neo4j.BasicAuth(c.Username, c.Password, "")
	}
	driver, err := neo4j.NewDriverWithContext(c.URI, auth, func(d *config.Config) {
		d.UserAgent = "roundtrip"
		d.MaxConnectionPoolSize = c.MaxConnections
		d.SocketConnectTimeout = c.ConnectTimeout
		d.ConnectionAcquisitionTimeout = 2 * c.ConnectTimeout
		d.MaxTransactionRetryTime = 15 * time.Second
	})
	if err != nil {
		return nil, fmt.Errorf("open neo4j at %s: %w", redacted(c.URI), plain(err))
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Store{
		config: c, driver: driver, bookmarks: neo4j.NewBookmarkManager(neo4j.BookmarkManagerConfig{}),
		owner: rand.Text(), turn: make(chan struct{}, 1), stop: stop, wake: make(chan time.Duration, 1),
	}
	if err := s.prepare(ctx); err != nil {
		stop()
		return nil, errors.Join(err, driver.Close(context.WithoutCancel(ctx)))
	}
	if !c.ReadOnly {
		s.done.Go(func() { s.tidy(background) })
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	what := "open neo4j at " + redacted(s.config.URI)
	if err := s.driver.VerifyConnectivity(ctx); err != nil {
		return s.told(ctx, what, err)
	}
	if s.config.ReadOnly {
		return s.Check(ctx)
	}
	if err := s.migrate(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return s.repair(ctx)
}

// Check asks whether the store can answer: the server is reachable and the
// schema is the one that this program knows.
func (s *Store) Check(ctx context.Context) error {
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	var found int64
	err := s.read(ctx, "check neo4j", func(ctx context.Context, t tx) error {
		v, err := t.one(ctx, "OPTIONAL MATCH (m:RoundtripMeta {key: 'graph'}) RETURN m.schema", nil)
		if err != nil {
			return err
		}
		found, _ = v[0].(int64)
		return nil
	})
	if err != nil {
		return err
	}
	known, err := migrations()
	if err != nil {
		return err
	}
	return checkSchema(found, int64(len(known)))
}

// Close stops the background and closes the connections. Calls that are under
// way end with errors.
func (s *Store) Close(ctx context.Context) error {
	if s.closed.Swap(true) {
		return nil
	}
	s.stop()
	s.done.Wait()
	if err := s.driver.Close(ctx); err != nil {
		return fmt.Errorf("close neo4j: %w", plain(err))
	}
	return nil
}

// withDeadline gives a context without a deadline that of one transaction.
func (s *Store) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.config.Timeout)
}

// meta is the one node that says where the graph stands.
type meta struct {
	revision  int64
	hash      graph.Hash
	at        time.Time
	published int64   // what record nodes and Query show
	counts    []int64 // current records by kind, from the first kind on
}

const readMeta = `MATCH (m:RoundtripMeta {key: 'graph'}) RETURN m.revision, m.hash, m.at, m.published, m.counts`

func (t tx) meta(ctx context.Context) (meta, error) {
	v, err := t.one(ctx, readMeta, nil)
	if err != nil {
		return meta{}, err
	}
	if v == nil {
		return meta{}, errors.New("the database has no RoundtripMeta node; it was emptied while the store was open")
	}
	var m meta
	m.revision, _ = v[0].(int64)
	text, _ := v[1].(string)
	if m.hash, err = graph.ParseHash(text); err != nil {
		return meta{}, fmt.Errorf("RoundtripMeta.hash: %w", err)
	}
	if m.at, err = parseTime(v[2]); err != nil {
		return meta{}, fmt.Errorf("RoundtripMeta.at: %w", err)
	}
	m.published, _ = v[3].(int64)
	m.counts = make([]int64, len(graph.RecordKinds()))
	list, _ := v[4].([]any)
	for i := range min(len(list), len(m.counts)) {
		m.counts[i], _ = list[i].(int64)
	}
	return m, nil
}

func (m meta) count(k graph.RecordKind) int64 { return m.counts[k-graph.SourceKind] }

// Times are kept as text, to the nanosecond, in UTC; no text is no time.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func parseTime(v any) (time.Time, error) {
	text, _ := v.(string)
	if text == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.RFC3339Nano, text)
}

// Revision is the current revision.
func (s *Store) Revision(ctx context.Context) (graph.Revision, error) {
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	var m meta
	err := s.read(ctx, "read the revision", func(ctx context.Context, t tx) (err error) {
		m, err = t.meta(ctx)
		return err
	})
	if err != nil {
		return graph.Revision{}, err
	}
	return graph.Revision{Number: uint64(m.revision), Hash: m.hash, At: m.at}, nil
}

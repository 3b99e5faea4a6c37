package neo4jstore

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Config says which database to open and how to treat it. Zero values stand
// for the defaults that the comments name.
type Config struct {
	// URI of the server: bolt://host:7687 for one server, neo4j:// for a
	// cluster, each with +s or +ssc for encryption.
	URI      string
	Username string // "" for a server without authentication
	Password string
	Database string // "neo4j"

	// Timeout is the longest that one transaction may take, 60s. A deadline of
	// the caller that comes sooner counts.
	Timeout time.Duration
	// ConnectTimeout is for one TCP connection, 5s.
	ConnectTimeout time.Duration
	// MaxConnections is the size of the pool, 50.
	MaxConnections int
	// LeaseTime is how long a writer that went silent keeps others out, 15s.
	LeaseTime time.Duration
	// Retain is how long relationships that a write replaced stay for queries
	// that began before it, 2 minutes. They are cleared away by a later write or
	// Open, or in the background.
	Retain time.Duration
	// ChunkRows is the number of rows that one transaction writes, 5000. More
	// than 10000 may not fit a server with 512 MB of heap.
	ChunkRows int
	// ReadOnly opens the store without writing a single thing: no migration,
	// no repair, and Apply and Undo are graph.ErrReadOnly.
	ReadOnly bool
	// Logger is told what Open and the background repaired; nil is silence.
	Logger *slog.Logger `json:"-"`
}

func (c Config) withDefaults() (Config, error) {
	u, err := url.Parse(c.URI)
	schemes := []string{"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"}
	switch {
	case err != nil || u.Host == "":
		return c, fmt.Errorf("neo4j address %q is not a URI; want for example bolt://localhost:7687", redacted(c.URI))
	case !slices.Contains(schemes, u.Scheme):
		return c, fmt.Errorf("neo4j address %q has the scheme %q; want one of %s", redacted(c.URI), u.Scheme, strings.Join(schemes, ", "))
	case u.User != nil:
		return c, errors.New("the neo4j address holds a user or a password; give them as settings of their own")
	case c.ChunkRows < 0 || c.ChunkRows > 10_000:
		return c, fmt.Errorf("%d rows in a transaction are not allowed; want 1 to 10000", c.ChunkRows)
	}
	set(&c.Database, "neo4j")
	set(&c.Timeout, time.Minute)
	set(&c.ConnectTimeout, 5*time.Second)
	set(&c.MaxConnections, 50)
	set(&c.LeaseTime, 15*time.Second)
	set(&c.Retain, 2*time.Minute)
	set(&c.ChunkRows, 5000)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

func set[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

// redacted is the address without what stands before an @.
func redacted(uri string) string {
	scheme, rest, ok := strings.Cut(uri, "://")
	if _, host, at := strings.Cut(rest, "@"); ok && at {
		return scheme + "://" + host
	}
	return uri
}

package neo4jstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"roundtrip/graph"
)

// ErrUnavailable says that the server could not be reached or went away.
var ErrUnavailable = neo4jUnavailable{}

type neo4jUnavailable struct{}

// Error is the short cause.
func (neo4jUnavailable) Error() string { return "neo4j cannot be reached" }

// Unwrap makes it a graph.ErrUnavailable.
func (neo4jUnavailable) Unwrap() error { return graph.ErrUnavailable }

// ErrClosed says that the store was closed.
var ErrClosed = errors.New("the store is closed")

// StatementError is what the server said about a statement, a password or a
// database that it did not accept.
type StatementError struct {
	Code    string // Neo.ClientError.Statement.SyntaxError ...
	Message string // as the server wrote it
}

// Error is the code and the message.
func (e *StatementError) Error() string { return e.Code + ": " + e.Message }

// margin is what a transaction's limit on the server lies below the deadline of
// the client, so that the server can end it in order.
const margin = 500 * time.Millisecond

// tx is a transaction. Its methods return the errors of the driver as they are:
// the driver looks at them to decide whether to try again.
type tx struct{ managed neo4j.ManagedTransaction }

// each runs a statement and hands over its rows one by one.
func (t tx) each(ctx context.Context, text string, params map[string]any, row func(v []any) error) error {
	result, err := t.managed.Run(ctx, text, params)
	if err != nil {
		return err
	}
	for result.Next(ctx) {
		if err := row(result.Record().Values); err != nil {
			return err
		}
	}
	return result.Err()
}

// run runs a statement for its effect.
func (t tx) run(ctx context.Context, text string, params map[string]any) error {
	result, err := t.managed.Run(ctx, text, params)
	if err != nil {
		return err
	}
	_, err = result.Consume(ctx)
	return err
}

// one runs a statement that has at most one row and returns it, nil for none.
func (t tx) one(ctx context.Context, text string, params map[string]any) ([]any, error) {
	var found []any
	err := t.each(ctx, text, params, func(v []any) error {
		found = v
		return nil
	})
	return found, err
}

// work is the body of a transaction. It may run several times.
type work func(ctx context.Context, t tx) error

// read runs a transaction that reads. What names it in errors.
func (s *Store) read(ctx context.Context, what string, f work) error {
	return s.again(ctx, what, neo4j.AccessModeRead, f)
}

// write runs a transaction that writes. When the connection is lost during the
// commit its outcome is unknown and f runs again, so f must find out by itself
// what it has already done.
func (s *Store) write(ctx context.Context, what string, f work) error {
	return s.again(ctx, what, neo4j.AccessModeWrite, f)
}

// again repeats a transaction that lost its connection. The driver repeats
// those that lost it before the commit.
func (s *Store) again(ctx context.Context, what string, mode neo4j.AccessMode, f work) error {
	const limit = 10 * time.Second
	start := time.Now()
	for attempt := 1; ; attempt++ {
		err := s.transact(ctx, what, mode, f)
		if err == nil || !errors.Is(err, ErrUnavailable) || attempt == 5 || ctx.Err() != nil || time.Since(start) > limit {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(attempt) * 100 * time.Millisecond):
		}
	}
}

func (s *Store) transact(ctx context.Context, what string, mode neo4j.AccessMode, f work) (err error) {
	if s.closed.Load() {
		return fmt.Errorf("%s: %w", what, ErrClosed)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, context.Cause(ctx))
	}
	limit := s.config.Timeout
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, max(time.Until(deadline)-margin, time.Until(deadline)/2))
	}
	limit = max(limit, time.Millisecond) // 0 would be no limit
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, limit+margin)
	defer cancel()
	session := s.driver.NewSession(ctx, neo4j.SessionConfig{
		AccessMode: mode, DatabaseName: s.config.Database, BookmarkManager: s.bookmarks, FetchSize: 2000,
	})
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.ConnectTimeout)
		defer cancel()
		if closeErr := session.Close(closing); closeErr != nil && err == nil {
			err = s.told(caller, what, closeErr)
		}
	}()
	run := func(t neo4j.ManagedTransaction) (any, error) { return nil, f(ctx, tx{t}) }
	if mode == neo4j.AccessModeRead {
		_, err = session.ExecuteRead(ctx, run, neo4j.WithTxTimeout(limit))
	} else {
		_, err = session.ExecuteWrite(ctx, run, neo4j.WithTxTimeout(limit))
	}
	return s.told(caller, what, err)
}

// told turns an error of the driver into one of this package; others stay.
func (s *Store) told(caller context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	if caller.Err() != nil {
		return fmt.Errorf("%s: %w: %w", what, context.Cause(caller), plain(err))
	}
	var answer *neo4j.Neo4jError
	var lost *neo4j.ConnectivityError
	var gone *neo4j.TransactionExecutionLimit
	switch {
	case errors.As(err, &answer):
		err = &StatementError{answer.Code, answer.Msg}
		switch answer.Code {
		case "Neo.ClientError.Database.DatabaseNotFound":
			err = fmt.Errorf("the server has no database %q: %w", s.config.Database, err)
		case "Neo.ClientError.Security.Unauthorized", "Neo.ClientError.Security.AuthenticationRateLimit":
			err = fmt.Errorf("the server does not accept user %q with the given password: %w", s.config.Username, err)
		case "Neo.ClientError.Transaction.TransactionTimedOut", "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration":
			err = fmt.Errorf("it took longer than allowed: %w: %w", context.DeadlineExceeded, err)
		}
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		err = fmt.Errorf("%w within %s: %w: %w", ErrUnavailable, s.config.Timeout, context.DeadlineExceeded, plain(err))
	case errors.As(err, &lost) || errors.As(err, &gone) || neo4j.IsRetryable(err):
		err = fmt.Errorf("%w at %s: %w", ErrUnavailable, redacted(s.config.URI), plain(err))
	}
	return fmt.Errorf("%s: %w", what, err)
}

// plain is an error with the text of another and without its types.
func plain(err error) error { return errors.New(err.Error()) }

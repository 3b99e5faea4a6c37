package neo4jstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/config"

	"roundtrip/graph"
)

// AdHoc is a statement of a user.
type AdHoc struct {
	Text   string
	Params map[string]any // plain values, json.Number, and typed ones as paramValue takes them
	Limits AdHocLimits    // each must be above 0
	// Explain asks for the plan only: nothing runs.
	Explain bool
}

// AdHocLimits bound what one statement may take.
type AdHocLimits struct {
	Text  int           // bytes of the statement
	Rows  int           // rows of the answer
	Bytes int64         // bytes of the rows as JSON
	Time  time.Duration // from the first to the last byte
}

// Cut says which limit ended an answer.
type Cut string

// The limits that can end an answer.
const (
	CutNone  Cut = ""
	CutRows  Cut = "rows"
	CutBytes Cut = "bytes"
	CutTime  Cut = "time"
)

// AdHocAnswer is the answer to a statement, all of it or, where Cut says so, its
// first rows.
type AdHocAnswer struct {
	Columns []string
	Rows    [][]any
	Cut     Cut
	// Revision is the revision that was answered from, nil where the graph was
	// being written meanwhile.
	Revision *graph.Revision
	Plan     *PlanStep // with Explain
	Notices  []Notice  // in the order of Neo4j
}

// StatementFault is what Neo4j says of a statement that it cannot read or run.
type StatementFault struct {
	Code         string // Neo.ClientError.Statement.SyntaxError ...
	Message      string
	Line, Column int // from 1; 0 where it names no place
}

// Error is the message.
func (e *StatementFault) Error() string { return e.Message }

// ErrRunaway says that statements which were ended are still at work in Neo4j,
// so that no others are started.
var ErrRunaway = errors.New("statements that were ended are still at work in neo4j, which cannot stop them inside an expression")

// mostRunaways is how many statements may be at work after they were ended
// before no more are started.
const mostRunaways = 2

// adHocMark is what the transactions of ad-hoc statements carry.
const adHocMark = "ad-hoc"

// leftOver finds the ad-hoc transactions that go on although they were ended.
const leftOver = `SHOW TRANSACTIONS YIELD metaData, status WHERE metaData.roundtrip = '` + adHocMark + `' AND status STARTS WITH 'Terminated' RETURN count(*)`

// RunAdHoc runs a statement of a user, which may do nothing but read. One that
// might do more is a *RefusedError and is not run. What Neo4j has to say of a
// statement is a *StatementFault. One that ends without a single row because of
// its time is context.DeadlineExceeded. The parameter $revision is filled in
// like by Query. When ctx ends, the statement ends on the server.
func (s *Store) RunAdHoc(ctx context.Context, q AdHoc) (AdHocAnswer, error) {
	if s.closed.Load() {
		return AdHocAnswer{}, fmt.Errorf("run a statement: %w", ErrClosed)
	}
	if len(q.Text) > q.Limits.Text {
		return AdHocAnswer{}, refusal("size", "the statement has %d bytes; %d are allowed", len(q.Text), q.Limits.Text)
	}
	params := map[string]any{}
	for name, v := range q.Params {
		var err error
		if params[name], err = paramValue(name, v); err != nil {
			return AdHocAnswer{}, err
		}
	}
	if err := checkText(q.Text, params); err != nil {
		return AdHocAnswer{}, err
	}
	a := asking{AdHoc: q, params: params, store: s}
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, q.Limits.Time+margin)
	defer cancel()
	// Twice the bytes of JSON, because a number can be longer in Bolt, and what
	// the statement before it and its plan take.
	m, err := s.newMeter(ctx, 2*q.Limits.Bytes+1<<20)
	if err != nil {
		return AdHocAnswer{}, err
	}
	defer m.close()
	defer context.AfterFunc(ctx, m.cut)()
	if err := a.over(ctx, m); err != nil {
		if err := a.judge(caller, ctx, m, err); err != nil {
			return AdHocAnswer{}, err
		}
	}
	a.stamp(caller)
	return a.answer, nil
}

// asking is a statement on its way.
type asking struct {
	AdHoc
	store  *Store
	params map[string]any
	answer AdHocAnswer
	began  bool // the statement itself was sent
	bytes  int64

	revision graph.Revision // that the statement saw
	before   standing
	after    *standing // nil where the transaction ended before it could be asked
}

// stamp names the revision, if it was the same all the time.
func (a *asking) stamp(ctx context.Context) {
	if a.after == nil {
		ctx, cancel := context.WithTimeout(ctx, a.store.config.ConnectTimeout)
		defer cancel()
		err := a.store.read(ctx, "read the revision", func(ctx context.Context, t tx) error {
			after, _, err := t.published(ctx)
			a.after = &after
			return err
		})
		if err != nil {
			return
		}
	}
	if a.before == *a.after && a.before.revision == a.before.published {
		a.answer.Revision = &a.revision
	}
}

// over runs the statement in one transaction on a connection of its own.
func (a *asking) over(ctx context.Context, m *meter) (err error) {
	c := a.store.config
	auth := neo4j.NoAuth()
	if c.Username != "" {
		auth = neo4j.BasicAuth(c.Username, c.Password, "")
	}
	driver, err := neo4j.NewDriverWithContext(m.uri(), auth, func(d *config.Config) {
		d.UserAgent = "roundtrip"
		d.MaxConnectionPoolSize = 1
		d.SocketConnectTimeout = c.ConnectTimeout
		d.ConnectionAcquisitionTimeout = 2 * c.ConnectTimeout
	})
	if err != nil {
		return fmt.Errorf("open neo4j: %w", plain(err))
	}
	// With the connection cut nothing of the closing can wait for the server.
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.ConnectTimeout)
		defer cancel()
		m.cut()
		_ = driver.Close(closing)
	}()
	session := driver.NewSession(ctx, neo4j.SessionConfig{
		AccessMode: neo4j.AccessModeRead, DatabaseName: c.Database, BookmarkManager: a.store.bookmarks, FetchSize: min(a.Limits.Rows+1, 500),
	})
	open, err := session.BeginTransaction(ctx, neo4j.WithTxTimeout(a.Limits.Time), neo4j.WithTxMetadata(map[string]any{"roundtrip": adHocMark}))
	if err != nil {
		return err
	}
	return a.run(ctx, open)
}

func (a *asking) run(ctx context.Context, open neo4j.ExplicitTransaction) error {
	t := tx{managed: open}
	if err := t.awaitRunaways(ctx); err != nil {
		return err
	}
	var err error
	if a.before, a.revision, err = t.published(ctx); err != nil {
		return err
	}
	if _, ok := a.params[RevisionParam]; !ok {
		a.params[RevisionParam] = int64(a.revision.Number)
	}
	plan, err := a.check(ctx, open)
	if err != nil {
		return err
	}
	if a.Explain {
		a.answer.Plan, a.answer.Columns = plan, []string{}
	} else if err := a.read(ctx, open); err != nil {
		return err
	}
	if a.answer.Cut != CutNone {
		return nil // the rest of the rows is still on its way
	}
	after, _, err := t.published(ctx)
	a.after = &after
	return err
}

// awaitRunaways gives statements that were ended a moment to end.
func (t tx) awaitRunaways(ctx context.Context) error {
	const pause, most = 100 * time.Millisecond, 15
	for i := 0; ; i++ {
		v, err := t.one(ctx, leftOver, nil)
		if err != nil {
			return err
		}
		if n, _ := v[0].(int64); n < mostRunaways {
			return nil
		}
		if i == most {
			return ErrRunaway
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// check asks what the statement would do and applies the rules to it.
func (a *asking) check(ctx context.Context, open neo4j.ExplicitTransaction) (*PlanStep, error) {
	result, err := open.Run(ctx, explainPrefix+a.Text, a.params)
	if err != nil {
		return nil, err
	}
	summary, err := result.Consume(ctx)
	if err != nil {
		return nil, err
	}
	a.answer.Notices = noticesIn(summary.Notifications())
	plan, err := planOf(summary.Plan())
	if err != nil {
		return nil, err
	}
	if err := checkPlan(summary.StatementType(), plan); err != nil {
		return nil, err
	}
	if mostRows(*plan) <= manyRows {
		return plan, nil
	}
	return plan, checkLoops(a.Text, a.params)
}

// read takes the rows of the statement until a limit.
func (a *asking) read(ctx context.Context, open neo4j.ExplicitTransaction) error {
	a.answer.Rows = [][]any{}
	result, err := open.Run(ctx, a.Text, a.params)
	if err != nil {
		return err
	}
	a.began = true
	if a.answer.Columns, err = result.Keys(); err != nil {
		return err
	}
	for result.Next(ctx) {
		if len(a.answer.Rows) == a.Limits.Rows {
			a.answer.Cut = CutRows
			return nil
		}
		values := result.Record().Values
		row := make([]any, len(values))
		for i, v := range values {
			if row[i], err = typedValue(v); err != nil {
				return err
			}
		}
		nameEnds(row)
		text, err := json.Marshal(row)
		if err != nil {
			return fmt.Errorf("write a row as JSON: %w", err)
		}
		if a.bytes += int64(len(text)) + 1; a.bytes > a.Limits.Bytes {
			a.answer.Cut = CutBytes
			return nil
		}
		a.answer.Rows = append(a.answer.Rows, row)
	}
	return result.Err()
}

// judge makes of an error what the caller is told of it: an answer that was cut,
// or the error.
func (a *asking) judge(caller, ctx context.Context, m *meter, err error) error {
	var refused *RefusedError
	var said *neo4j.Neo4jError
	switch {
	case caller.Err() != nil:
		return fmt.Errorf("run a statement: %w", context.Cause(caller))
	case errors.As(err, &refused), errors.Is(err, ErrRunaway):
		return err
	case m.over.Load():
		return a.cut(CutBytes, errOver)
	case ctx.Err() != nil:
		return a.cut(CutTime, ctx.Err())
	case errors.As(err, &said):
		return a.said(said)
	}
	return a.store.told(caller, "run a statement", err)
}

// cut keeps the rows that came before a limit.
func (a *asking) cut(by Cut, err error) error {
	if a.began && (by == CutBytes || len(a.answer.Rows) > 0) {
		a.answer.Cut = by
		return nil
	}
	if by == CutBytes {
		return refusal("size", "the plan of the statement is larger than allowed")
	}
	a.store.config.Logger.Debug("a statement gave no row in its time", "error", err)
	return fmt.Errorf("the statement gave no row within %s: %w", a.Limits.Time, context.DeadlineExceeded)
}

// said turns an error of Neo4j into what a user may see of it.
func (a *asking) said(e *neo4j.Neo4jError) error {
	group, name, _ := strings.Cut(strings.TrimPrefix(e.Code, "Neo."), ".")
	switch {
	case strings.HasPrefix(name, "Transaction.TransactionTimedOut"), strings.HasPrefix(name, "Transaction.Terminated"):
		return a.cut(CutTime, plain(e))
	case strings.HasSuffix(name, "OutOfMemoryError"):
		return refusal("memory", "the statement needs more memory than Neo4j gives to one")
	case strings.HasSuffix(name, "StackOverFlowError"):
		return refusal("memory", "the statement is nested too deeply for Neo4j")
	case name == "Statement.AccessMode":
		return refusal("write", "the statement writes; only statements that read are run")
	case group == "ClientError" && slices.Contains([]string{"Statement", "Procedure", "Schema"}, strings.Split(name, ".")[0]):
		return faultIn(e)
	}
	return &StatementError{e.Code, e.Msg}
}

// explainPrefix stands before a statement that is not to run.
const explainPrefix = "EXPLAIN "

var placeInMessage = regexp.MustCompile(`\(line (\d+), column (\d+) \(offset: (\d+)\)\)`)

// faultIn takes the place out of a message and counts it in the statement
// alone, without the excerpt that Neo4j adds.
func faultIn(e *neo4j.Neo4jError) *StatementFault {
	f := &StatementFault{Code: e.Code, Message: e.Msg}
	found := placeInMessage.FindStringSubmatchIndex(e.Msg)
	if found == nil {
		return f
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(e.Msg[found[i]:found[i+1]])
		return n
	}
	f.Line, f.Column = number(2), number(4)
	if excerpt := e.Msg[found[1]:]; f.Line == 1 && strings.Contains(excerpt, `"`+explainPrefix) {
		f.Column -= len(explainPrefix)
	}
	f.Column = max(f.Column, 1)
	f.Message = fmt.Sprintf("%s (line %d, column %d)", strings.TrimSpace(e.Msg[:found[0]]), f.Line, f.Column)
	return f
}

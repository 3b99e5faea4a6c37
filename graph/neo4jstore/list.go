package neo4jstore

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"roundtrip/graph"
)

// List returns a page of current records. Without a filter and in order of ids
// it reads no more than the page; else it reads every record of the kind.
func (s *Store) List(ctx context.Context, q graph.ListQuery) (graph.Page, error) {
	l, err := newListing(q)
	if err != nil {
		return graph.Page{}, fmt.Errorf("list records: %w", err)
	}
	ctx, cancel := s.withDeadline(ctx)
	defer cancel()
	var m meta
	err = s.read(ctx, "list "+q.Kind.Plural(), func(ctx context.Context, t tx) (err error) {
		m, err = t.meta(ctx)
		return err
	})
	if err != nil {
		return graph.Page{}, err
	}
	if len(q.Where) == 0 && l.sort.Name == "id" && !q.Desc {
		return s.listByID(ctx, l, m)
	}
	for r, err := range s.Records(ctx, uint64(m.revision), q.Kind) {
		if err != nil {
			return graph.Page{}, err
		}
		l.offer(r)
	}
	return l.page(m.revision), nil
}

// listByID is the listing without a filter, in order of ids.
func (s *Store) listByID(ctx context.Context, l *listing, m meta) (graph.Page, error) {
	after, total := "", int(m.count(l.q.Kind))
	if l.after != nil {
		after = l.after.id
	}
	for {
		p, err := s.page(ctx, m.revision, l.q.Kind, after, min(l.q.Limit+1, pageRows))
		if err != nil {
			return graph.Page{}, err
		}
		for _, r := range p.records {
			l.offer(r)
		}
		if p.last || len(l.best) > l.q.Limit {
			found := l.page(m.revision)
			found.Total = total
			return found, nil
		}
		after = p.end
	}
}

// listing collects one page.
type listing struct {
	q     graph.ListQuery
	where []condition
	sort  graph.Field
	after *rank
	best  []listed // in order, at most one more than the page
	total int
}

type condition struct {
	field graph.Field
	text  string
}

type listed struct {
	record graph.Record
	rank   rank
}

// rank is where a record stands in the order of a listing.
type rank struct {
	absent bool
	number int64  // of amounts, numbers and dates
	text   string // of other fields
	cell   string // the CSV text
	id     string
}

func newListing(q graph.ListQuery) (*listing, error) {
	if q.Kind < graph.SourceKind || q.Kind > graph.MetricKind {
		return nil, fmt.Errorf("%d is not a kind of record", q.Kind)
	}
	if q.Limit < 1 {
		return nil, fmt.Errorf("limit %d is not allowed; want at least 1", q.Limit)
	}
	l := &listing{q: q}
	for _, name := range sortedKeys(q.Where) {
		f, ok := graph.FieldNamed(q.Kind, name)
		if !ok {
			return nil, fmt.Errorf("filter: a %s has no field %q", q.Kind, name)
		}
		l.where = append(l.where, condition{f, q.Where[name]})
	}
	name := q.Sort
	if name == "" {
		name = "id"
	}
	var ok bool
	if l.sort, ok = graph.FieldNamed(q.Kind, name); !ok {
		return nil, fmt.Errorf("sort: a %s has no field %q", q.Kind, q.Sort)
	}
	if q.After == "" {
		return l, nil
	}
	c, err := readCursor(q.After)
	if err != nil {
		return nil, err
	}
	if c.Kind != q.Kind.String() || c.Sort != name || c.Desc != q.Desc {
		return nil, fmt.Errorf("the cursor is of a listing of %s by %s; ask for the same listing again", c.Kind, c.Sort)
	}
	after, err := l.rank(c.Cell, c.ID)
	if err != nil {
		return nil, fmt.Errorf("the cursor does not fit the listing: %w", err)
	}
	l.after = &after
	return l, nil
}

func (l *listing) rank(cell, id string) (rank, error) {
	r := rank{absent: cell == "", cell: cell, id: id}
	switch l.sort.Type {
	case graph.MoneyField:
		m, err := graph.ParseMoney(cell)
		r.number = m.Cents()
		return r, err
	case graph.NumberField:
		d, err := graph.ParseDecimal(cell)
		r.number = d.Micro()
		return r, err
	case graph.DateField:
		d, err := graph.ParseDate(cell)
		r.number = d.UnixMilli()
		return r, err
	}
	r.text = cell
	return r, nil
}

// compare orders by value, absent values last in either direction, then by id;
// a listing by id has no ties.
func (l *listing) compare(x, y rank) int {
	if x.absent != y.absent {
		if x.absent {
			return 1
		}
		return -1
	}
	order := cmp.Or(cmp.Compare(x.number, y.number), cmp.Compare(x.text, y.text))
	if l.q.Desc {
		order = -order
	}
	return cmp.Or(order, cmp.Compare(x.id, y.id))
}

// offer takes a record into the page when it belongs there.
func (l *listing) offer(r graph.Record) {
	for _, c := range l.where {
		if !c.holds(r) {
			return
		}
	}
	l.total++
	at, err := l.rank(l.sort.Text(r), r.Key().ID)
	if err != nil || l.after != nil && l.compare(at, *l.after) <= 0 {
		return // a stored value has its form; it is not an error
	}
	i, _ := slices.BinarySearchFunc(l.best, at, func(x listed, at rank) int { return l.compare(x.rank, at) })
	if i > l.q.Limit {
		return
	}
	l.best = slices.Insert(l.best, i, listed{r, at})
	if len(l.best) > l.q.Limit+1 {
		l.best = l.best[:l.q.Limit+1]
	}
}

func (c condition) holds(r graph.Record) bool {
	if c.field.Type != graph.ListField {
		return c.field.Text(r) == c.text
	}
	items := c.field.List(r)
	return slices.Contains(items, c.text) || c.text == "" && len(items) == 0
}

func (l *listing) page(revision int64) graph.Page {
	p := graph.Page{Total: l.total, Revision: uint64(revision)}
	for i, x := range l.best {
		if i == l.q.Limit {
			last := l.best[i-1].rank
			p.Next = cursor{l.q.Kind.String(), l.sort.Name, l.q.Desc, last.cell, last.id}.String()
			break
		}
		p.Records = append(p.Records, x.record)
	}
	return p
}

// cursor names the last record of a page.
type cursor struct {
	Kind string `json:"kind"`
	Sort string `json:"sort"`
	Desc bool   `json:"desc"`
	Cell string `json:"cell"`
	ID   string `json:"id"`
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // texts and a flag always encode
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func readCursor(text string) (cursor, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		return c, errors.New("the cursor is not one that a listing gave; start again without it")
	}
	return c, nil
}

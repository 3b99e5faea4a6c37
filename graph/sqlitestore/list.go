package sqlitestore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"modernc.org/sqlite"

	"roundtrip/graph"
)

// List returns a page of current records. Of a list field the filter text ""
// keeps records without items; a list sorts as its CSV text.
func (s *Store) List(ctx context.Context, q graph.ListQuery) (graph.Page, error) {
	var page graph.Page
	l, err := newListing(q)
	if err == nil {
		err = s.read(ctx, func(tx *sql.Tx) error {
			page, err = l.page(ctx, tx)
			return err
		})
	}
	if err != nil {
		return graph.Page{}, fmt.Errorf("list %s: %w", kindName(q.Kind), err)
	}
	return page, nil
}

func kindName(k graph.RecordKind) string {
	if !slices.Contains(graph.RecordKinds(), k) {
		return "records"
	}
	return k.Plural()
}

// listing is a query made ready.
type listing struct {
	graph.ListQuery
	sort  graph.Field
	where string // SQL of the filters, "" without any
	args  []any  // of where
	after *cursor
}

// cursor is where a page ended: the sort value and the id of its last record.
type cursor struct {
	Sort   string `json:"s"`
	Desc   bool   `json:"d,omitempty"`
	ID     string `json:"i"`
	Absent bool   `json:"a,omitempty"`
	Number *int64 `json:"n,omitempty"`
	Text   string `json:"t,omitempty"`
}

func newListing(q graph.ListQuery) (*listing, error) {
	if !slices.Contains(graph.RecordKinds(), q.Kind) {
		return nil, fmt.Errorf("%d is not a kind of record", q.Kind)
	}
	if q.Limit < 1 {
		return nil, fmt.Errorf("a page of %d records was asked for; want 1 or more", q.Limit)
	}
	l := &listing{ListQuery: q}
	if l.Sort == "" {
		l.Sort = "id"
	}
	var ok bool
	if l.sort, ok = graph.FieldNamed(q.Kind, l.Sort); !ok {
		return nil, unknownField(q.Kind, l.Sort)
	}
	for _, name := range slices.Sorted(maps.Keys(q.Where)) {
		f, ok := graph.FieldNamed(q.Kind, name)
		if !ok {
			return nil, unknownField(q.Kind, name)
		}
		l.filter(f, q.Where[name])
	}
	if q.After != "" {
		l.after = new(cursor)
		raw, err := base64.RawURLEncoding.DecodeString(q.After)
		if err == nil {
			err = json.Unmarshal(raw, l.after)
		}
		if err != nil || l.after.Sort != l.Sort || l.after.Desc != l.Desc {
			return nil, fmt.Errorf("%q is not the cursor of a page in this order", q.After)
		}
	}
	return l, nil
}

func unknownField(k graph.RecordKind, name string) error {
	names := make([]string, 0, len(graph.Fields(k)))
	for _, f := range graph.Fields(k) {
		names = append(names, f.Name)
	}
	return fmt.Errorf("a %s has no field %q; its fields are %s", k, name, strings.Join(names, ", "))
}

// text is the SQL for the text of a field, NULL when it is absent. Names of
// fields come from their declarations, never from a caller.
func (l *listing) text(f graph.Field) string {
	switch {
	case f.Name == "id":
		return "id"
	case f.Derived:
		return "nullif(field_text('" + l.Kind.String() + "', '" + f.Name + "', body), '')"
	case f.Type == graph.FlagField:
		return "coalesce(body ->> '$." + f.Name + "', '" + f.Default + "')"
	default:
		return "body ->> '$." + f.Name + "'"
	}
}

func (l *listing) filter(f graph.Field, text string) {
	switch {
	case text == "":
		l.where += " AND " + l.text(f) + " IS NULL"
		return
	case f.Type == graph.ListField:
		l.where += " AND EXISTS (SELECT 1 FROM json_each(body, '$." + f.Name + "') WHERE value = ?)"
	default:
		l.where += " AND " + l.text(f) + " = ?"
	}
	l.args = append(l.args, text)
}

// sortValue is the SQL for what the field sorts by: a number, a text or NULL.
// It works on canonical texts, so an amount has no or two decimal places, a
// number at most six, and a date is in UTC.
func (l *listing) sortValue() string {
	t := "(" + l.text(l.sort) + ")"
	switch l.sort.Type {
	case graph.MoneyField: // in cents
		return "CAST(iif(instr(" + t + ", '.') = 0, " + t + " || '00', replace(" + t + ", '.', '')) AS INTEGER)"
	case graph.NumberField: // in millionths
		return "CAST(iif(instr(" + t + ", '.') = 0, " + t + " || '000000', " +
			"substr(" + t + ", 1, instr(" + t + ", '.') - 1) || substr(substr(" + t + ", instr(" + t + ", '.') + 1) || '000000', 1, 6)) AS INTEGER)"
	case graph.DateField: // the first instant, to the millisecond
		return "iif(length(" + t + ") <= 10, " + t + " || substr('0000-01-01T00:00:00.000', length(" + t + ") + 1), " +
			"substr(" + t + ", 1, 19) || '.' || substr(rtrim(substr(" + t + ", 21), 'Z') || '000', 1, 3))"
	case graph.ListField:
		return "(SELECT group_concat(value, ';') FROM json_each(body, '$." + l.sort.Name + "'))"
	default:
		return l.text(l.sort)
	}
}

func (l *listing) page(ctx context.Context, tx *sql.Tx) (graph.Page, error) {
	var page graph.Page
	now, err := currentRevision(ctx, tx)
	if err != nil {
		return page, err
	}
	page.Revision = now.Number
	if page.Total, err = l.total(ctx, tx); err != nil {
		return page, err
	}
	text, args := l.statement()
	rows, err := tx.QueryContext(ctx, text, append(args, l.Limit+1)...)
	if err != nil {
		return page, err
	}
	defer rows.Close()
	var last cursor
	for rows.Next() {
		if len(page.Records) == l.Limit {
			if page.Next, err = last.encode(); err != nil {
				return page, err
			}
			break
		}
		var id string
		var body []byte
		var value any
		if err := rows.Scan(&id, &body, &value); err != nil {
			return page, err
		}
		r, err := decode(l.Kind, body)
		if err != nil {
			return page, fmt.Errorf("%s: %w", id, err)
		}
		page.Records = append(page.Records, r)
		last = l.cursorAt(id, value)
	}
	return page, rows.Err()
}

func (l *listing) total(ctx context.Context, tx *sql.Tx) (int, error) {
	if l.where == "" {
		counts, err := stock(ctx, tx)
		return counts[l.Kind], err
	}
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM record WHERE kind = '"+l.Kind.String()+"'"+l.where, l.args...).Scan(&n)
	return n, err
}

// statement selects id, body and sort value; the limit is the one argument that
// is left to add.
func (l *listing) statement() (text string, args []any) {
	from := " FROM record WHERE kind = '" + l.Kind.String() + "'" + l.where
	args = slices.Clone(l.args)
	if l.sort.Name == "id" {
		order, compare := "", ">"
		if l.Desc {
			order, compare = " DESC", "<"
		}
		if l.after != nil {
			from += " AND id " + compare + " ?"
			args = append(args, l.after.ID)
		}
		return "SELECT id, body, id" + from + " ORDER BY id" + order + " LIMIT ?", args
	}
	past, more := l.beyond()
	order := "value"
	if l.Desc {
		order = "value DESC"
	}
	return "WITH hit (id, value) AS MATERIALIZED (SELECT id, " + l.sortValue() + from + ")" +
		" SELECT hit.id, record.body, hit.value FROM hit JOIN record ON record.kind = '" + l.Kind.String() + "' AND record.id = hit.id" +
		past + " ORDER BY value IS NULL, " + order + ", hit.id LIMIT ?", append(args, more...)
}

// beyond is the condition that a record comes after the cursor.
func (l *listing) beyond() (text string, args []any) {
	if l.after == nil {
		return "", nil
	}
	if l.after.Absent {
		return " WHERE value IS NULL AND hit.id > ?", []any{l.after.ID}
	}
	var value any = l.after.Text
	if l.after.Number != nil {
		value = *l.after.Number
	}
	compare := ">"
	if l.Desc {
		compare = "<"
	}
	return " WHERE (value IS NULL OR value " + compare + " ? OR value = ? AND hit.id > ?)", []any{value, value, l.after.ID}
}

func (l *listing) cursorAt(id string, value any) cursor {
	c := cursor{Sort: l.Sort, Desc: l.Desc, ID: id}
	switch v := value.(type) {
	case nil:
		c.Absent = true
	case int64:
		c.Number = &v
	case string:
		c.Text = v
	}
	if l.sort.Name == "id" {
		c.Text = ""
	}
	return c
}

func (c cursor) encode() (string, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("cursor: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// newDriver is a driver whose connections know field_text.
func newDriver() *sqlite.Driver {
	d := &sqlite.Driver{}
	d.MustRegisterDeterministicScalarFunction("field_text", 3, fieldText)
	return d
}

// fieldText is the CSV text of a field that is not stored but follows from
// others.
func fieldText(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
	var texts [3]string
	for i := range texts {
		text, ok := args[i].(string)
		if !ok {
			return nil, errors.New("field_text wants a kind, a field and a record")
		}
		texts[i] = text
	}
	kind, err := graph.ParseRecordKind(texts[0])
	if err != nil {
		return nil, err
	}
	f, ok := graph.FieldNamed(kind, texts[1])
	if !ok {
		return nil, unknownField(kind, texts[1])
	}
	r, err := decode(kind, []byte(texts[2]))
	if err != nil {
		return nil, err
	}
	return f.Text(r), nil
}

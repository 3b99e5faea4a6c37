package report

import (
	"math/big"
	"slices"

	"roundtrip/queries"
)

// column is the place of a column, -1 where there is none.
func column(r *queries.Result, name string) int {
	return slices.IndexFunc(r.Columns, func(c queries.Column) bool { return c.Name == name })
}

// value is a cell of a row, the zero value where the answer has no such column
// or the cell is null.
func value[T any](r *queries.Result, row queries.Row, name string) T {
	var none T
	i := column(r, name)
	if i < 0 {
		return none
	}
	x, ok := row.Values[i].(T)
	if !ok {
		return none
	}
	return x
}

// byText is the rows by the text of one column.
func byText(r *queries.Result, at int) map[string]queries.Row {
	rows := make(map[string]queries.Row, len(r.Rows))
	for _, row := range r.Rows {
		rows[queries.CellText(row.Values[at])] = row
	}
	return rows
}

// atMost tells whether a move is at most so many millionths of a per cent of the
// value before.
func atMost(move, before, percent int64) bool {
	if before < 0 {
		before = -before
	}
	left := new(big.Int).Mul(big.NewInt(move), big.NewInt(100*1_000_000))
	right := new(big.Int).Mul(big.NewInt(before), big.NewInt(percent))
	return left.Cmp(right) <= 0
}

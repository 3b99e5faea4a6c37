// Package snapshot is the graph of one revision in memory, and the lens that
// turns its legs into weighted edges.
//
// A Snapshot is built once from the records of a store and never changes. It
// keeps legs in columns: a leg of a plain transfer list costs about forty bytes
// and its id, a curated leg keeps its whole record beside them. A View is a
// snapshot under one lens: the legs that pass, their amounts, and the merged
// edges, again in columns. Both may be read by several goroutines.
//
// Companies of a snapshot and vertices of a view are numbered in byte order of
// their ids, legs in order of date (announced; undated last), then id, and edges
// in order of payer, payee and class; so comparing numbers compares ids, and the
// same records give the same numbers whatever order they came in.
package snapshot

// Package ingest turns files into checked batches: a folder of CSV files, a zip
// of one, a single CSV file or a plain transfer list becomes a graph.Batch, or
// a report that names every fault by file, line, column, value and rule. It
// also writes the same files, and the data dictionary that describes them.
//
// Files are read twice: the first reading checks everything, the second yields
// the records, so that a file need not fit into memory. What stays in memory
// between the two are the distinct ids, a few words for every leg of a
// flows.csv, and eight bytes for every row of a transfer list.
package ingest

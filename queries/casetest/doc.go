// Package casetest runs written cases: files with a small graph, requests and
// the answers that a person worked out by hand. Every store and every engine
// that can answer a request is judged by the same file.
//
// A case is a txtar archive with the ending .case. Its comment says what it
// shows. Then come the data, CSV files of the import format (flows.csv,
// companies.csv, outcomes.csv ...), or a section data with the one word shipped
// for the data set of the binary. A section batch that says where it comes from
// begins a further import, of the CSV files after it; a section undo names a batch
// that is undone, b2. The first data are revision 1, each later change is the next
// revision, an hour after the one before. Each request follows with what it must give:
//
//	-- request --
//	cycles
//	as_of = 2025-12-16
//	max_hops = 3
//	-- rows --
//	ring,       bottleneck_cents
//	amazon;openai, 1000000000000
//	-- summary --
//	{"count": 1}
//
// A request is the name of an analysis, then one argument a line, those of the
// lens and of the analysis side by side; engine = native judges that engine only.
// The clock stands at Now. These sections
// say what must come out, each at most once and all but one free to be left out:
//
//   - rows: CSV whose header names some of the columns, cells in the form of
//     queries.CellText, blanks around them free. Number and order of the rows are
//     exact. A line that begins with # is a remark.
//   - summary: a JSON object. Every member that it names must be there and be
//     equal, objects recursively; lists have the same length and order.
//   - result: the same for the whole result in the form of render json.
//   - finding: the whole sentence.
//   - error: the whole text of the error; there are no other sections then.
//   - native: Cypher cannot express this request, and refuses it with
//     queries.ErrEngine.
//
// The legs of every row must be in order of date, then id, whatever is named.
//
// Nothing rewrites these files: an expectation is worked out by hand.
package casetest

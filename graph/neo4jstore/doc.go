// Package neo4jstore keeps the graph in a Neo4j database, over Bolt. It is the
// only package that imports the driver, and no type of the driver leaves it.
//
// docs/graph-model.md describes labels, relationship types and properties. What
// follows is how a batch becomes visible at once however large it is.
//
// A writer holds a lease. Each of its transactions first checks that the lease
// is still its own, and takes a lock that a successor would have to wait for, so
// nothing of a writer that was given up can arrive late. It writes, in
// transactions of a few thousand rows, a RoundtripChange for each record that
// the batch changes (what it was, what it will be) and the relationships of the
// projection, with rev_from one above the current revision; of relationships
// that are replaced it sets rev_to. None of that is seen: readers compare with
// the revision they look at. One small transaction then raises the revision.
// After it the record nodes are brought up to date, which is called publishing.
// Until that is done readers of records take the changes into account, and
// statements given to Query look at the published revision.
//
// Plain transfers have no record node. Their relationship is their record.
//
// Whatever a writer leaves behind is put right by the next one, or by the next
// Open: changes above the current revision are removed, changes up to it are
// published.
//
// Statements that users write themselves go through RunAdHoc, which lets them do
// nothing but read the graph; docs/decisions/0019-ad-hoc-cypher.md says how.
package neo4jstore

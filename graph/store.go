package graph

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Errors of a store; compare with errors.Is.
var (
	// ErrNotFound: no record or batch has that id.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the graph moved on since the revision that the batch was checked against.
	ErrConflict = errors.New("the graph has changed since")
	// ErrReadOnly: the store was opened for reading.
	ErrReadOnly = errors.New("the store is open for reading only")
	// ErrUnavailable: the database behind the store cannot be reached.
	ErrUnavailable = errors.New("the store cannot be reached")
	// ErrBusy: another writer holds the store and the deadline passed while waiting.
	ErrBusy = errors.New("another writer holds the store")
)

// NotFoundError is an ErrNotFound that says for people what is not there.
type NotFoundError string

// NotFound makes a NotFoundError.
func NotFound(format string, args ...any) error { return NotFoundError(fmt.Sprintf(format, args...)) }

// Error is the text.
func (e NotFoundError) Error() string { return string(e) }

// Is tells that it is an ErrNotFound.
func (NotFoundError) Is(target error) bool { return target == ErrNotFound }

// NameTakenError says for people that a name belongs to something that is not
// written here: it came with the program, or is a file of the operator's.
type NameTakenError string

// Error is the text.
func (e NameTakenError) Error() string { return string(e) }

// UndoBlockedError says which later batch touched a record of the batch to undo.
type UndoBlockedError struct {
	Batch string // the batch that was to be undone
	Later string // the first later batch that touched one of its records
	Key   Key    // that record
}

// Error names the later batch and the record.
func (e *UndoBlockedError) Error() string {
	return fmt.Sprintf("batch %s cannot be undone: the later batch %s touched %s; undo that one first", e.Batch, e.Later, e.Key)
}

// Revision is one committed state of the graph. Number counts committed
// changes from 1; 0 is the empty graph before any.
type Revision struct {
	Number uint64
	Hash   Hash
	At     time.Time
}

// Batch is a set of changes that become visible together or not at all.
type Batch struct {
	// Origin says where the batch came from, for people: a file name, "api" ...
	Origin string
	// At is the time of the import, recorded with the batch.
	At time.Time
	// Base is the revision that the batch was checked against. Apply returns
	// ErrConflict when it is not the current one any more. Nil skips that check.
	Base *uint64
	// Records yields the records to write, each key at most once, in any order.
	// An error ends the import and nothing of it is kept. It may be read twice.
	Records iter.Seq2[Record, error]
	// Deletes are keys of records to take away. Taking away what is not there
	// is ErrNotFound.
	Deletes []Key
	// Progress, when set, is told now and then how many records were written.
	Progress func(records int)
}

// BatchInfo is one committed batch as listed.
type BatchInfo struct {
	ID       string // "b" and the number of its revision: b17
	Revision uint64
	Origin   string
	At       time.Time
	Added    int
	Changed  int
	Deleted  int
	Undoes   string // the batch that this one undid, "" otherwise
	UndoneBy string // the batch that undid this one, "" otherwise
}

// Applied is what Apply and Undo did. When nothing differed from what was
// stored there is no batch: ID is "", Revision is the one that was current.
type Applied struct {
	BatchInfo
	Unchanged int
	Hash      Hash
}

// ListQuery asks for a page of the current records of one kind.
type ListQuery struct {
	Kind RecordKind
	// Where keeps records whose field has exactly that CSV text; of a list
	// field, records whose list holds that item. Unknown fields are errors.
	Where map[string]string
	// Sort is a field name, "" for id. Amounts, numbers and dates compare by
	// value, texts by bytes; absent values come last in either direction; ties
	// are broken by id ascending.
	Sort string
	Desc bool
	// After is the Next of the page before, "" for the first.
	After string
	// Limit is the largest number of records in the page, at least 1.
	Limit int
}

// Page is one page of a listing, taken from one revision.
type Page struct {
	Records  []Record
	Next     string // "" on the last page
	Total    int    // records that match, on all pages
	Revision uint64
}

// Version is what a record was from one revision on.
type Version struct {
	Revision uint64    // the first revision that has it
	Batch    string    // the batch that made that revision: b17
	Origin   string    // where that batch came from, for people
	At       time.Time // of that batch
	Record   Record    // nil where the batch took the record away
}

// Store keeps the records of the graph with their history. Every method has
// a context with a deadline or gets one from the caller; methods may be called
// from several goroutines.
//
// Promises, checked for every store by package storetest:
//   - Apply and Undo are atomic: readers see all of a batch or none, and after
//     a kill at any moment the next Open finds all of it or none.
//   - A committed change raises Revision.Number by exactly one and moves Hash
//     to the content hash of the new graph; a batch that changes nothing does
//     neither.
//   - Ids are case-sensitive; texts come back byte for byte; absent values come
//     back absent.
//   - Records of an earlier revision can be read for ever.
type Store interface {
	// Revision is the current revision.
	Revision(ctx context.Context) (Revision, error)
	// Records yields every record that was current at the revision with that
	// number, by kind in declared order, then by id in byte order. It sees that
	// one revision however long the reading takes. A number above the current
	// one is ErrNotFound. With kinds, only records of those kinds are read.
	Records(ctx context.Context, revision uint64, kinds ...RecordKind) iter.Seq2[Record, error]
	// Get returns the current record, or ErrNotFound.
	Get(ctx context.Context, key Key) (Record, error)
	// History returns all versions of a record, the first one first, up to the
	// current revision. A version lasts until the revision of the next one. A
	// batch that left the record as it was made no version. It is ErrNotFound for
	// a record that never was; one that was deleted has a last version without
	// Record.
	History(ctx context.Context, key Key) ([]Version, error)
	// List returns a page of current records.
	List(ctx context.Context, q ListQuery) (Page, error)
	// Apply writes a batch. The records have been checked; the store keeps what
	// it is given.
	Apply(ctx context.Context, b Batch) (Applied, error)
	// Batches lists committed batches, the latest first.
	Batches(ctx context.Context) ([]BatchInfo, error)
	// Touched returns the keys of the records that a committed batch added, changed
	// or deleted, by kind in declared order, then by id in byte order; ErrNotFound
	// when there is no such batch. It may have to look through the whole store.
	Touched(ctx context.Context, batch string) ([]Key, error)
	// Undo commits a new batch that restores what the batch with that id
	// changed. It is an *UndoBlockedError when a later batch touched the same
	// record (an undone batch together with its undo does not count), and
	// ErrNotFound when there is no such batch.
	Undo(ctx context.Context, batch string, at time.Time) (Applied, error)
	// Close releases the store. Records that were handed out stay valid.
	Close(ctx context.Context) error
}

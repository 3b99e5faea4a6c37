package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"roundtrip/graph"
)

// documents is the store as the second contract sees it.
func (w *world) documents() graph.Documents {
	w.Helper()
	d, ok := w.store.(graph.Documents)
	if !ok {
		w.Fatalf("a %T keeps no documents", w.store)
	}
	return d
}

func document(kind, name, body string) graph.Document {
	return graph.Document{Kind: kind, Name: name, Body: []byte(body), At: day(3), By: "Zoë"}
}

func base(n uint64) *uint64 { return &n }

// put writes a document, which must become that version, and reads it back.
func (w *world) put(d graph.Document, base *uint64, version uint64) {
	w.Helper()
	got, err := w.documents().PutDocument(w.ctx, d, base)
	if err != nil {
		w.Fatalf("put %s/%s: %v", d.Kind, d.Name, err)
	}
	d.Version = version
	w.sameDocument(got, d)
	w.wantDocument(d)
}

func (w *world) wantDocument(want graph.Document) {
	w.Helper()
	got, err := w.documents().GetDocument(w.ctx, want.Kind, want.Name)
	if err != nil {
		w.Fatalf("get %s/%s: %v", want.Kind, want.Name, err)
	}
	w.sameDocument(got, want)
}

func (w *world) sameDocument(got, want graph.Document) {
	w.Helper()
	if got.Kind != want.Kind || got.Name != want.Name || got.Version != want.Version || !got.At.Equal(want.At) || got.By != want.By {
		w.Errorf("document %s/%s version %d at %v by %q, want %s/%s version %d at %v by %q",
			got.Kind, got.Name, got.Version, got.At, got.By, want.Kind, want.Name, want.Version, want.At, want.By)
	}
	if got.At.Location() != time.UTC {
		w.Errorf("document %s/%s has a time in %v", got.Kind, got.Name, got.At.Location())
	}
	if got.Body == nil || !bytes.Equal(got.Body, want.Body) {
		w.Errorf("document %s/%s has %d bytes %.80q, want %d bytes %.80q", got.Kind, got.Name, len(got.Body), got.Body, len(want.Body), want.Body)
	}
}

func (w *world) deleteDocument(kind, name string, base *uint64) {
	w.Helper()
	if err := w.documents().DeleteDocument(w.ctx, kind, name, base); err != nil {
		w.Fatalf("delete %s/%s: %v", kind, name, err)
	}
	w.wantNoDocument(kind, name)
}

func (w *world) wantNoDocument(kind, name string) {
	w.Helper()
	if got, err := w.documents().GetDocument(w.ctx, kind, name); !errors.Is(err, graph.ErrNotFound) {
		w.Errorf("get %s/%s: %+v, %v; want ErrNotFound", kind, name, got, err)
	}
}

// wantNames lists a kind and compares the names, the order included.
func (w *world) wantNames(kind string, names ...string) {
	w.Helper()
	list, err := w.documents().ListDocuments(w.ctx, kind)
	if err != nil {
		w.Fatalf("list %s: %v", kind, err)
	}
	got := make([]string, len(list))
	for i, d := range list {
		got[i] = d.Name
		w.wantDocument(d)
	}
	if list == nil || strings.Join(got, " ") != strings.Join(names, " ") {
		w.Errorf("documents of kind %s are %q, want %q", kind, got, names)
	}
}

// wantConflict expects that a write was refused since that version is there.
func (w *world) wantConflict(err error, wanted, version uint64) {
	w.Helper()
	var conflict *graph.DocumentConflictError
	if !errors.Is(err, graph.ErrConflict) || !errors.As(err, &conflict) || conflict.Base != wanted || conflict.Version != version {
		w.Errorf("error %v, want a conflict of base %d with version %d", err, wanted, version)
	}
}

func documentTests() []test {
	return []test{
		{"a document comes back byte for byte, also after opening again", func(w *world) {
			every := make([]byte, 256)
			for i := range every {
				every[i] = byte(i)
			}
			bodies := map[string]string{
				"empty": "", "zero": "\x00", "every-byte": string(every), "not-utf-8": "\xff\xfe", "unicode": "Überweisung 10 € → 𝔘, e\u0301, \u202e, 你好",
				"lines": "a: 1\r\nb: 2\n\tc\n\n", "json": `{"a":"\u0000","b":[1e400]}`, "cypher": "MATCH (n) DETACH DELETE n; '\"`\\ $name",
			}
			for name, body := range bodies {
				w.put(document("text", name, body), nil, 1)
			}
			w.reopen()
			for name, body := range bodies {
				d := document("text", name, body)
				d.Version = 1
				w.wantDocument(d)
			}
			w.wantNames("text", "cypher", "empty", "every-byte", "json", "lines", "not-utf-8", "unicode", "zero")
		}},
		{"a body of one MiB is kept and one byte more is refused", func(w *world) {
			rnd := rand.NewChaCha8([32]byte{1})
			body := make([]byte, graph.MaxDocumentBody)
			_, _ = rnd.Read(body) // never fails
			w.put(document("text", "large", string(body)), nil, 1)
			w.wantBad(document("text", "larger", string(body)+"x"), "body")
			w.wantBad(document("text", "large", string(body)+"x"), "body")
			w.reopen()
			w.wantNames("text", "large")
		}},
		{"names, kinds and authors out of bounds are refused and nothing is kept", func(w *world) {
			long := strings.Repeat("n", graph.MaxDocumentName)
			w.put(document(long, long, "x"), nil, 1)
			for _, name := range []string{"", "A", "a b", "a/b", "a.b", "é", "a\x00", "a'b", "*", long + "n"} {
				w.wantBad(document("text", name, "x"), "name")
				w.wantBad(document(name, "text", "x"), "kind")
				if _, err := w.documents().ListDocuments(w.ctx, name); !isBad(err, "kind") {
					w.Errorf("list %q: %v", name, err)
				}
			}
			d := document("text", "a", "x")
			d.By = "\xff"
			w.wantBad(d, "by")
			w.wantNames("text")
		}},
		{"documents are told apart by kind and listed by name in byte order", func(w *world) {
			for _, name := range []string{"b", "a_", "a-", "a0", "aa", "a", "10", "9", "-", "_"} {
				w.put(document("text", name, name), nil, 1)
				w.put(document("other", name, "other "+name), nil, 1)
			}
			w.deleteDocument("other", "b", nil)
			w.wantNames("text", "-", "10", "9", "_", "a", "a-", "a0", "a_", "aa", "b")
			w.wantNames("other", "-", "10", "9", "_", "a", "a-", "a0", "a_", "aa")
			w.wantNames("nothing")
			w.wantNoDocument("text", "c")
			w.wantNoDocument("texts", "a")
		}},
		{"each write is a version of its document, one more than the last", func(w *world) {
			w.put(document("text", "a", "one"), nil, 1)
			w.put(document("text", "b", "one"), base(0), 1)
			d := document("text", "a", "two")
			d.At, d.By, d.Version = time.Date(2026, 7, 1, 23, 30, 0, 123456789, time.FixedZone("there", 3600)), "", 77
			w.put(d, base(1), 2)
			w.put(d, nil, 3) // the same again
			w.reopen()
			w.put(document("text", "a", ""), base(3), 4)
			w.put(document("text", "b", "two"), base(1), 2)
		}},
		{"a write with a base that is not there is refused and changes nothing", func(w *world) {
			put := func(body string, base *uint64) error {
				_, err := w.documents().PutDocument(w.ctx, document("text", "a", body), base)
				return err
			}
			w.wantConflict(put("x", base(1)), 1, 0)
			w.wantNoDocument("text", "a")
			w.put(document("text", "a", "one"), base(0), 1)
			w.wantConflict(put("x", base(0)), 0, 1)
			w.wantConflict(put("x", base(2)), 2, 1)
			w.put(document("text", "a", "two"), base(1), 2)
			w.wantConflict(put("x", base(1)), 1, 2)
			w.wantConflict(put("one", base(1)), 1, 2)
			w.wantConflict(w.documents().DeleteDocument(w.ctx, "text", "a", base(1)), 1, 2)
			w.wantConflict(w.documents().DeleteDocument(w.ctx, "text", "a", base(0)), 0, 2)
			w.wantConflict(put("x", base(1<<63)), 1<<63, 2)
			d := document("text", "a", "two")
			d.Version = 2
			w.wantDocument(d)
			w.deleteDocument("text", "a", base(2))
		}},
		{"a deleted document is gone, and its versions go on when it is written again", func(w *world) {
			if err := w.documents().DeleteDocument(w.ctx, "text", "a", nil); !errors.Is(err, graph.ErrNotFound) {
				w.Errorf("delete of nothing: %v", err)
			}
			if err := w.documents().DeleteDocument(w.ctx, "text", "a", base(4)); !errors.Is(err, graph.ErrNotFound) {
				w.Errorf("delete of nothing: %v", err)
			}
			w.put(document("text", "a", "one"), nil, 1)
			w.deleteDocument("text", "a", nil)
			w.reopen()
			w.wantNoDocument("text", "a")
			w.wantNames("text")
			if err := w.documents().DeleteDocument(w.ctx, "text", "a", nil); !errors.Is(err, graph.ErrNotFound) {
				w.Errorf("delete again: %v", err)
			}
			_, err := w.documents().PutDocument(w.ctx, document("text", "a", "x"), base(1))
			w.wantConflict(err, 1, 0)
			w.put(document("text", "a", "two"), base(0), 2)
			w.deleteDocument("text", "a", base(2))
			w.put(document("text", "a", "three"), nil, 3)
			w.wantNames("text", "a")
		}},
		{"what was given and what was handed out may be changed afterwards", func(w *world) {
			d := document("text", "a", "one")
			w.put(d, nil, 1)
			d.Body[0] = 'X'
			got, err := w.documents().GetDocument(w.ctx, "text", "a")
			if err != nil {
				w.Fatal(err)
			}
			got.Body[0] = 'Y'
			want := document("text", "a", "one")
			want.Version = 1
			w.wantDocument(want)
		}},
		{"a context that has ended is an error and nothing is written", func(w *world) {
			w.put(document("text", "a", "one"), nil, 1)
			ctx, cancel := context.WithCancel(w.ctx)
			cancel()
			_, err := w.documents().PutDocument(ctx, document("text", "a", "two"), nil)
			_, getErr := w.documents().GetDocument(ctx, "text", "a")
			_, listErr := w.documents().ListDocuments(ctx, "text")
			for _, err := range []error{err, getErr, listErr, w.documents().DeleteDocument(ctx, "text", "a", nil)} {
				if !errors.Is(err, context.Canceled) {
					w.Errorf("error %v, want that of the context", err)
				}
			}
			w.put(document("text", "a", "three"), base(1), 2)
		}},
	}
}

func (w *world) wantBad(d graph.Document, field string) {
	w.Helper()
	if _, err := w.documents().PutDocument(w.ctx, d, nil); !isBad(err, field) {
		w.Errorf("put %q/%q: %v, want a fault in the %s", d.Kind, d.Name, err, field)
	}
	if field != "name" && field != "kind" {
		return
	}
	if _, err := w.documents().GetDocument(w.ctx, d.Kind, d.Name); !isBad(err, field) {
		w.Errorf("get %q/%q: %v, want a fault in the %s", d.Kind, d.Name, err, field)
	}
	if err := w.documents().DeleteDocument(w.ctx, d.Kind, d.Name, nil); !isBad(err, field) {
		w.Errorf("delete %q/%q: %v, want a fault in the %s", d.Kind, d.Name, err, field)
	}
}

func isBad(err error, field string) bool {
	var bad *graph.DocumentError
	return errors.As(err, &bad) && bad.Field == field
}

// sharedDocumentTests are about others that write at the same time.
func sharedDocumentTests() []test {
	return []test{
		{"documents neither move the graph nor are touched by imports and undos", func(w *world) {
			w.put(document("text", "a", "one"), nil, 1)
			w.checkRevision() // still 0, with the hash of nothing
			w.apply(batch(company("a"), leg("x", 1)))
			w.put(document("text", "a", "two"), nil, 2)
			w.put(document("company", "a", "not the company"), nil, 1)
			w.checkAll()
			w.apply(batch(leg("x", 2)))
			w.undo("b2")
			w.undo("b1")
			w.deleteDocument("company", "a", nil)
			w.checkAll()
			w.reopen()
			w.checkAll()
			want := document("text", "a", "two")
			want.Version = 2
			w.wantDocument(want)
			if n := len(w.batches()); n != 4 {
				w.Errorf("%d batches, want 4", n)
			}
		}},
		{"of writers with the same base exactly one writes", func(w *world) {
			for round := range 5 {
				var mu sync.Mutex
				won := []string{}
				w.together(w.options.Writers, func(n int) error {
					d := document("text", "a", fmt.Sprintf("round %d, writer %d", round, n))
					got, err := w.documents().PutDocument(w.ctx, d, base(uint64(round)))
					if err == nil {
						mu.Lock()
						won = append(won, string(got.Body))
						mu.Unlock()
					} else if !errors.Is(err, graph.ErrConflict) {
						return fmt.Errorf("writer %d: %w", n, err)
					}
					return nil
				})
				if len(won) != 1 {
					w.Fatalf("round %d: %q were written, want one", round, won)
				}
				want := document("text", "a", won[0])
				want.Version = uint64(round + 1)
				w.wantDocument(want)
			}
		}},
		{"writers without a base all write, each a version of its own", func(w *world) {
			const each = 5
			var mu sync.Mutex
			bodies := map[uint64]string{}
			w.together(w.options.Writers, func(n int) error {
				for i := range each {
					got, err := w.documents().PutDocument(w.ctx, document("text", "a", fmt.Sprintf("%d-%d", n, i)), nil)
					if err != nil {
						return fmt.Errorf("writer %d: %w", n, err)
					}
					mu.Lock()
					bodies[got.Version] = string(got.Body)
					mu.Unlock()
				}
				return nil
			})
			last := uint64(w.options.Writers * each)
			for v := uint64(1); v <= last; v++ {
				if bodies[v] == "" {
					w.Errorf("nobody was told version %d", v)
				}
			}
			want := document("text", "a", bodies[last])
			want.Version = last
			w.wantDocument(want)
		}},
		{"of those that delete the same version exactly one succeeds", func(w *world) {
			w.put(document("text", "a", "one"), nil, 1)
			var mu sync.Mutex
			deleted := 0
			w.together(w.options.Writers, func(n int) error {
				err := w.documents().DeleteDocument(w.ctx, "text", "a", base(1))
				if err == nil {
					mu.Lock()
					deleted++
					mu.Unlock()
				} else if !errors.Is(err, graph.ErrNotFound) {
					return fmt.Errorf("writer %d: %w", n, err)
				}
				return nil
			})
			if deleted != 1 {
				w.Errorf("%d deleted it, want one", deleted)
			}
			w.wantNoDocument("text", "a")
		}},
		{"a reader sees a whole version while others write", func(w *world) {
			// Version n is one letter, a hundred thousand times and n more.
			const versions, size = 15, 100_000
			body := func(n int) string { return strings.Repeat(string(rune('a'+n)), size+n) }
			w.put(document("text", "a", body(1)), nil, 1)
			stop := make(chan struct{})
			var readers sync.WaitGroup
			for range 2 {
				readers.Go(func() {
					last := uint64(0)
					for {
						select {
						case <-stop:
							return
						default:
						}
						got, err := w.documents().GetDocument(w.ctx, "text", "a")
						if err != nil || got.Version < last || string(got.Body) != body(int(got.Version)) {
							w.Errorf("after version %d: version %d with %d bytes, %v", last, got.Version, len(got.Body), err)
							return
						}
						last = got.Version
					}
				})
			}
			for n := 2; n <= versions; n++ {
				if _, err := w.documents().PutDocument(w.ctx, document("text", "a", body(n)), nil); err != nil {
					w.Errorf("put: %v", err)
					break
				}
			}
			close(stop)
			readers.Wait()
		}},
		{"documents can be read while a large import is being written", func(w *world) {
			w.put(document("text", "a", "one"), nil, 1)
			half, resume := make(chan struct{}), make(chan struct{})
			atHalf, goOn := sync.OnceFunc(func() { close(half) }), sync.OnceFunc(func() { close(resume) })
			defer goOn()
			n := w.options.Large / 4
			done := make(chan error, 1)
			go func() {
				_, err := w.store.Apply(w.ctx, graph.Batch{At: day(2), Records: func(yield func(graph.Record, error) bool) {
					i := 0
					for r, err := range Transfers("t", n, 0) {
						if i++; i == n/2 {
							atHalf()
							<-resume
						}
						if !yield(r, err) {
							return
						}
					}
				}})
				done <- err
			}()
			select {
			case <-half:
			case err := <-done:
				w.Fatalf("apply: %v", err)
			}
			want := document("text", "a", "one")
			want.Version = 1
			w.wantDocument(want)
			w.wantNames("text", "a")
			put := make(chan error, 1) // may have to wait for the import
			go func() {
				_, err := w.documents().PutDocument(w.ctx, document("text", "b", "two"), base(0))
				put <- err
			}()
			goOn()
			if err := <-done; err != nil {
				w.Fatalf("apply: %v", err)
			}
			if err := <-put; err != nil {
				w.Fatalf("put: %v", err)
			}
			w.wantNames("text", "a", "b")
			page := w.mustList(graph.ListQuery{Kind: graph.FlowRecord, Limit: 1})
			if page.Total != n || page.Revision != 1 {
				w.Errorf("%d legs at revision %d, want %d at 1", page.Total, page.Revision, n)
			}
		}},
	}
}

package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"roundtrip/graph"
)

func write(kind, name, body string, base *uint64) graph.DocumentWrite {
	return graph.DocumentWrite{Document: document(kind, name, body), Base: base}
}

// wantKept lists a kind, whose documents must be these: name, version and body
// of each.
func (w *world) wantKept(kind string, want ...string) {
	w.Helper()
	list, err := w.documents().ListDocuments(w.ctx, kind)
	if err != nil {
		w.Fatalf("list %s: %v", kind, err)
	}
	got := make([]string, len(list))
	for i, d := range list {
		got[i] = fmt.Sprintf("%s %d %s", d.Name, d.Version, d.Body)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.Errorf("documents of kind %s are %q, want %q", kind, got, want)
	}
}

// documentsTogetherTests are about PutDocuments.
func documentsTogetherTests() []test {
	return []test{
		{"documents that are written together come back in the order given", func(w *world) {
			w.put(document("text", "b", "one"), nil, 1)
			w.put(document("text", "c", "one"), nil, 1)
			w.put(document("text", "d", "one"), nil, 1)
			w.deleteDocument("text", "d", nil)
			got, err := w.documents().PutDocuments(w.ctx, []graph.DocumentWrite{
				write("text", "e", "new", base(0)), write("text", "d", "after a delete", base(0)), write("other", "b", "", nil),
				write("text", "c", "\x00\xff", base(1)), write("text", "b", "two", nil), write("text", "a", "new", nil),
			})
			if err != nil || len(got) != 6 {
				w.Fatalf("%d documents, %v; want 6", len(got), err)
			}
			for i, want := range []graph.Document{
				document("text", "e", "new"), document("text", "d", "after a delete"), document("other", "b", ""),
				document("text", "c", "\x00\xff"), document("text", "b", "two"), document("text", "a", "new"),
			} {
				want.Version = []uint64{1, 2, 1, 2, 2, 1}[i]
				w.sameDocument(got[i], want)
				w.wantDocument(want)
			}
			w.reopen()
			w.wantKept("text", "a 1 new", "b 2 two", "c 2 \x00\xff", "d 2 after a delete", "e 1 new")
			w.wantKept("other", "b 1 ")
			w.checkRevision() // still 0, with the hash of nothing
		}},
		{"one conflict among documents that are written together keeps all away, and is told of the first", func(w *world) {
			w.put(document("text", "b", "one"), nil, 1)
			w.put(document("text", "d", "one"), nil, 1)
			w.put(document("text", "d", "two"), nil, 2)
			wrong := func(name string) graph.DocumentWrite { return write("text", name, "x", base(7)) }
			right := []graph.DocumentWrite{write("text", "a", "x", base(0)), write("text", "b", "x", base(1)), write("text", "c", "x", nil), write("text", "d", "x", base(2))}
			for at, version := range map[int]uint64{0: 0, 1: 1, 3: 2} {
				writes := append([]graph.DocumentWrite(nil), right...)
				writes[at] = wrong(writes[at].Name)
				_, err := w.documents().PutDocuments(w.ctx, writes)
				w.wantConflict(err, 7, version)
				var conflict *graph.DocumentConflictError
				if errors.As(err, &conflict) && (conflict.Kind != "text" || conflict.Name != writes[at].Name) {
					w.Errorf("the conflict is told of %s/%s, want text/%s", conflict.Kind, conflict.Name, writes[at].Name)
				}
			}
			_, err := w.documents().PutDocuments(w.ctx, []graph.DocumentWrite{right[2], wrong("d"), wrong("b"), wrong("a")})
			w.wantConflict(err, 7, 2)
			w.wantKept("text", "b 1 one", "d 2 two")
			if _, err := w.documents().PutDocuments(w.ctx, right); err != nil {
				w.Errorf("without a conflict: %v", err)
			}
			w.wantKept("text", "a 1 x", "b 2 x", "c 1 x", "d 3 x")
		}},
		{"one bad document among those that are written together keeps all away", func(w *world) {
			bad := func(field string, writes ...graph.DocumentWrite) {
				w.Helper()
				if _, err := w.documents().PutDocuments(w.ctx, writes); !isBad(err, field) {
					w.Errorf("error %v, want a fault in the %s", err, field)
				}
			}
			good := write("text", "a", "x", nil)
			bad("name", good, write("text", "B", "x", nil))
			bad("kind", good, write("", "b", "x", nil))
			bad("name", good, write("text", "b", "x", nil), write("text", "a", "y", nil))
			large := write("text", "b", strings.Repeat("x", graph.MaxDocumentBody+1), nil)
			bad("body", good, large)
			var many []graph.DocumentWrite
			for i := range graph.MaxDocumentWrites + 1 {
				many = append(many, write("text", fmt.Sprintf("many-%d", i), "x", nil))
			}
			bad("name", many...)
			var heavy []graph.DocumentWrite
			for i := range graph.MaxWritesBody/graph.MaxDocumentBody + 1 {
				heavy = append(heavy, write("text", fmt.Sprintf("heavy-%d", i), strings.Repeat("x", graph.MaxDocumentBody), nil))
			}
			bad("body", heavy...)
			w.wantKept("text")
			list, err := w.documents().PutDocuments(w.ctx, nil)
			if list == nil || len(list) != 0 || err != nil {
				w.Errorf("none: %v, %v; want an empty list", list, err)
			}
			// As many and as much as is allowed.
			for _, writes := range [][]graph.DocumentWrite{many[1:], heavy[1:]} {
				if list, err := w.documents().PutDocuments(w.ctx, writes); err != nil || len(list) != len(writes) {
					w.Errorf("%d documents, %v; want %d", len(list), err, len(writes))
				}
			}
		}},
		{"documents are not written together in a context that has ended", func(w *world) {
			ctx, cancel := context.WithCancel(w.ctx)
			cancel()
			if _, err := w.documents().PutDocuments(ctx, []graph.DocumentWrite{write("text", "a", "x", nil)}); !errors.Is(err, context.Canceled) {
				w.Errorf("error %v, want that of the context", err)
			}
			w.wantKept("text")
		}},
		{"of writers of the same documents in any order exactly one writes all of them", func(w *world) {
			const documents, rounds = 12, 4
			for round := range rounds {
				var mu sync.Mutex
				won := []int{}
				w.together(w.options.Writers, func(n int) error {
					writes := make([]graph.DocumentWrite, documents)
					for i := range writes {
						at := (i*5 + n*7) % documents // another order for each writer
						writes[at] = write("text", fmt.Sprintf("a%02d", i), fmt.Sprintf("%d-%d", round, n), base(uint64(round)))
					}
					_, err := w.documents().PutDocuments(w.ctx, writes)
					if err == nil {
						mu.Lock()
						won = append(won, n)
						mu.Unlock()
					} else if !errors.Is(err, graph.ErrConflict) {
						return fmt.Errorf("writer %d: %w", n, err)
					}
					return nil
				})
				if len(won) != 1 {
					w.Fatalf("round %d: the writers %d wrote, want one", round, won)
				}
				want := make([]string, documents)
				for i := range want {
					want[i] = fmt.Sprintf("a%02d %d %d-%d", i, round+1, round, won[0])
				}
				w.wantKept("text", want...)
			}
		}},
		{"documents written together and alone by several writers each get a version of their own", func(w *world) {
			const each = 4
			w.together(w.options.Writers, func(n int) error {
				for range each {
					var err error
					if n%2 == 0 {
						_, err = w.documents().PutDocument(w.ctx, document("text", "b", "x"), nil)
					} else {
						_, err = w.documents().PutDocuments(w.ctx, []graph.DocumentWrite{write("text", "b", "x", nil), write("text", "a", "x", nil)})
					}
					if err != nil {
						return fmt.Errorf("writer %d: %w", n, err)
					}
				}
				return nil
			})
			all := w.options.Writers * each
			w.wantKept("text", fmt.Sprintf("a %d x", w.options.Writers/2*each), fmt.Sprintf("b %d x", all))
		}},
	}
}

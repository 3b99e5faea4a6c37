package storetest

import (
	"errors"
	"strings"

	"roundtrip/graph"
)

func recordTests() []test {
	return []test{
		{"a new store is at revision 0 with hash zero and no records", func(w *world) {
			w.checkAll()
			if got, _ := w.store.Revision(w.ctx); got.Hash.String() != strings.Repeat("0", 64) {
				w.Errorf("hash %s", got.Hash)
			}
			batches, err := w.store.Batches(w.ctx)
			if err != nil || len(batches) != 0 {
				w.Errorf("batches %v, %v", batches, err)
			}
		}},
		{"a record of every kind with every field comes back the same", func(w *world) {
			var records []graph.Record
			for _, k := range graph.RecordKinds() {
				records = append(records, full(k, "x"), full(k, "y"))
			}
			w.apply(batch(records...))
			w.reopen()
			w.checkAll()
			for _, r := range records {
				w.wantRecord(r)
			}
		}},
		{"a record with nothing but its id comes back with every field absent", func(w *world) {
			records := []graph.Record{
				&graph.Source{ID: "x"}, &graph.Company{ID: "x"}, &graph.Chip{ID: "x"}, &graph.Deal{ID: "x"},
				&graph.Flow{ID: "x"}, &graph.Outcome{ID: "x"}, &graph.Metric{ID: "x"},
			}
			w.apply(batch(records...))
			w.checkAll()
			got, err := w.store.Get(w.ctx, graph.Key{Kind: graph.FlowRecord, ID: "x"})
			if err != nil {
				w.Fatal(err)
			}
			f := got.(*graph.Flow)
			if f.Amount.Known() || f.CapacityGW.Known() || f.Announced.Known() || f.Chips != nil || f.Overlaps {
				w.Errorf("the empty leg came back as %+v", f)
			}
		}},
		{"a missing value and a zero are two things", func(w *world) {
			zero, none := leg("zero", 0), leg("none", -1)
			zero.CapacityGW, zero.Realised = graph.Micro(0), graph.USD(0)
			m0, m1 := &graph.Metric{ID: "zero", Value: graph.Micro(0)}, &graph.Metric{ID: "none"}
			w.apply(batch(zero, none, m0, m1))
			w.reopen()
			for _, r := range []graph.Record{zero, none, m0, m1} {
				w.wantRecord(r)
			}
			w.apply(batch(leg("none", 0)))
			w.apply(batch(none))
			w.checkAll()
		}},
		{"ids that differ in case only are two records", func(w *world) {
			w.apply(batch(company("a"), company("A"), leg("Leg", 1), leg("leg", 2), leg("LEG", 3)))
			w.checkAll()
			for _, r := range []graph.Record{company("a"), company("A"), leg("Leg", 1), leg("leg", 2)} {
				w.wantRecord(r)
			}
			w.wantNone(graph.Key{Kind: graph.FlowRecord, ID: "lEg"})
			w.apply(graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.CompanyKind, ID: "A"}}})
			w.wantRecord(company("a"))
			w.wantNone(graph.Key{Kind: graph.CompanyKind, ID: "A"})
			w.checkAll()
		}},
		{"one id may be used by every kind", func(w *world) {
			for _, k := range graph.RecordKinds() {
				w.apply(batch(full(k, "same")))
			}
			w.apply(graph.Batch{At: day(2), Deletes: []graph.Key{{Kind: graph.DealKind, ID: "same"}}})
			w.checkAll()
		}},
		{"texts and ids come back byte for byte", func(w *world) {
			var records []graph.Record
			for i, text := range awkwardTexts() {
				records = append(records,
					&graph.Deal{ID: id("t", i), Title: text, Note: text + text, SourceIDs: []string{text + "1", text + "2"}})
				if !strings.Contains(text, "\x00") && len(text) < 200 {
					records = append(records, &graph.Company{ID: text, Name: text})
				}
			}
			w.apply(batch(records...))
			w.reopen()
			w.checkAll()
			for _, r := range records {
				w.wantRecord(r)
			}
			keys := make([]graph.Key, 0, len(records))
			for _, r := range records {
				keys = append(keys, r.Key())
			}
			w.apply(graph.Batch{At: day(2), Deletes: keys})
			w.checkAll()
		}},
		{"ids are ordered by their bytes, not by language or UTF-16", func(w *world) {
			w.apply(batch(company("\U0001F600"), company("\uFF5E"), company("é"), company("e\u0301"), company("z"),
				company("Z"), company("a-b"), company("a_b"), company("ab"), company("a"), company("10"), company("9")))
			w.checkAll()
			w.wantIDs(graph.ListQuery{Kind: graph.CompanyKind},
				"10", "9", "Z", "a", "a-b", "a_b", "ab", "e\u0301", "z", "é", "\uFF5E", "\U0001F600")
		}},
		{"what is not there is not found", func(w *world) {
			w.wantNone(graph.Key{Kind: graph.CompanyKind, ID: "a"})
			w.apply(batch(company("a")))
			w.wantNone(graph.Key{Kind: graph.DealKind, ID: "a"})
			w.wantNone(graph.Key{Kind: graph.CompanyKind, ID: ""})
			w.wantNone(graph.Key{Kind: graph.NoKind, ID: "a"})
		}},
		{"the hash is the one worked out by hand", func(w *world) {
			// SHA-256 of `company\n{"id":"a","name":"Ü"}` plus that of
			// `flow\n{"id":"f","from":"a","to":"b","kind":"loan","amount_usd":"10.50","count_in_totals":"no"}`.
			w.apply(batch(&graph.Company{ID: "a", Name: "Ü"}, &graph.Flow{ID: "f", From: "a", To: "b", Kind: graph.Loan, Amount: graph.USD(1050), Overlaps: true}))
			const want = "50a730db1b6c74f5092f9832807b1b2dc6a3cc28f47cb9cd619f94c5cd8ffbdb"
			if got, err := w.store.Revision(w.ctx); err != nil || got.Hash.String() != want {
				w.Errorf("hash %s, %v; want %s", got.Hash, err, want)
			}
		}},
		{"after Close every method is an error and records stay valid", func(w *world) {
			w.apply(batch(full(graph.FlowRecord, "x")))
			got, err := w.store.Get(w.ctx, graph.Key{Kind: graph.FlowRecord, ID: "x"})
			if err != nil {
				w.Fatal(err)
			}
			closed := w.store
			w.close()
			if !sameBytes(got, full(graph.FlowRecord, "x")) {
				w.Errorf("the record became %s", canonical(got))
			}
			for name, call := range map[string]func() error{
				"Revision": func() error { _, err := closed.Revision(w.ctx); return err },
				"Records":  func() error { return firstError(closed.Records(w.ctx, 1)) },
				"Get":      func() error { _, err := closed.Get(w.ctx, got.Key()); return err },
				"List": func() error {
					_, err := closed.List(w.ctx, graph.ListQuery{Kind: graph.FlowRecord, Limit: 1})
					return err
				},
				"Apply":   func() error { _, err := closed.Apply(w.ctx, batch(company("a"))); return err },
				"Batches": func() error { _, err := closed.Batches(w.ctx); return err },
				"Undo":    func() error { _, err := closed.Undo(w.ctx, "b1", day(2)); return err },
			} {
				if err := call(); err == nil || errors.Is(err, graph.ErrNotFound) {
					w.Errorf("%s after Close: %v", name, err)
				}
			}
			w.store = w.mustOpen()
			w.checkAll()
		}},
	}
}

// awkwardTexts are texts that stores are known to change.
func awkwardTexts() []string {
	return []string{
		"é", "e\u0301", "\u212b", "\u00c5", "A\u030a", // composed, decomposed and compatible forms stay apart
		"\U0001F600", "\uFF5E", "𝒳", "İ", "ß", "ẞ",
		" leading", "trailing ", "two  spaces", "tab\there", "line\nbreak", "carriage\r\nreturn", "nul\x00inside",
		`quote"back\slash/`, "o'neill", "percent%under_score", "semi;colon", "$param", "{brace}", "`tick`", "<b>&amp;",
		"\u2028\u2029", "\uFEFFmark", "null", "NaN", "true", "0123", "1e5", "-0", "\u202Eright to left",
		strings.Repeat("long ", 15_000),
	}
}

func (w *world) wantRecord(want graph.Record) {
	w.Helper()
	got, err := w.store.Get(w.ctx, want.Key())
	if err != nil {
		w.Errorf("get %s: %v", want.Key(), err)
		return
	}
	if !sameBytes(got, want) {
		w.Errorf("get %s\n got %s\nwant %s", want.Key(), canonical(got), canonical(want))
	}
}

func (w *world) wantNone(key graph.Key) {
	w.Helper()
	if got, err := w.store.Get(w.ctx, key); !errors.Is(err, graph.ErrNotFound) {
		w.Errorf("get %q: %v, %v; want ErrNotFound", key.String(), got, err)
	}
}

func firstError[T any](seq func(yield func(T, error) bool)) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

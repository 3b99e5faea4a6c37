package sqlitestore_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"roundtrip/graph"
	"roundtrip/graph/sqlitestore"
	"roundtrip/graph/storetest"
)

func mustOpen(t *testing.T, dir string, o sqlitestore.Options) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return s
}

func apply(t *testing.T, s *sqlitestore.Store, records ...graph.Record) graph.Applied {
	t.Helper()
	got, err := s.Apply(t.Context(), graph.Batch{Origin: "test", Records: yielding(records)})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func closeStore(t *testing.T, s *sqlitestore.Store) {
	t.Helper()
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// sqlExec runs SQL on the file itself.
func sqlExec(t *testing.T, dir, text string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, sqlitestore.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func TestTheDataDirectoryIsMadeForItsOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a dir", "with #1? 100%")
	s := mustOpen(t, dir, sqlitestore.Options{})
	apply(t, s, &graph.Company{ID: "a"})
	for path, want := range map[string]os.FileMode{dir: 0o700, s.Path(): 0o600, s.Path() + "-wal": 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
	if want := filepath.Join(dir, "roundtrip.db"); s.Path() != want {
		t.Errorf("path %s, want %s", s.Path(), want)
	}
}

func TestADirectoryThatCannotBeUsedIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sqlitestore.Open(t.Context(), filepath.Join(file, "data"), sqlitestore.Options{})
	wantError(t, err, "data directory "+filepath.Join(file, "data"), "cannot be made")

	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, sqlitestore.FileName), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	wantError(t, err, "data directory "+dir+" is not writable")

	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere")
	}
	locked := t.TempDir()
	if err := os.Chmod(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err = sqlitestore.Open(t.Context(), locked, sqlitestore.Options{})
	wantError(t, err, "data directory "+locked+" is not writable", "permission denied")
}

func TestAFileOfAnotherKindIsRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, sqlitestore.FileName)
	text := []byte(strings.Repeat("from,to,amount\n", 1000))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	wantError(t, err, path+" is not a SQLite database", "restore it from a backup")
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, text) {
		t.Errorf("the file was changed: %v", err)
	}

	other := t.TempDir()
	sqlExec(t, other, "CREATE TABLE notes (text)")
	_, err = sqlitestore.Open(t.Context(), other, sqlitestore.Options{})
	wantError(t, err, filepath.Join(other, sqlitestore.FileName)+" is a SQLite database of another program")
}

func TestANewerSchemaIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, sqlitestore.Options{})
	apply(t, s, &graph.Company{ID: "a"})
	closeStore(t, s)
	sqlExec(t, dir, "PRAGMA user_version = 99")
	for _, readOnly := range []bool{false, true} {
		_, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{ReadOnly: readOnly})
		wantError(t, err, s.Path()+" has schema version 99", "this program knows versions up to 2", "use a newer roundtrip")
	}
	sqlExec(t, dir, "PRAGMA user_version = 2")
	if got, err := mustOpen(t, dir, sqlitestore.Options{}).Get(t.Context(), graph.Key{Kind: graph.CompanyKind, ID: "a"}); err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAFileFromBeforeDocumentsIsMigrated(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, sqlitestore.Options{})
	want := apply(t, s, &graph.Company{ID: "a"})
	closeStore(t, s)
	sqlExec(t, dir, "DROP TABLE document; PRAGMA user_version = 1")
	_, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{ReadOnly: true})
	wantError(t, err, s.Path()+" has schema version 1, this program needs 2; open it for writing once to migrate it")
	s = mustOpen(t, dir, sqlitestore.Options{})
	if now, err := s.Revision(t.Context()); err != nil || now.Number != 1 || now.Hash != want.Hash {
		t.Errorf("revision %+v, %v", now, err)
	}
	d, err := s.PutDocument(t.Context(), graph.Document{Kind: "text", Name: "a", Body: []byte("x")}, nil)
	if err != nil || d.Version != 1 {
		t.Errorf("document %+v, %v", d, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestADamagedFileIsAnErrorThatNamesIt(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, sqlitestore.Options{})
	if _, err := s.Apply(t.Context(), graph.Batch{Records: storetest.Transfers("t", 5000, 0)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("a healthy store: %v", err)
	}
	closeStore(t, s)
	whole, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	holed := bytes.Clone(whole)
	copy(holed[len(holed)/4:], bytes.Repeat([]byte{0xA5}, len(holed)/2))
	if err := os.WriteFile(s.Path(), holed, 0o600); err != nil {
		t.Fatal(err)
	}
	s = mustOpen(t, dir, sqlitestore.Options{})
	wantError(t, s.Check(t.Context()), "check "+s.Path())
	var readErr error
	for _, err := range s.Records(t.Context(), 1) {
		readErr = err
	}
	wantError(t, readErr, s.Path()+" is damaged; restore it from a backup")
	closeStore(t, s)

	if err := os.WriteFile(s.Path(), whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	cut, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{})
	if err == nil {
		err = cut.Check(t.Context())
		closeStore(t, cut)
	}
	wantError(t, err, s.Path())
}

func TestCheckFindsRecordsThatWereChangedBehindTheStore(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, sqlitestore.Options{})
	apply(t, s, &graph.Company{ID: "a", Name: "A"}, &graph.Company{ID: "b"}, &graph.Deal{ID: "d"})
	for _, c := range []struct{ text, want string }{
		{`UPDATE record SET body = '{"id":"a","name":"B"}' WHERE id = 'a'`, "have the hash"},
		{`UPDATE record SET body = '{"id":"c"}' WHERE id = 'a'`, `company/a: its body has the id "c"`},
		{`UPDATE record SET body = '{' WHERE id = 'a'`, "company/a: a stored company is not canonical"},
		{`DELETE FROM record WHERE id = 'b'`, "1 companies are stored, 2 were counted"},
	} {
		sqlExec(t, dir, c.text)
		wantError(t, s.Check(t.Context()), c.want)
	}
}

func TestAStartAfterACrashSaysWhatItKept(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, dir, sqlitestore.Options{})
	apply(t, s, &graph.Company{ID: "a"})
	want := apply(t, s, &graph.Company{ID: "b"})
	// What a killed process leaves behind is what lies on the disk now.
	crashed := filepath.Join(t.TempDir(), "crashed")
	if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&said, nil))
	ro := mustOpen(t, crashed, sqlitestore.Options{ReadOnly: true, Logger: logger})
	if now, err := ro.Revision(t.Context()); err != nil || now.Number != 2 || now.Hash != want.Hash {
		t.Errorf("read-only: revision %+v, %v", now, err)
	}
	closeStore(t, ro)
	repaired := mustOpen(t, crashed, sqlitestore.Options{Logger: logger})
	if now, err := repaired.Revision(t.Context()); err != nil || now.Number != 2 || now.Hash != want.Hash {
		t.Errorf("revision %+v, %v", now, err)
	}
	for _, part := range []string{"recovered from a process that did not close the store", "revision=2", "file=" + repaired.Path()} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("the log does not say %q: %s", part, &said)
		}
	}
	if err := repaired.Check(t.Context()); err != nil {
		t.Error(err)
	}
	apply(t, repaired, &graph.Company{ID: "c"})

	// Nothing is said of a store that others have open, or that was closed.
	said.Reset()
	closeStore(t, mustOpen(t, crashed, sqlitestore.Options{Logger: logger}))
	closeStore(t, repaired)
	closeStore(t, mustOpen(t, crashed, sqlitestore.Options{Logger: logger}))
	if said.Len() > 0 {
		t.Errorf("the log says %s", &said)
	}
}

func TestAReadOnlyStoreReadsBesideAWriterAndNeverWrites(t *testing.T) {
	dir := t.TempDir()
	_, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{ReadOnly: true})
	wantError(t, err, "data directory "+dir+" holds no data to read")

	writer := mustOpen(t, dir, sqlitestore.Options{})
	apply(t, writer, &graph.Company{ID: "a"})
	s := mustOpen(t, dir, sqlitestore.Options{ReadOnly: true})
	apply(t, writer, &graph.Company{ID: "b"})
	if _, err := s.Get(t.Context(), graph.Key{Kind: graph.CompanyKind, ID: "b"}); err != nil {
		t.Error(err)
	}
	if _, err := s.Apply(t.Context(), graph.Batch{}); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("apply: %v", err)
	}
	if _, err := s.Undo(t.Context(), "b1", writer2026); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("undo: %v", err)
	}
	put, err := writer.PutDocument(t.Context(), graph.Document{Kind: "text", Name: "a"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := s.GetDocument(t.Context(), "text", "a"); err != nil || d.Version != put.Version {
		t.Errorf("document %+v, %v", d, err)
	}
	if _, err := s.PutDocument(t.Context(), put, nil); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.PutDocuments(t.Context(), []graph.DocumentWrite{{Document: put}}); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("put: %v", err)
	}
	if err := s.DeleteDocument(t.Context(), "text", "a", nil); !errors.Is(err, graph.ErrReadOnly) {
		t.Errorf("delete: %v", err)
	}
	closeStore(t, writer)
	if now, err := s.Revision(t.Context()); err != nil || now.Number != 2 {
		t.Errorf("revision %+v, %v", now, err)
	}
}

func TestStatsCountWhatIsStored(t *testing.T) {
	s := mustOpen(t, t.TempDir(), sqlitestore.Options{})
	apply(t, s, &graph.Company{ID: "a"}, &graph.Company{ID: "b"}, &graph.Deal{ID: "d"})
	apply(t, s, &graph.Company{ID: "a", Name: "A"})
	got, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Records) != 2 || got.Records[graph.CompanyKind] != 2 || got.Records[graph.DealKind] != 1 || got.Past != 1 || got.Schema != 2 || got.Revision.Number != 2 {
		t.Errorf("stats %+v", got)
	}
}

func TestABatchThatBreaksItsRulesIsRefusedByName(t *testing.T) {
	s := mustOpen(t, t.TempDir(), sqlitestore.Options{})
	a, b := &graph.Company{ID: "a"}, &graph.Company{ID: "b"}
	for range 2 { // into an empty store, then beside stored records
		for want, batch := range map[string]graph.Batch{
			"company/x is in the batch twice":                     {Records: yielding([]graph.Record{&graph.Company{ID: "x"}, b, &graph.Company{ID: "x", Name: "other"}})},
			"a company has no id":                                 {Records: yielding([]graph.Record{b, &graph.Company{}})},
			"company/x is both written and deleted in this batch": {Records: yielding([]graph.Record{&graph.Company{ID: "x"}}), Deletes: []graph.Key{{Kind: graph.CompanyKind, ID: "x"}}},
			"company/y, to be deleted: not found":                 {Deletes: []graph.Key{{Kind: graph.CompanyKind, ID: "y"}}},
			"flow/t0000000 is in the batch twice":                 {Records: join(storetest.Transfers("t", 1000, 0), storetest.Transfers("t", 2, 5))},
		} {
			_, err := s.Apply(t.Context(), batch)
			wantError(t, err, want)
		}
		apply(t, s, a)
	}
	if now, err := s.Revision(t.Context()); err != nil || now.Number != 1 {
		t.Errorf("revision %+v, %v", now, err)
	}
}

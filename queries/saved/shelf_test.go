package saved_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/queries/library"
	"roundtrip/queries/saved"
)

func at() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func names(list []saved.Found) []string {
	var names []string
	for _, f := range list {
		names = append(names, f.Name)
	}
	return names
}

func TestAQueryIsSavedFoundAndDeleted(t *testing.T) {
	s := shelf(t, openStore(t))
	f, err := s.Save(t.Context(), "", []byte(payments), nil, at())
	require.NoError(t, err)
	require.Equal(t, uint64(1), f.Version)
	f, err = s.Get(t.Context(), "payments-of")
	require.NoError(t, err)
	require.Equal(t, payments, string(f.Text), "byte for byte")
	require.Equal(t, saved.Saved, f.Origin)
	require.Equal(t, at(), f.At)

	_, err = s.Get(t.Context(), "payment-of")
	require.ErrorIs(t, err, graph.ErrNotFound)
	require.Contains(t, err.Error(), `no query is named "payment-of"; did you mean payments-of?`)
	zero := uint64(0)
	_, err = s.Save(t.Context(), "", []byte(payments), &zero, at())
	require.ErrorIs(t, err, graph.ErrConflict)

	list, err := s.List(t.Context(), saved.Filter{Search: "PAYS whom"})
	require.NoError(t, err)
	require.Equal(t, []string{"payments-of"}, names(list))
	list, err = s.List(t.Context(), saved.Filter{Tag: "coverage"})
	require.NoError(t, err)
	require.Equal(t, []string{"amazon-promise", "openai-promises"}, names(list))
	all, err := s.List(t.Context(), saved.Filter{})
	require.NoError(t, err)
	require.Equal(t, "payments-of", all[len(all)-1].Name, "built-in ones come first")

	var taken graph.NameTakenError
	_, err = s.Save(t.Context(), "", []byte("name: how-sure\ncypher: RETURN 1\n"), nil, at())
	require.ErrorAs(t, err, &taken)
	_, err = s.Delete(t.Context(), "how-sure", nil)
	require.ErrorAs(t, err, &taken)
	_, err = s.Delete(t.Context(), "payments-of", nil)
	require.NoError(t, err)
	_, err = s.Delete(t.Context(), "payments-of", nil)
	require.ErrorIs(t, err, graph.ErrNotFound)
}

func TestJSONIsKeptAsYAML(t *testing.T) {
	s := shelf(t, openStore(t))
	f, err := s.Save(t.Context(), "", []byte(`{"tags":["b","a"],"request":{"params":{"limit":8},"analysis":"cycles","lens":{"as_of":"2025-12-16"}},"name":"x"}`), nil, at())
	require.NoError(t, err)
	require.Equal(t, "name: x\ntags: [b, a]\nrequest:\n  analysis: cycles\n  lens:\n    as_of: 2025-12-16\n  params:\n    limit: 8\n", string(f.Text))
}

func TestAnImportKeepsAllFilesOrNone(t *testing.T) {
	store := openStore(t)
	s := shelf(t, store)
	query := func(name, text string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("name: " + name + "\ncypher: RETURN '" + text + "'\n")}
	}
	folder := fstest.MapFS{"b.yaml": query("b", "1"), "in/a.yml": query("a", "1"), "README.md": {Data: []byte("no")}, ".git/x.yaml": {Data: []byte("no")}, "in/.hidden.yaml": {Data: []byte("no")}}
	take := func() (saved.Imported, error) {
		files, err := saved.ReadFiles(folder)
		require.NoError(t, err)
		return s.Import(t.Context(), files, at(), false)
	}
	got, err := take()
	require.NoError(t, err)
	require.Equal(t, saved.Imported{New: []string{"a", "b"}, Changed: []string{}, Unchanged: []string{}}, got)
	folder["b.yaml"], folder["c.yaml"] = query("b", "2"), query("c", "1")
	files, err := saved.ReadFiles(folder)
	require.NoError(t, err)
	dry, err := s.Import(t.Context(), files, at(), true)
	require.NoError(t, err)
	require.Equal(t, saved.Imported{New: []string{"c"}, Changed: []string{"b"}, Unchanged: []string{"a"}}, dry)
	_, err = s.Get(t.Context(), "c")
	require.ErrorIs(t, err, graph.ErrNotFound, "nothing is written by a dry run")

	folder["d.yaml"], folder["e.yaml"] = query("c", "again"), query("how-sure", "1")
	folder["f.yaml"] = &fstest.MapFile{Data: []byte("name: f\nrequest: {analysis: cycel}\n")}
	before, err := store.ListDocuments(t.Context(), "query")
	require.NoError(t, err)
	_, err = take()
	var faults scenario.Faults
	require.ErrorAs(t, err, &faults)
	require.Equal(t, `d.yaml: name: "c" is the name of the query in c.yaml as well; want each once`+"\n"+
		"e.yaml: name: query how-sure is built in and cannot be written; choose another name\n"+
		"f.yaml:2:21: request.analysis: unknown analysis cycel; did you mean cycles?; there are "+strings.Join(library.All().Names(), ", "), err.Error())
	after, err := store.ListDocuments(t.Context(), "query")
	require.NoError(t, err)
	require.Equal(t, before, after)

	for _, name := range []string{"d.yaml", "e.yaml", "f.yaml"} {
		delete(folder, name)
	}
	got, err = take()
	require.NoError(t, err)
	require.Equal(t, dry, got)

	// What is exported is what was imported.
	out, err := s.Files(t.Context())
	require.NoError(t, err)
	require.Equal(t, []saved.File{{Name: "a.yaml", Text: query("a", "1").Data}, {Name: "b.yaml", Text: query("b", "2").Data}, {Name: "c.yaml", Text: query("c", "1").Data}}, out)
	var first, second bytes.Buffer
	require.NoError(t, saved.WriteZip(&first, out))
	require.NoError(t, saved.WriteZip(&second, out))
	require.Equal(t, first.Bytes(), second.Bytes())
	z, err := zip.NewReader(bytes.NewReader(first.Bytes()), int64(first.Len()))
	require.NoError(t, err)
	back, err := saved.ReadFiles(z)
	require.NoError(t, err)
	require.Equal(t, out, back)
}

func TestTheShippedFilesImportAsUnchanged(t *testing.T) {
	files, err := saved.ReadFiles(os.DirFS("../../graph/dataset/queries"))
	require.NoError(t, err)
	got, err := shelf(t, openStore(t)).Import(t.Context(), files, at(), false)
	require.NoError(t, err)
	require.Empty(t, got.New)
	require.Len(t, got.Unchanged, len(files))
}

// raced is documents to which somebody else writes after each listing.
type raced struct {
	graph.Documents
	write func(graph.Documents) error
}

func (r raced) ListDocuments(ctx context.Context, kind string) ([]graph.Document, error) {
	list, err := r.Documents.ListDocuments(ctx, kind)
	return list, errors.Join(err, r.write(r.Documents))
}

func TestAnImportThatSomebodyElseWasBeforeKeepsNothing(t *testing.T) {
	query := func(name, text string) []byte { return []byte("name: " + name + "\ncypher: RETURN '" + text + "'\n") }
	files := []saved.File{{Name: "a.yaml", Text: query("a", "new")}, {Name: "b.yaml", Text: query("b", "new")}, {Name: "c.yaml", Text: query("c", "new")}}
	for _, name := range []string{"a", "b", "c"} { // b is saved before
		store := openStore(t)
		s := shelf(t, raced{store, func(d graph.Documents) error {
			_, err := d.PutDocument(t.Context(), graph.Document{Kind: "query", Name: name, Body: query(name, "of another"), At: at()}, nil)
			return err
		}})
		_, err := s.Save(t.Context(), "", query("b", "old"), nil, at())
		require.NoError(t, err)
		_, err = s.Import(t.Context(), files, at(), false)
		var conflict *graph.DocumentConflictError
		require.ErrorAs(t, err, &conflict)
		require.Equal(t, name, conflict.Name)
		require.ErrorContains(t, err, "save the queries: put documents: document query/"+name)
		want := map[string]string{"b": string(query("b", "old"))}
		want[name] = string(query(name, "of another"))
		got := map[string]string{}
		list, err := store.ListDocuments(t.Context(), "query")
		require.NoError(t, err)
		for _, d := range list {
			got[d.Name] = string(d.Body)
		}
		require.Equal(t, want, got)
	}
}

func TestAQueryThatThisVersionDoesNotKnowStaysOnTheShelf(t *testing.T) {
	store := openStore(t)
	text := "name: old\nrequest: {analysis: forgotten}\n"
	_, err := store.PutDocument(t.Context(), graph.Document{Kind: "query", Name: "old", Body: []byte(text), At: at()}, nil)
	require.NoError(t, err)
	s := shelf(t, store)
	f, err := s.Get(t.Context(), "old")
	require.NoError(t, err)
	require.Equal(t, text, string(f.Text))
	require.ErrorContains(t, f.Broken, "the saved query old cannot be run any more:\nline 2:21: request.analysis: unknown analysis forgotten")
	list, err := s.List(t.Context(), saved.Filter{Search: "old"})
	require.NoError(t, err)
	require.Contains(t, names(list), "old")
}

func TestTooMuchOrNothingIsNotImported(t *testing.T) {
	for want, folder := range map[string]fstest.MapFS{
		"there is no file named *.yaml or *.yml": {"a.txt": {}},
		"the files are larger than 8388608 bytes together": func() fstest.MapFS {
			all := fstest.MapFS{}
			for _, name := range strings.Split("abcdefghi", "") {
				all[name+".yaml"] = &fstest.MapFile{Data: bytes.Repeat([]byte("#"), 2<<20)}
			}
			return all
		}(),
	} {
		_, err := saved.ReadFiles(folder)
		require.EqualError(t, err, want)
	}
}

func TestGeneratedQueriesAreBuiltInAndKeepTheirPrefix(t *testing.T) {
	made := 0
	s, err := saved.NewShelf(library.All(), nil, openStore(t), saved.Generated{Prefix: "kit-", Make: func(context.Context) ([]*saved.Query, error) {
		made++
		return []*saved.Query{{Name: "kit-two", Cypher: "RETURN 2"}, {Name: "kit-one", Tags: []string{"kit"}, Cypher: "RETURN 1"}}, nil
	}})
	require.NoError(t, err)
	_, err = s.Save(t.Context(), "", []byte("name: a\ncypher: RETURN 1\n"), nil, at())
	require.NoError(t, err)
	_, err = s.Get(t.Context(), "a")
	require.NoError(t, err)
	_, err = s.Get(t.Context(), "b")
	require.ErrorIs(t, err, graph.ErrNotFound)
	_, err = s.Save(t.Context(), "", []byte("name: kit-mine\ncypher: RETURN 1\n"), nil, at())
	require.EqualError(t, err, "query kit-mine cannot be written: names that begin with kit- are kept for built-in queries; choose another name")
	require.Zero(t, made, "they are made only when one of them is wanted")
	list, err := s.List(t.Context(), saved.Filter{})
	require.NoError(t, err)
	require.Equal(t, []string{"kit-one", "kit-two", "a"}, names(list))
	f, err := s.Get(t.Context(), "kit-one")
	require.NoError(t, err)
	require.Equal(t, saved.BuiltIn, f.Origin)
	require.Equal(t, "name: kit-one\ntags: [kit]\ncypher: RETURN 1\n", string(f.Text))
	got, err := s.Import(t.Context(), []saved.File{{Name: "x.yaml", Text: f.Text}}, at(), false)
	require.NoError(t, err)
	require.Equal(t, []string{"kit-one"}, got.Unchanged)
}

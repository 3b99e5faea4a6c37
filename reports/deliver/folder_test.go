package deliver_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"roundtrip/reports/deliver"
)

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestAFolderGetsADirectoryForEachKeyOnce(t *testing.T) {
	to := deliver.Recipient{Name: "f", Kind: deliver.Folder, Path: filepath.Join(t.TempDir(), "a", "b")}
	p := parcel()
	p.Key = "daily-20260131t0600z"
	for range 2 {
		if err := sender(0).Send(t.Context(), to, p); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, to.Path); !slices.Equal(got, []string{"daily-20260131t0600z"}) {
		t.Errorf("the folder has %q", got)
	}
	for _, f := range p.Files {
		b, err := os.ReadFile(filepath.Join(to.Path, p.Key, f.Name))
		if err != nil || string(b) != string(f.Body) {
			t.Errorf("%s has %q (%v)", f.Name, b, err)
		}
	}
}

func TestAKeyThatIsNoNameBecomesOneOfItsOwnInsideTheFolder(t *testing.T) {
	dir := t.TempDir()
	to := deliver.Recipient{Name: "f", Kind: deliver.Folder, Path: filepath.Join(dir, "in")}
	for _, key := range []string{"../../x", "a/b", "a-b", "a b", ".hidden", "ключ", strings.Repeat("k", 200), "a\\b"} {
		p := parcel()
		p.Key = key
		if err := sender(0).Send(t.Context(), to, p); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, to.Path); len(got) != 8 {
		t.Errorf("8 keys gave %q", got)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("outside of the folder are %q", got)
	}
}

func TestWhatAKilledAttemptLeftIsNotTakenForTheParcelAndIsClearedLater(t *testing.T) {
	to := deliver.Recipient{Name: "f", Kind: deliver.Folder, Path: t.TempDir()}
	p := parcel()
	p.Key = "daily"
	left := filepath.Join(to.Path, ".daily.123")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "report.html"), []byte("<p>"), 0o600); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(to.Path, ".daily.456") // of somebody who is still writing
	if err := os.Mkdir(fresh, 0o755); err != nil {
		t.Fatal(err)
	}
	for path, at := range map[string]time.Time{left: now().Add(-time.Hour), fresh: now().Add(-time.Second)} {
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := sender(0).Send(t.Context(), to, p); err != nil {
		t.Fatal(err)
	}
	if got := names(t, to.Path); !slices.Equal(got, []string{".daily.456", "daily"}) {
		t.Errorf("the folder has %q", got)
	}
	// Half a parcel under the right name is replaced too.
	if err := os.Remove(filepath.Join(to.Path, "daily", "report.json")); err != nil {
		t.Fatal(err)
	}
	if err := sender(0).Send(t.Context(), to, p); err != nil {
		t.Fatal(err)
	}
	if got := names(t, filepath.Join(to.Path, "daily")); !slices.Equal(got, []string{"report.html", "report.json"}) {
		t.Errorf("the parcel has %q", got)
	}
}

func TestAnEndedContextLeavesNothingInAFolder(t *testing.T) {
	to := deliver.Recipient{Name: "f", Kind: deliver.Folder, Path: t.TempDir()}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := sender(0).Send(ctx, to, parcel())
	if !errors.Is(err, context.Canceled) || deliver.Final(err) {
		t.Errorf("gives %v", err)
	}
	if got := names(t, to.Path); len(got) != 0 {
		t.Errorf("the folder has %q", got)
	}
}

func TestAPathThatIsAFileIsATemporaryError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, to := range []deliver.Recipient{{Kind: deliver.Folder, Path: path}, {Kind: deliver.Atom, Path: filepath.Join(path, "feed.xml")}} {
		if err := sender(0).Send(t.Context(), to, parcel()); err == nil || deliver.Final(err) {
			t.Errorf("%s gives %v", to.Kind, err)
		}
	}
}

// atomFeed is read by its own declaration, not that of the program.
type atomFeed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      []string `xml:"http://www.w3.org/2005/Atom id"`
	Title   []string `xml:"http://www.w3.org/2005/Atom title"`
	Updated []string `xml:"http://www.w3.org/2005/Atom updated"`
	Author  []string `xml:"http://www.w3.org/2005/Atom author>name"`
	Entries []struct {
		ID      []string `xml:"http://www.w3.org/2005/Atom id"`
		Title   []string `xml:"http://www.w3.org/2005/Atom title"`
		Updated []string `xml:"http://www.w3.org/2005/Atom updated"`
		Link    []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/2005/Atom link"`
		Content []struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"http://www.w3.org/2005/Atom content"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

// readAtom reads a feed and checks what RFC 4287 asks of it.
func readAtom(t *testing.T, path string) atomFeed {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f atomFeed
	if err := xml.Unmarshal(b, &f); err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	if len(f.ID) != 1 || len(f.Title) != 1 || len(f.Updated) != 1 || len(f.Author) != 1 {
		t.Errorf("the feed has not one id, title, date and author:\n%s", b)
	}
	seen := map[string]bool{}
	for _, e := range f.Entries {
		if len(e.ID) != 1 || len(e.Title) != 1 || len(e.Updated) != 1 || len(e.Content) != 1 || len(e.Link) > 1 || e.Content[0].Type != "html" || !strings.HasPrefix(e.ID[0], "urn:uuid:") {
			t.Errorf("an entry is not whole:\n%s", b)
			continue
		}
		if _, err := time.Parse(time.RFC3339, e.Updated[0]); err != nil || seen[e.ID[0]] {
			t.Errorf("an entry has a bad date or the id of another:\n%s", b)
		}
		seen[e.ID[0]] = true
	}
	return f
}

func TestAFeedKeepsTheLatestEntriesUnderIdsThatStay(t *testing.T) {
	to := deliver.Recipient{Name: "news", Kind: deliver.Atom, Path: filepath.Join(t.TempDir(), "feed.xml"), Entries: 3}
	s := sender(0)
	send := func(day int) {
		t.Helper()
		p := parcel()
		p.Key, p.Subject = fmt.Sprintf("daily-%d", day), fmt.Sprintf("Day %d <b> & \x01", day)
		p.At = time.Date(2026, 1, day, 6, 0, 0, 0, time.UTC)
		if err := s.Send(t.Context(), to, p); err != nil {
			t.Fatal(err)
		}
	}
	send(1)
	id := readAtom(t, to.Path).Entries[0].ID[0]
	send(3)
	send(2)
	before, _ := os.ReadFile(to.Path)
	send(2) // once more
	after, _ := os.ReadFile(to.Path)
	if string(before) != string(after) {
		t.Errorf("the same parcel changed the feed:\n%s\n%s", before, after)
	}
	f := readAtom(t, to.Path)
	var titles []string
	for _, e := range f.Entries {
		titles = append(titles, e.Title[0])
	}
	if strings.Join(titles, ",") != "Day 3 <b> &,Day 2 <b> &,Day 1 <b> &" || f.Entries[2].ID[0] != id || f.Updated[0] != "2026-01-03T06:00:00Z" {
		t.Errorf("the feed is %+v", f)
	}
	if e := f.Entries[0]; len(e.Link) != 1 || e.Link[0].Href != parcel().Link || !strings.Contains(e.Content[0].Text, "<p>One loop is new: nvidia → openai → oracle.</p>") {
		t.Errorf("entry is %+v", e)
	}
	send(4)
	if f = readAtom(t, to.Path); len(f.Entries) != 3 || f.Entries[2].Title[0] != "Day 2 <b> &" {
		t.Errorf("the feed is %+v", f)
	}
}

func TestAFileThatIsNoFeedOfTheProgramIsLeftAsItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "feed.xml")
	for _, text := range []string{"hello", `<feed xmlns="http://www.w3.org/2005/Atom"><generator>other</generator></feed>`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := sender(0).Send(t.Context(), deliver.Recipient{Name: "news", Kind: deliver.Atom, Path: path}, parcel())
		b, _ := os.ReadFile(path)
		if !deliver.Final(err) || string(b) != text {
			t.Errorf("gives %v, and the file has %q", err, b)
		}
	}
}

func TestManyParcelsAtOnceAllStandInTheFeed(t *testing.T) {
	to := deliver.Recipient{Name: "news", Kind: deliver.Atom, Path: filepath.Join(t.TempDir(), "feed.xml")}
	s := sender(0)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			p := parcel()
			p.Key = fmt.Sprintf("k%d", i)
			if err := s.Send(t.Context(), to, p); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if f := readAtom(t, to.Path); len(f.Entries) != 20 {
		t.Errorf("the feed has %d entries", len(f.Entries))
	}
}

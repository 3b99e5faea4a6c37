package deliver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// feedEntries is how many entries a feed keeps unless its recipient says.
const feedEntries = 50

type feed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  feedAuthor  `xml:"author"`
	Program string      `xml:"generator"`
	Entries []feedEntry `xml:"entry"`
}

type feedAuthor struct {
	Name string `xml:"name"`
}

type feedEntry struct {
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []feedLink  `xml:"link"`
	Content feedContent `xml:"content"`
}

type feedLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type feedContent struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// atom puts the parcel at its place in the feed. The id of an entry follows from
// the key: a parcel that comes again replaces its entry.
func (s *Sender) atom(ctx context.Context, to Recipient, p Parcel) *Error {
	s.feeds.Lock()
	defer s.feeds.Unlock()
	if ctx.Err() != nil {
		return temporary("waiting for the feed", ctx.Err())
	}
	f, e := readFeed(to)
	if e != nil {
		return e
	}
	content, err := summaryHTML(p)
	if err != nil {
		return final("the entry cannot be written: %v", err)
	}
	entry := feedEntry{ID: urn("entry", p.Key), Title: oneLine(p.Subject, 300), Updated: p.At.UTC().Format(time.RFC3339), Content: feedContent{"html", xmlText(content)}}
	if p.Link != "" {
		entry.Links = []feedLink{{"alternate", xmlText(p.Link)}}
	}
	f.Entries = slices.DeleteFunc(f.Entries, func(x feedEntry) bool { return x.ID == entry.ID })
	f.Entries = append(f.Entries, entry)
	slices.SortFunc(f.Entries, func(a, b feedEntry) int {
		return -strings.Compare(a.Updated+a.ID, b.Updated+b.ID)
	})
	keep := to.Entries
	if keep == 0 {
		keep = feedEntries
	}
	f.Entries = f.Entries[:min(len(f.Entries), keep)]
	f.Updated, f.Program = f.Entries[0].Updated, "roundtrip"
	b, err := xml.MarshalIndent(f, "", "  ")
	if err != nil {
		return final("the feed cannot be written: %v", err)
	}
	if err := replaceFile(to.Path, append(append([]byte(xml.Header), b...), '\n')); err != nil {
		return temporary("writing the feed", err)
	}
	return nil
}

func readFeed(to Recipient) (*feed, *Error) {
	f := &feed{ID: urn("feed", to.Name), Title: oneLine("Reports: "+to.Name, 300), Author: feedAuthor{"roundtrip"}}
	b, err := os.ReadFile(to.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, temporary("reading the feed", err)
	}
	old := &feed{}
	if err := xml.Unmarshal(b, old); err != nil || old.Program != "roundtrip" {
		return nil, final("the file is not a feed of this program and is left as it is; move it away or choose another path")
	}
	return old, nil
}

// replaceFile puts a file in the place of another so that readers see one of them
// whole.
func replaceFile(path string, body []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	part := filepath.Join(dir, "."+filepath.Base(path)+".part")
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := writeFile(part, body); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// urn is an id that follows from texts: a UUID of version 8.
func urn(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return "urn:uuid:" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// xmlText is the text without characters that XML cannot hold.
func xmlText(s string) string {
	var b bytes.Buffer
	if xml.EscapeText(&b, []byte(s)) != nil {
		return ""
	}
	var out string
	if xml.Unmarshal(append(append([]byte("<a>"), b.Bytes()...), "</a>"...), &out) != nil {
		return ""
	}
	return out
}

// summaryHTML is the parcel as a few paragraphs, for feeds and mail.
func summaryHTML(p Parcel) (string, error) {
	t, err := template.New("summary").Parse(`<p>{{.Finding}}</p>
{{if .Alerts}}<ul>
{{range .Alerts}}<li>{{.}}</li>
{{end}}</ul>
{{end}}{{with .Notice}}{{range .Lines}}<p>{{.}}</p>
{{end}}{{end}}{{if .Link}}<p><a href="{{.Link}}">Open the report</a></p>
{{end}}`)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, p)
	return b.String(), err
}

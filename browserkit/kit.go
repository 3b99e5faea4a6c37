package browserkit

import (
	"archive/zip"
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"roundtrip/queries"
)

// Names of files of a kit.
const (
	ReadmeFile    = "README.md"
	StyleFile     = "roundtrip.grass"
	ScriptsFile   = "scripts.zip"
	StoryFile     = "story.html"
	QuestionsFile = "questions.html"
	ModelFile     = "graph-model.svg"
	SettingsFile  = "neo4j-browser.conf"
)

// DefaultBase is where a service on this machine serves its kit. Guides have to
// come from the host localhost unless the database is told of another.
const DefaultBase = "http://localhost:8080/browser-kit/"

//go:embed graph-model.svg
var modelPicture string

// File is one file of a kit; the name may have a folder before it.
type File struct {
	Name string
	Body []byte
}

// Script is one saved script.
type Script struct {
	Name   string // how guides refer to it
	Folder string
	Title  string
	// Text is the statement alone; it needs no parameters.
	Text string
	// Draws tells that it returns what Browser draws.
	Draws bool
}

// Favourite is the script in the form that Browser imports: the first line is
// the title.
func (s Script) Favourite() string { return "// " + s.Title + "\n" + s.Text + "\n" }

// Kit is everything that is loaded into Neo4j Browser. It is safe for use from
// several goroutines.
type Kit struct {
	scripts  []Script
	findings map[string]string // by script, on the shipped data
}

// New makes the kit of a catalogue of analyses. It reads nothing but the shipped
// data.
func New(ctx context.Context, c queries.Catalogue) (*Kit, error) {
	data, err := readShipped(ctx)
	if err != nil {
		return nil, err
	}
	k := &Kit{findings: map[string]string{}}
	runner := data.runner(c)
	seen := map[string]bool{}
	for _, d := range append(told(), everyAnalysis(c)...) {
		s, finding, err := d.script(ctx, runner)
		if err != nil {
			return nil, fmt.Errorf("the script %s: %w", d.name, err)
		}
		if seen[s.Name] || seen[s.Title] {
			return nil, fmt.Errorf("two scripts have the name %s or the title %s", s.Name, s.Title)
		}
		seen[s.Name], seen[s.Title] = true, true
		k.scripts = append(k.scripts, s)
		k.findings[s.Name] = finding
	}
	slices.SortStableFunc(k.scripts, func(a, b Script) int { return strings.Compare(a.Folder, b.Folder) })
	for _, n := range nativeOnly() {
		if k.findings[n.name], err = n.find(ctx, runner); err != nil {
			return nil, fmt.Errorf("the finding %s: %w", n.name, err)
		}
	}
	return k, nil
}

// Scripts is the saved scripts, by folder, in the order in which they are shown.
func (k *Kit) Scripts() []Script { return k.scripts }

// Finding is what the request of a script finds in the shipped data, or of a
// request that Cypher cannot express; "" where there is none of that name.
func (k *Kit) Finding(name string) string { return k.findings[name] }

func (k *Kit) script(name string) (Script, bool) {
	for _, s := range k.scripts {
		if s.Name == name {
			return s, true
		}
	}
	return Script{}, false
}

// Files is the files of the kit, in a fixed order. base is the address under
// which they are served, which the guides and the settings name; it ends in a
// slash.
func (k *Kit) Files(base string) ([]File, error) {
	story, err := k.guide(storyGuide(), base)
	if err != nil {
		return nil, err
	}
	questions, err := k.guide(questionsGuide(), base)
	if err != nil {
		return nil, err
	}
	zipped, err := k.zip()
	if err != nil {
		return nil, err
	}
	files := []File{
		{ReadmeFile, []byte(k.readme(base))},
		{StyleFile, []byte(Style())},
		{ScriptsFile, zipped},
		{StoryFile, story},
		{QuestionsFile, questions},
		{ModelFile, []byte(modelPicture)},
		{SettingsFile, []byte(settings(base))},
	}
	for name, text := range k.favourites() {
		files = append(files, File{"scripts/" + name, []byte(text)})
	}
	return files, nil
}

// favourites yields the scripts as files, by path: folder, number and name.
func (k *Kit) favourites() func(yield func(name, text string) bool) {
	return func(yield func(name, text string) bool) {
		folder, n := "", 0
		for _, s := range k.scripts {
			if s.Folder != folder {
				folder, n = s.Folder, 0
			}
			n++
			if !yield(fmt.Sprintf("%s/%02d-%s.cypher", s.Folder, n, s.Name), s.Favourite()) {
				return
			}
		}
	}
}

// zip is the scripts in the form that Browser imports with their folders.
func (k *Kit) zip() ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range k.favourites() {
		w, err := z.Create(name) // without a time, so that the bytes stay the same
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			return nil, fmt.Errorf("zip %s: %w", name, err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("zip the scripts: %w", err)
	}
	return b.Bytes(), nil
}

// settings is what the configuration of the database may be given.
func settings(base string) string {
	host := strings.Split(strings.TrimPrefix(strings.TrimPrefix(base, "http://"), "https://"), "/")[0]
	host, _, _ = strings.Cut(host, ":")
	return `# For neo4j.conf of the database. Without it everything works from the host localhost, loaded by hand.
# Hosts from which Browser may load guides and styles.
browser.remote_content_hostname_whitelist=localhost,127.0.0.1` + map[bool]string{false: "," + host}[host == "localhost" || host == "127.0.0.1"] + `
# Loads the style and opens the guide after each log-in. This replaces a style that the user has.
browser.post_connect_cmd=style ` + base + StyleFile + `;guide ` + base + StoryFile + `
`
}

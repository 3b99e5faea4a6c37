package webtest

import (
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"roundtrip/browserkit"
	"roundtrip/graph/dataset"
	"roundtrip/graph/neo4jstore"
	"roundtrip/graph/neo4jstore/neo4jtest"
	"roundtrip/queries"
	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
	"roundtrip/server"
	"roundtrip/server/web"
)

// TestNeo4jBrowser loads the kit into the real Neo4j Browser that comes with the
// test server, as people do.
func TestNeo4jBrowser(t *testing.T) {
	neo := neo4jtest.Start(t)
	if neo.BrowserURL == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("the environment names no HTTP address of Neo4j, and CI=true does not allow to do without its Browser")
		}
		t.Skip("the environment names no HTTP address of Neo4j")
	}
	browser := startBrowser(t)
	base, kit := serveNeo4j(t, neo)
	files, err := kit.Files(base + "/browser-kit/")
	if err != nil {
		t.Fatal(err)
	}

	// The deep link of an answer opens Browser with the statement in its editor.
	type answer struct {
		Cypher struct {
			Draw    string `json:"draw"`
			DrawURL string `json:"draw_url"`
		} `json:"cypher"`
	}
	link := ask[answer](t, strings.Replace(base, "localhost", "127.0.0.1", 1), "/analyses/cycles?as_of=2025-12-16&limit=1").Cypher
	t.Run("the page links to it", func(t *testing.T) {
		here := strings.Replace(base, "localhost", "127.0.0.1", 1)
		p := open(browser, t, here, "/?as_of=2025-12-16&analysis=roundtrips", desk)
		p.until("the Cypher of the answer is there", `document.querySelector('[data-cypher]')`)
		got := eval[[]string](p, `[...document.querySelectorAll('[data-cypher] a')].map((a) => a.textContent + ' ' + a.href.split('?')[0])`)
		if want := []string{"Open in Neo4j Browser " + neo.BrowserURL, "Draw the legs there " + neo.BrowserURL}; !slices.Equal(got, want) {
			t.Errorf("the links are %v, want %v", got, want)
		}
	})
	checkLinks(t, strings.Replace(base, "localhost", "127.0.0.1", 1))
	b := openNeo4j(browser, t, link.DrawURL)
	b.logIn(neo)
	if got := b.editor(); len(got) < 300 || !strings.HasPrefix(oneLine(link.Draw), got) {
		t.Errorf("the link put into the editor\n%s\nwant the beginning of\n%s", got, oneLine(link.Draw))
	}

	t.Run("the style is taken", func(t *testing.T) {
		b.t = t
		b.run(":style "+base+"/browser-kit/"+browserkit.StyleFile, "node.Company")
		b.until("Browser keeps the style", `(localStorage.getItem('neo4j.grass') ?? '').includes('#22384F')`)
	})

	t.Run("the loop of a link is drawn with the style", func(t *testing.T) {
		b.t = t
		b.run(":config autoComplete: false", "autoComplete")
		b.until("Browser keeps the setting", `JSON.parse(localStorage.getItem('neo4j.settings')).autoComplete === false`)
		b.do(chromedp.Navigate(link.DrawURL))
		b.until("Browser is connected", `document.body.innerText.includes('You are connected as user')`)
		b.until("the statement is in the editor", `document.querySelectorAll('#monaco-main-editor .view-line').length > 5`)
		b.do(chromedp.Click(`[data-testid=editor-Run]`, chromedp.ByQuery))
		b.untilCount("svg.neod3viz g.node", 3)
		b.until("the legs are drawn", `document.querySelectorAll('svg.neod3viz g.relationship').length >= 3`)
		captions := eval[string](b.tab, `[...document.querySelectorAll('svg.neod3viz g.node')].map((n) => n.textContent.replace(/\s/g, '')).sort().join()`)
		if captions != "Nvidia,OpenAI,Oracle" {
			t.Errorf("the companies read %s", captions)
		}
		if fill := eval[string](b.tab, `document.querySelector('svg.neod3viz g.node circle.b-outline').getAttribute('fill')`); fill != "#22384F" {
			t.Errorf("a company is filled with %s", fill)
		}
		money := eval[string](b.tab, `[...document.querySelectorAll('svg.neod3viz g.relationship text')].map((n) => n.textContent).sort().join()`)
		if !strings.Contains(money, "$300.0bn") || !strings.Contains(money, "$100.0bn") {
			t.Errorf("the legs read %s", money)
		}
		colours := eval[string](b.tab, `[...new Set([...document.querySelectorAll('svg.neod3viz g.relationship path.b-outline')].map((n) => n.getAttribute('fill')))].sort().join()`)
		if colours != "#2B6CB0,#B9560F" {
			t.Errorf("the legs have the colours %s", colours)
		}
		b.settle()
		b.screenshot("neo4j-browser-loop")
	})

	t.Run("scripts are imported into their folders, and one is run", func(t *testing.T) {
		b.t = t
		b.drop(browserkit.ScriptsFile, files)
		want := []string{}
		for _, s := range kit.Scripts() {
			want = append(want, s.Folder+"/"+s.Title)
		}
		slices.Sort(want)
		b.until("the scripts are kept", fmt.Sprintf(`JSON.parse(localStorage.getItem('neo4j.documents') ?? '[]').filter((d) => !d.isStatic).length >= %d`, len(want)))
		got := eval[[]string](b.tab, `(() => {
			const folders = Object.fromEntries(JSON.parse(localStorage.getItem('neo4j.folders')).map((f) => [f.id, f.name]));
			return JSON.parse(localStorage.getItem('neo4j.documents')).filter((d) => !d.isStatic && folders[d.folder]?.startsWith('roundtrip'))
				.map((d) => folders[d.folder] + '/' + d.content.split('\n')[0].replace(/^\/\/ */, '')).sort();
		})()`)
		if !slices.Equal(got, want) {
			t.Errorf("imported are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		b.do(chromedp.Click(`[data-testid=navigationFavorites]`, chromedp.ByQuery))
		b.until("the folders are listed", `document.body.innerText.includes('roundtrip 1 story')`)
		b.settle()
		b.screenshot("neo4j-browser-scripts")
		b.do(chromedp.Click(`[data-testid=navigationFavorites]`, chromedp.ByQuery))
		b.run(":clear", "")
		for _, s := range kit.Scripts() {
			if s.Name == "loops" {
				b.run(s.Favourite(), "nvidia")
			}
		}
		b.settle()
		b.screenshot("neo4j-browser-table")
	})

	t.Run("a slide of the guide is run beside it", func(t *testing.T) {
		b.t = t
		b.run(":clear", "")
		b.run(":guide "+base+"/browser-kit/"+browserkit.StoryFile, "")
		b.until("the guide is open", `document.body.innerText.includes('Money that goes round')`)
		b.settle()
		b.screenshot("neo4j-browser-guide-1")
		b.run(":style reset", "")
		b.until("the style is gone", `!(localStorage.getItem('neo4j.grass') ?? '').includes('#22384F')`)
		b.run(":config autoComplete: true", "")
		b.until("the setting is back", `JSON.parse(localStorage.getItem('neo4j.settings')).autoComplete === true`)
		for i := range 2 {
			eval[bool](b.tab, fmt.Sprintf(`(document.querySelectorAll('[data-exec]')[%d].click(), true)`, i))
		}
		b.until("the buttons of the guide have loaded style and setting", `(localStorage.getItem('neo4j.grass') ?? '').includes('#22384F') &&
			JSON.parse(localStorage.getItem('neo4j.settings')).autoComplete === false`)
		b.run(":clear", "")
		b.do(chromedp.Click(`[data-testid=guideNextSlide]`, chromedp.ByQuery))
		b.until("the picture of the model is there", `document.querySelector('[aria-label="Labels and relationship types of the graph"]')`)
		b.screenshot("neo4j-browser-guide-2")
		b.do(chromedp.Click(`[data-testid=guideNextSlide]`, chromedp.ByQuery))
		b.until("the story begins", `document.body.innerText.includes('On 16 December 2025')`)
		first, _ := scriptNamed(kit, "amazon-openai-drawn")
		pre := `[...document.querySelectorAll('[data-testid=guidesDrawer] pre.runnable, pre.runnable')].filter((p) => p.offsetParent)`
		if got := eval[string](b.tab, pre+`[0].innerText`); strings.TrimSpace(got) != first.Text {
			t.Errorf("the slide shows\n%s\nwant\n%s", got, first.Text)
		}
		eval[bool](b.tab, "("+pre+"[0].parentElement.querySelector('svg, i, button, .run')?.dispatchEvent(new MouseEvent('click', {bubbles: true})), true)")
		b.untilCount("svg.neod3viz g.node", 2)
		b.until("both legs are drawn", `document.querySelectorAll('svg.neod3viz g.relationship').length === 2`)
		b.settle()
		b.screenshot("neo4j-browser-guide")
		b.run(":guide "+base+"/browser-kit/"+browserkit.QuestionsFile, "")
		b.until("the questions are open", `document.body.innerText.includes("How much of OpenAI's promise to Amazon is funded, and by whom?")`)
		for range 3 {
			b.do(chromedp.Click(`[data-testid=guideNextSlide]`, chromedp.ByQuery))
		}
		b.until("the fourth question is there", `document.body.innerText.includes('How circular is the sector')`)
		b.settle()
		b.screenshot("neo4j-browser-questions")
	})
}

// checkLinks asks Neo4j for the links of every analysis, the longest of which
// must not be too long for it.
func checkLinks(t *testing.T, base string) {
	t.Helper()
	for _, a := range library.All() {
		if !a.HasTwin {
			continue
		}
		path := "/analyses/" + a.Name + "?as_of=2025-12-16&basis=settled&classes=value&aggregates=true"
		for name, value := range a.Example {
			path += "&" + name + "=" + url.QueryEscape(fmt.Sprint(value))
		}
		cypher := ask[struct {
			Cypher struct {
				BrowserURL string `json:"browser_url"`
				DrawURL    string `json:"draw_url"`
			} `json:"cypher"`
		}](t, base, path).Cypher
		for _, link := range []string{cypher.BrowserURL, cypher.DrawURL} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Errorf("the link of %s, %d bytes long, is answered with %s", a.Name, len(link), res.Status)
			}
		}
	}
}

func scriptNamed(kit *browserkit.Kit, name string) (browserkit.Script, bool) {
	i := slices.IndexFunc(kit.Scripts(), func(s browserkit.Script) bool { return s.Name == name })
	if i < 0 {
		return browserkit.Script{}, false
	}
	return kit.Scripts()[i], true
}

// serveNeo4j starts the service over the database, with the kit and links into
// its Browser. The address begins with localhost, the one host from which
// Browser loads guides unasked.
func serveNeo4j(t *testing.T, neo neo4jtest.Server) (base string, kit *browserkit.Kit) {
	t.Helper()
	neo.Wipe(t)
	store, err := neo4jstore.Open(t.Context(), neo4jstore.Config{URI: neo.URI, Username: neo.Username, Password: neo.Password, Database: neo.Database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	casetest.Import(t, store, dataset.FS())
	kit, err = browserkit.New(t.Context(), library.All())
	if err != nil {
		t.Fatal(err)
	}
	where, err := url.Parse(neo.URI)
	if err != nil {
		t.Fatal(err)
	}
	listening := make(chan net.Addr, 1)
	s, err := server.New(server.Options{
		Address: "127.0.0.1:0", Store: store, Kit: kit, Page: web.Files(), Version: "test", Listening: func(a net.Addr) { listening <- a },
		Runner: queries.NewRunner(queries.Options{
			Catalogue: library.All(), Live: queries.NewLive(store), Now: time.Now, Cypher: inNeo4j{store},
			Browser: neo.BrowserURL + "?dbms=" + where.Scheme + "://" + neo.Username + "@" + where.Host + "&db=" + neo.Database,
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("stop the server: %v", err)
		}
	})
	select {
	case a := <-listening:
		_, port, _ := net.SplitHostPort(a.String())
		return "http://localhost:" + port, kit
	case err := <-done:
		done <- nil
		t.Fatalf("the server did not start: %v", err)
	case <-time.After(patience):
		t.Fatal("the server did not listen in time")
	}
	return "", nil
}

// inNeo4j lets a Runner ask a store in Neo4j.
type inNeo4j struct{ store *neo4jstore.Store }

// Query runs a read-only statement.
func (c inNeo4j) Query(ctx context.Context, text string, params map[string]any) ([]queries.Record, uint64, error) {
	rows, err := c.store.Query(ctx, text, params)
	if err != nil {
		return nil, 0, err
	}
	records := make([]queries.Record, len(rows.Values))
	for i, values := range rows.Values {
		records[i] = make(queries.Record, len(rows.Columns))
		for j, name := range rows.Columns {
			records[i][name] = values[j]
		}
	}
	return records, rows.Revision.Number, nil
}

// neo4jBrowser is a tab with Neo4j Browser. What that says on its console is not
// ours.
type neo4jBrowser struct{ *tab }

func openNeo4j(browser context.Context, t *testing.T, address string) neo4jBrowser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	b := neo4jBrowser{&tab{t: t, ctx: ctx}}
	b.do(chromedp.EmulateViewport(1500, 720), chromedp.Navigate(address))
	return b
}

// logIn fills the form that a link into Browser shows. On a busy machine Browser
// may lose a key or a click, so it is tried again.
func (b neo4jBrowser) logIn(neo neo4jtest.Server) {
	b.t.Helper()
	value := func(field, text string) string {
		return fmt.Sprintf(`document.querySelector('[data-testid=%s]')?.value === %q`, field, text)
	}
	for range 3 {
		b.until("the form is there, filled by the link", `document.querySelector('[data-testid=connect]') && `+value("username", neo.Username))
		b.fill(`[data-testid=password]`, neo.Password)
		if b.soon(value("password", neo.Password)) {
			b.do(chromedp.Click(`[data-testid=connect]`, chromedp.ByQuery))
			if b.soon(`document.body.innerText.includes('You are connected as user')`) {
				return
			}
		}
	}
	b.t.Fatalf("Browser was not connected in three attempts; the page reads\n%.2000s", eval[string](b.tab, `document.body.innerText`))
}

// editor is the text that is to be seen in the editor, without
// white space, which wraps.
func (b neo4jBrowser) editor() string {
	b.t.Helper()
	b.until("the editor has a text", `document.querySelectorAll('#monaco-main-editor .view-line').length > 5`)
	return oneLine(eval[string](b.tab, `[...document.querySelectorAll('#monaco-main-editor .view-line')]
		.sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top)).map((l) => l.textContent).join(' ')`))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), "") }

// run runs a command or a statement and waits for a frame that reads like that.
// On a busy machine Browser may lose a paste or a click, so it is tried again.
func (b neo4jBrowser) run(text, reads string) {
	b.t.Helper()
	there := fmt.Sprintf(`document.querySelector('#monaco-main-editor .view-lines').innerText.replace(/\s/g, '') === %q`, oneLine(text))
	if strings.Contains(text, "\n") { // the editor holds only the lines that are to be seen
		there = `document.querySelectorAll('#monaco-main-editor .view-line').length > 1`
	}
	for range 3 {
		b.do(chromedp.Focus(`#monaco-main-editor textarea`, chromedp.ByQuery), chromedp.KeyEvent("a", chromedp.KeyModifiers(input.ModifierCtrl)))
		eval[bool](b.tab, fmt.Sprintf(`(() => {
			const data = new DataTransfer();
			data.setData('text/plain', %q);
			document.querySelector('#monaco-main-editor textarea').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}));
			return true;
		})()`, text))
		if !b.soon(there) {
			continue
		}
		b.do(chromedp.Click(`[data-testid=editor-Run]`, chromedp.ByQuery))
		if reads == "" || b.soon(fmt.Sprintf(`(document.querySelector('[data-testid=frame]')?.innerText ?? '').includes(%q)`, reads)) {
			return
		}
	}
	b.t.Fatalf("%q was run three times and no frame reads %q; the page reads\n%.2000s", text, reads, eval[string](b.tab, `document.body.innerText`))
}

// soon tells whether something becomes true within a third of the patience.
func (b neo4jBrowser) soon(condition string) bool {
	b.t.Helper()
	for end := time.Now().Add(patience / 3); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if eval[bool](b.tab, "Boolean("+condition+")") {
			return true
		}
	}
	return false
}

// settle waits until drawings have found their places and panes their width.
func (b neo4jBrowser) settle() { time.Sleep(2 * time.Second) }

// drop drops a file of the kit on the window.
func (b neo4jBrowser) drop(name string, files []browserkit.File) {
	b.t.Helper()
	i := slices.IndexFunc(files, func(f browserkit.File) bool { return f.Name == name })
	eval[bool](b.tab, fmt.Sprintf(`(() => {
		const bytes = Uint8Array.from(atob(%q), (c) => c.charCodeAt(0));
		const data = new DataTransfer();
		data.items.add(new File([bytes], %q));
		for (const type of ['dragenter', 'dragover', 'drop']) {
			document.querySelector('#MAIN_WRAPPER_DOM_ID').dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
		}
		return true;
	})()`, base64.StdEncoding.EncodeToString(files[i].Body), name))
}

package webtest

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const drawn = "document.querySelectorAll('[data-node]').length > 0"

// TestPage opens the page of the real server with the shipped data.
func TestPage(t *testing.T) {
	browser := startBrowser(t)
	base := serve(t)

	t.Run("draws every company and edge under the lens", func(t *testing.T) {
		want := ask[drawing](t, base, "/graph")
		p := open(browser, t, base, "/", desk)
		p.until("the map is drawn", drawn)
		if n := p.count("[data-node]"); n != len(want.Nodes) || n < 50 {
			t.Errorf("%d companies are drawn, the server has %d", n, len(want.Nodes))
		}
		if n := p.count("[data-edge]"); n != len(want.Edges) || n < 100 {
			t.Errorf("%d edges are drawn, the server has %d", n, len(want.Edges))
		}
		loose := 0
		for _, e := range want.Edges {
			if !e.Signed {
				loose++
			}
		}
		if n := p.count("[data-edge] .shaft[stroke-dasharray]"); n != loose || n == 0 {
			t.Errorf("%d edges are dashed, %d are not all signed", n, loose)
		}
		if n := eval[int](p, `[...document.querySelectorAll('.shaft, .head')].filter((e) => /NaN|undefined/.test(e.getAttribute('d'))).length`); n != 0 {
			t.Errorf("%d shapes have no proper numbers", n)
		}
		if overlap := eval[string](p, namesThatOverlap); overlap != "" {
			t.Errorf("names lie upon each other: %s", overlap)
		}
	})

	t.Run("draws the same picture for the same data", func(t *testing.T) {
		shapes := func() string {
			p := open(browser, t, base, "/?classes=all&aggregates=true", desk)
			p.until("the map is drawn", drawn)
			return eval[string](p, `[...document.querySelectorAll('.edges path')].map((e) => e.getAttribute('d')).join()`)
		}
		if a, b := shapes(), shapes(); a != b {
			t.Error("two visits show different pictures")
		}
	})

	t.Run("follows the date, and the back button leads back", func(t *testing.T) {
		today, then := ask[drawing](t, base, "/graph"), ask[drawing](t, base, "/graph?as_of=2025-12-16")
		if len(today.Edges) == len(then.Edges) {
			t.Fatal("the two dates do not differ, so this test would see nothing")
		}
		p := open(browser, t, base, "/", desk)
		p.untilCount("[data-edge]", len(today.Edges))
		place := eval[string](p, `document.querySelector('[data-node="openai"] circle').getAttribute('cx')`)
		p.enter("#lens-as_of", "2025-12-16")
		p.untilCount("[data-edge]", len(then.Edges))
		if q := p.query(); q != "?as_of=2025-12-16" {
			t.Errorf("the address is %s", q)
		}
		if now := eval[string](p, `document.querySelector('[data-node="openai"] circle').getAttribute('cx')`); now != place {
			t.Errorf("OpenAI moved from %s to %s although only the date did", place, now)
		}
		p.do(chromedp.NavigateBack())
		p.untilCount("[data-edge]", len(today.Edges))
		if q := p.query(); q != "" {
			t.Errorf("back at the start the address is %s", q)
		}
		p.do(chromedp.Focus(`input[type="range"]`, chromedp.ByQuery), chromedp.KeyEvent(kb.Home))
		p.until("the slider is at its start", `location.search === '?as_of=2019-01-01'`)
		p.untilCount("[data-edge]", len(ask[drawing](t, base, "/graph?as_of=2019-01-01").Edges))
	})

	t.Run("highlights a loop and steps to the next", func(t *testing.T) {
		want := ask[loops](t, base, "/analyses/cycles")
		p := open(browser, t, base, "/", desk)
		p.until("the map is drawn", drawn)
		p.reads(".loops .finding", want.Finding)
		p.untilCount("[data-loop]", len(want.Rows))
		lit := func(i int) {
			t.Helper()
			p.until(fmt.Sprintf("loop %d is selected", i), fmt.Sprintf(`document.querySelector('[data-loop].here')?.dataset.loop === %q`, want.Rows[i].ID))
			got := eval[[]string](p, `[...document.querySelectorAll('[data-edge].loop:not(.faint)')].map((e) => e.dataset.edge).sort()`)
			if keys := slices.Sorted(slices.Values(want.keys(i))); !slices.Equal(got, keys) {
				t.Errorf("loop %d: highlighted are %v, the loop is %v", i, got, keys)
			}
			if n := p.count("[data-hop]"); n != want.Rows[i].Hops {
				t.Errorf("loop %d: %d hops are listed, it has %d", i, n, want.Rows[i].Hops)
			}
		}
		p.do(chromedp.Click(`[data-loop] button`, chromedp.ByQuery))
		lit(0)
		if n := p.count("[data-edge]:not(.loop):not(.faint)"); n != 0 {
			t.Errorf("%d other edges stand out as well", n)
		}
		if q := p.query(); q != "?loop="+want.Rows[0].ID {
			t.Errorf("the address is %s", q)
		}
		p.do(chromedp.Click(`button[aria-label="Next loop"]`, chromedp.ByQuery))
		lit(1)
		p.do(chromedp.Focus(`.here button`, chromedp.ByQuery), chromedp.KeyEvent(kb.ArrowDown))
		lit(2)
		p.do(chromedp.KeyEvent(kb.ArrowUp))
		lit(1)
		p.do(chromedp.KeyEvent(kb.ArrowUp), chromedp.KeyEvent(kb.ArrowUp))
		lit(len(want.Rows) - 1)
	})

	t.Run("shows the legs and sources of an edge", func(t *testing.T) {
		want := ask[drawing](t, base, "/graph?as_of=2026-06-01")
		i := slices.IndexFunc(want.Edges, func(e edge) bool { return e.Payer == "openai" && e.Payee == "amazon" && e.Class == "PAYS" })
		if i < 0 {
			t.Fatal("the shipped data has no payment of OpenAI to Amazon")
		}
		p := open(browser, t, base, "/?as_of=2026-06-01", desk)
		p.until("the map is drawn", drawn)
		p.clickEdge("openai~amazon~PAYS")
		p.untilCount("article[data-leg]", len(want.Edges[i].Legs))
		if got := eval[[]string](p, `[...document.querySelectorAll('article[data-leg]')].map((e) => e.dataset.leg)`); !slices.Equal(got, want.Edges[i].Legs) {
			t.Errorf("legs %v are shown, the edge has %v", got, want.Edges[i].Legs)
		}
		p.until("its sources are links", `document.querySelectorAll('article[data-leg] .sources a[href^="http"]').length > 0`)
		p.until("no source is still on its way", `![...document.querySelectorAll('.sources li')].some((e) => e.innerText.includes('…') || e.innerText.includes('could not'))`)
		p.reads("article[data-leg]", "compute commitment")
		p.reads("article[data-leg]", "$38.0bn")
		p.reads("article[data-leg]", "announced 2025-11-03")
		p.do(chromedp.Click("article[data-leg] details summary", chromedp.ByQuery))
		p.reads("article[data-leg] details dl", "deal id")
	})

	t.Run("opens a company by keyboard", func(t *testing.T) {
		p := open(browser, t, base, "/", desk)
		p.until("the map is drawn", drawn)
		p.do(chromedp.Focus(`[data-node][tabindex="0"]`, chromedp.ByQuery), chromedp.KeyEvent(kb.ArrowRight))
		id := eval[string](p, `document.activeElement.dataset.node ?? ''`)
		if id == "" {
			t.Fatal("the arrow key did not move to a company")
		}
		p.do(chromedp.KeyEvent(kb.Enter))
		p.reads(".details h2", eval[string](p, `document.activeElement.getAttribute('aria-label').split(',')[0]`))
		p.reads(".details", "Money in")
		if q := p.query(); q != "?company="+id {
			t.Errorf("the address is %s", q)
		}
	})

	t.Run("has the graph as a table", func(t *testing.T) {
		want := ask[drawing](t, base, "/graph")
		p := open(browser, t, base, "/?show=table", desk)
		p.untilCount(".centre tbody tr", len(want.Edges))
	})

	t.Run("saves the map as a picture and the table as CSV", func(t *testing.T) {
		dir := t.TempDir()
		p := open(browser, t, base, "/?as_of=2025-12-16", desk)
		p.do(cdpbrowser.SetDownloadBehavior(cdpbrowser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir))
		p.until("the map is drawn", drawn)
		edges := p.count("[data-edge]")
		for _, kind := range []string{"SVG", "PNG"} {
			p.do(chromedp.Click(fmt.Sprintf(`//div[@role="toolbar"]/button[text()="%s"]`, kind), chromedp.BySearch))
		}
		p.do(chromedp.Click(`//button[text()="Table"]`, chromedp.BySearch), chromedp.Click(`//button[text()="CSV"]`, chromedp.BySearch))

		var svg struct {
			Texts []string `xml:"text"`
			Heads []struct {
				D    string `xml:"d,attr"`
				Fill string `xml:"fill,attr"`
			} `xml:"g>g>path"`
		}
		if err := xml.Unmarshal(downloaded(t, dir, "roundtrip-2025-12-16.svg"), &svg); err != nil {
			t.Fatalf("the SVG is not well-formed: %v", err)
		}
		if len(svg.Heads) != 2*edges {
			t.Errorf("the SVG has %d shafts and heads, want two for each of %d edges", len(svg.Heads), edges)
		}
		if len(svg.Texts) != 1 || !strings.Contains(svg.Texts[0], "as of 2025-12-16") {
			t.Errorf("the caption is %q", svg.Texts)
		}
		img, err := png.Decode(bytes.NewReader(downloaded(t, dir, "roundtrip-2025-12-16.png")))
		if err != nil {
			t.Fatalf("the PNG: %v", err)
		}
		if b := brightness(img); img.Bounds().Dx() < 1000 || b < 200 {
			t.Errorf("the PNG is %v with a brightness of %d", img.Bounds(), b)
		}
		rows, err := csv.NewReader(bytes.NewReader(downloaded(t, dir, "roundtrip-edges-2025-12-16.csv"))).ReadAll()
		if err != nil || len(rows) != edges+1 {
			t.Errorf("the CSV has %d rows for %d edges: %v", len(rows), edges, err)
		}
	})

	t.Run("prints a coverage of 26.3 % and a gap of $28bn for Amazon and OpenAI in December 2025", func(t *testing.T) {
		p := open(browser, t, base, "/?as_of=2025-12-16&companies=amazon,openai", desk)
		p.untilCount("[data-edge]", 2)
		p.do(chromedp.Click(`a[href="?analysis=cycles"]`, chromedp.ByQuery))
		p.do(chromedp.Click(`nav a[href="?analysis=coverage"]`, chromedp.ByQuery))
		p.reads(".sheet", "26.3 %")
		p.reads(".sheet", "$28.0bn")
		p.reads("table[data-rows]", "$38.0bn")
		p.reads("table[data-rows]", "$10.0bn")
		if n := p.count("table[data-rows] > tbody > tr"); n != 1 {
			t.Errorf("%d rows, want the one promise", n)
		}
		p.do(chromedp.Click(`table[data-rows] button[aria-expanded]`, chromedp.ByQuery))
		p.until("the legs behind the row are shown", `document.querySelectorAll('article[data-leg]').length > 0`)
		p.do(chromedp.Click(`[data-sources] summary`, chromedp.ByQuery))
		p.until("the sources behind the answer are shown", `document.querySelectorAll('[data-sources] a[href^="http"]').length > 0`)
		p.screenshot("coverage")
	})

	t.Run("runs every analysis of the catalogue", func(t *testing.T) {
		all := ask[analyses](t, base, "/analyses")
		if len(all.Analyses) < 4 {
			t.Fatalf("the catalogue has %d analyses", len(all.Analyses))
		}
		p := open(browser, t, base, "/?analysis="+all.Analyses[0].Name, desk)
		for _, a := range all.Analyses {
			p.do(chromedp.Click(fmt.Sprintf(`nav a[href="?analysis=%s"]`, a.Name), chromedp.ByQuery))
			p.reads(".sheet h2", a.Question)
			switch a.Name {
			case "paths":
				p.reads("[data-missing]", "Enter from and to to ask.")
				p.enter("#paths-param-from", "softbank")
				p.enter("#paths-param-to", "nvidia")
			case "changes":
				p.reads("[data-missing]", "Enter from to ask.")
				p.enter("#changes-param-from", "2025-12-16")
			}
			p.until("rows of "+a.Name+" are shown", `document.querySelectorAll('table[data-rows] > tbody > tr').length > 0`)
			p.until(a.Name+" has a finding", `document.querySelector('[data-finding]')?.innerText.length > 20`)
			if text := p.text(".sheet"); strings.Contains(text, "[object") || strings.Contains(text, "NaN") || strings.Contains(text, "undefined") {
				t.Errorf("%s shows a value that is no text: %s", a.Name, text)
			}
			if n := p.count(fmt.Sprintf("#%s-param-engine", a.Name)); n != 0 {
				t.Errorf("%s offers a choice of engines on a store that has one", a.Name)
			}
			p.screenshot("analysis-" + a.Name)
		}
	})

	t.Run("says what is wrong with a value", func(t *testing.T) {
		p := open(browser, t, base, "/", desk)
		p.refusals = true
		p.until("the map is drawn", drawn)
		p.enter("#lens-as_of", "2025-02-30")
		p.until("the field is marked", `document.querySelector('#lens-as_of').getAttribute('aria-invalid') === 'true'`)
		p.reads(`[role="alert"]`, "2025-02-30")
		p.do(chromedp.Click(`.line button`, chromedp.ByQuery))
		p.until("the map is back", drawn)
	})

	t.Run("looks right light, dark and narrow", func(t *testing.T) {
		first := ask[loops](t, base, "/analyses/cycles").Rows[0].ID
		dark := desk
		dark.dark = true
		for name, l := range map[string]look{"light": desk, "dark": dark, "laptop": {width: 1024, height: 768}, "narrow": narrow} {
			p := open(browser, t, base, "/", l)
			p.until("the map is drawn", drawn)
			img := p.screenshot(name)
			if b := brightness(img); l.dark != (b < 100) {
				t.Errorf("%s: the picture has a brightness of %d", name, b)
			}
			if wide := eval[int](p, `document.documentElement.scrollWidth`); int64(wide) > l.width {
				t.Errorf("%s: the page is %d wide and scrolls sideways", name, wide)
			}
			p.do(chromedp.Click(`[data-loop] button`, chromedp.ByQuery))
			p.until("the loop is selected", fmt.Sprintf(`document.querySelector('.here')?.dataset.loop === %q`, first))
			p.until("sources are there", `document.querySelectorAll('.details .sources a').length > 0`)
			p.screenshot(name + "-loop")
		}
	})

	t.Run("switches the theme and remembers it", func(t *testing.T) {
		p := open(browser, t, base, "/", desk)
		p.until("the map is drawn", drawn)
		p.do(chromedp.Click(`header button`, chromedp.ByQuery))
		p.until("the page is dark", `document.documentElement.dataset.theme === 'dark'`)
		if b := brightness(p.screenshot("toggled")); b > 100 {
			t.Errorf("the dark page has a brightness of %d", b)
		}
		p.do(chromedp.Reload())
		p.until("the page is dark again", `document.documentElement.dataset.theme === 'dark'`)
		p.do(chromedp.Click(`header button`, chromedp.ByQuery))
		p.until("the page is as the system is", `document.documentElement.dataset.theme === undefined`)
	})
}

// downloaded is the content of a file that the browser saves.
func downloaded(t *testing.T, dir, name string) []byte {
	t.Helper()
	path := filepath.Join(dir, name)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		if b, err := os.ReadFile(path); err == nil && len(b) > 0 {
			if keep := os.Getenv("ROUNDTRIP_SCREENSHOTS"); keep != "" {
				if err := os.WriteFile(filepath.Join(keep, name), b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			return b
		}
	}
	entries, _ := os.ReadDir(dir)
	t.Fatalf("%s was not saved; there are %v", name, entries)
	return nil
}

// namesThatOverlap finds two names on the map whose boxes share more than a
// corner.
const namesThatOverlap = `(() => {
	const boxes = [...document.querySelectorAll('.names text')].map((e) => ({ name: e.textContent, ...e.getBoundingClientRect().toJSON() }));
	for (const [i, a] of boxes.entries()) {
		for (const b of boxes.slice(i + 1)) {
			const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
			if (wide > 2 && high > 4) return a.name + ' / ' + b.name;
		}
	}
	return '';
})()`

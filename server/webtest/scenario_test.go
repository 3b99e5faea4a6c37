package webtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const (
	addScale = `//div[@aria-label="Add a step"]/button[text()="Scale"]`
	legsBox  = "#s-steps-0-scale-legs"
	factor   = "#s-steps-0-scale-factor"
)

// TestWhatIf writes a scenario on the page of the real server and looks at the
// shipped data before and after it.
func TestWhatIf(t *testing.T) {
	browser := startBrowser(t)
	base := serve(t)

	t.Run("a scenario is written, tried, saved, shared by its address and deleted", func(t *testing.T) {
		p := open(browser, t, base, "/?companies=amazon,openai&view=scenarios", desk)
		p.refusals = true
		p.do(chromedp.Click("nav button.new", chromedp.ByQuery))
		p.enter("#s-name", "half-of-aws")
		p.enter("#s-as-of", "2025-12-16")
		p.do(chromedp.Click(addScale, chromedp.BySearch))
		p.do(chromedp.SendKeys(legsBox, "openai amazon web services $38.0bn", chromedp.ByQuery))
		p.reads(legsBox+"-options", "f_oai_aws38")
		p.screenshot("what-if-search")
		p.do(chromedp.SendKeys(legsBox, kb.Enter, chromedp.ByQuery))
		p.reads(`[data-place="steps[0].scale.legs"] .item`, "OpenAI → Amazon Web Services, $38.0bn")
		if n := p.count(factor + `[aria-invalid="true"]`); n != 0 {
			t.Error("the factor is called wrong before anything was entered")
		}

		p.enter(factor, "-3")
		p.reads(factor+"-error", `"-3" is not allowed; want a number from 0 to 1000000`)
		if id := eval[string](p, fmt.Sprintf("document.querySelector(%q).getAttribute('aria-describedby')", factor)); id != factor[1:]+"-error" {
			t.Errorf("the field is described by %q, not by its error", id)
		}
		p.screenshot("what-if-fault")

		p.enter(factor, "0.5")
		p.reads("[data-effect]", "1 leg changed")
		p.reads("[data-effect]", "amount $38.0bn → $19.0bn")
		p.reads(`[data-finding="before"]`, "$10.0bn (26.3 %) is funded by Amazon itself; $28.0bn has no visible source")
		p.reads(`[data-finding="after"]`, "$10.0bn (52.6 %) is funded by Amazon itself; $9.0bn has no visible source")
		p.reads(`[data-figure="buyers/openai/tied_coverage"]`, "+26.3 points")
		if row := strings.Join(strings.Fields(p.text(`[data-delta] [data-column="gap_cents"]`)), " "); row != "$28.0bn → $9.0bn −$19.0bn" {
			t.Errorf("the gap of the promise reads %q", row)
		}
		p.screenshot("what-if-draft")

		t.Run("the draft is in the address", func(t *testing.T) {
			other := open(browser, t, base, "/"+eval[string](p, "location.search"), desk)
			other.reads(`[data-finding="after"]`, "52.6 %")
		})

		p.do(chromedp.Click("button.main", chromedp.ByQuery))
		p.until("the scenario is saved and chosen", `new URLSearchParams(location.search).get('scenario') === 'half-of-aws' && !location.search.includes('draft')`)
		p.reads("nav[aria-label=Scenarios] [aria-current]", "half-of-aws")
		p.reads(`[data-finding="after"]`, "52.6 %")
		if q := p.query(); q != "?companies=amazon,openai&view=scenarios&scenario=half-of-aws" {
			t.Errorf("the address is %s", q)
		}
		remove := func() {
			t.Helper()
			p.do(chromedp.Click(`//button[text()="Delete"]`, chromedp.BySearch))
			p.do(chromedp.Click(`//button[text()="Delete half-of-aws for good"]`, chromedp.BySearch))
			p.until("it is gone", `![...document.querySelectorAll('nav[aria-label=Scenarios] a')].some((e) => e.innerText.includes('half-of-aws'))`)
		}
		remove()
		file := filepath.Join(t.TempDir(), "scenario.yaml")
		for _, x := range []struct{ factor, want string }{{"-1", `line 4, column 42: "-1" is not allowed`}, {"0.5", "52.6 %"}} {
			text := "name: half-of-aws\nas_of: 2025-12-16\nsteps:\n  - scale: {legs: [f_oai_aws38], factor: " + x.factor + "}\n"
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			p.do(chromedp.SetUploadFiles(`input[type="file"]`, []string{file}, chromedp.ByQuery))
			p.reads(".sheet", x.want)
		}
		remove()
	})

	t.Run("of two who write a scenario the second sees both and decides", func(t *testing.T) {
		p := open(browser, t, base, "/?companies=amazon,openai&view=scenarios", desk)
		p.refusals = true
		const file = "name: shared\ntitle: Theirs\nas_of: 2025-12-16\nsteps:\n  - scale: {legs: [f_oai_aws38], factor: 0.5}\n"
		put(t, base, "/scenarios/shared", file)
		p.do(chromedp.Navigate(base + "/?view=scenarios&scenario=shared"))
		p.until("it may be edited", `[...document.querySelectorAll('.actions button')].some((e) => e.innerText === 'Edit' && !e.disabled)`)
		p.do(button("Edit"))
		p.untilCount("#s-title", 1)
		p.enter("#s-title", "Mine")
		put(t, base, "/scenarios/shared", strings.Replace(file, "Theirs", "Theirs again", 1))
		p.do(button("Save as shared"))
		p.reads("[data-conflict]", "shared was changed while you wrote")
		p.reads("[data-conflict] .differs [data-mine]", "title: Mine")
		p.reads("[data-conflict] .differs [data-theirs]", "title: Theirs again")
		p.screenshot("what-if-conflict")
		p.do(button("Save mine in its place"))
		p.until("mine is saved", `!location.search.includes('draft')`)
		p.reads("nav[aria-label=Scenarios] [aria-current]", "Mine")

		p.do(button("Edit"))
		p.untilCount("#s-title", 1)
		p.enter("#s-title", "Mine again")
		p.do(button("Save as shared"))
		p.until("who wrote last saves without a question", `!location.search.includes('draft')`)
		p.reads("nav[aria-label=Scenarios] [aria-current]", "Mine again")
		p.do(button("On the map"))
		p.untilCount(`[data-edge="openai~amazon~PAYS"][data-change="less"]`, 1)
	})

	t.Run("a shipped scenario shows any analysis before and after, with its draws", func(t *testing.T) {
		dir := t.TempDir()
		p := open(browser, t, base, "/?companies=amazon,openai&view=scenarios", desk)
		p.do(cdpbrowser.SetDownloadBehavior(cdpbrowser.SetDownloadBehaviorBehaviorAllow).WithDownloadPath(dir))
		p.do(chromedp.Click(`nav a[href="?view=scenarios&scenario=amazon-closes-with-trainium"]`, chromedp.ByQuery))
		p.reads("[data-effect]", "1 leg added, 3 removed, 1 changed")
		p.reads(`[data-finding="before"]`, "26.3 %")
		p.reads(`[data-finding="after"]`, "7.2 %")
		p.reads(`[data-row="new"]`, "s_oai_aws_trainium")
		if day := eval[string](p, `document.querySelector('#lens-as_of').value`); day != "2025-12-16" {
			t.Errorf("the lens stands at %s, not at the day that the scenario starts from", day)
		}
		p.do(chromedp.Click(`[data-row="new"] button[aria-expanded]`, chromedp.ByQuery))
		p.reads(`[data-leg="s_oai_aws_trainium"]`, "added by the scenario")
		p.screenshot("what-if-shipped")
		p.do(chromedp.Click(`//button[text()="Download"]`, chromedp.BySearch), chromedp.Click(`//button[text()="MD"]`, chromedp.BySearch))
		if file := string(downloaded(t, dir, "amazon-closes-with-trainium.yaml")); !strings.Contains(file, "\n  - set_status: {legs: [f_amzn_oai_talks10], status: closed}\n") {
			t.Errorf("the file is not the scenario as it was written:\n%s", file)
		}
		if file := string(downloaded(t, dir, "coverage-before-after.md")); !strings.Contains(file, "26.3 %") || !strings.Contains(file, "7.2 %") {
			t.Errorf("the saved comparison reads\n%s", file)
		}

		p.do(chromedp.SetValue("#compare-analysis", "circularity", chromedp.ByQuery))
		p.until("the analysis is in the address", `new URLSearchParams(location.search).get('analysis') === 'circularity'`)
		p.enter("#request-draws", "40")
		p.reads("[data-spreads]", "Over 40 draws, seed 1")
		if n := p.count(`[data-spread="circular_cents"]`); n != 2 {
			t.Errorf("%d rows for what goes round, want before and after", n)
		}
		p.screenshot("what-if-draws")
	})

	t.Run("draws and a scenario belong to the form of every analysis", func(t *testing.T) {
		p := open(browser, t, base, "/?as_of=2025-12-16&analysis=circularity", desk)
		p.untilCount("#request-draws", 1)
		p.enter("#request-draws", "50")
		p.untilCount("#request-seed", 1)
		p.enter("#request-seed", "7")
		p.reads("[data-spreads]", "Over 50 draws, seed 7")
		want := ask[struct {
			Uncertainty struct {
				Fields []struct {
					Name string `json:"name"`
					P50  any    `json:"p50"`
				} `json:"fields"`
			} `json:"uncertainty"`
		}](t, base, "/analyses/circularity?as_of=2025-12-16&draws=50&seed=7").Uncertainty.Fields
		if n := p.count("[data-spread]"); n != len(want) || n == 0 {
			t.Errorf("%d figures are spread, the server has %d", n, len(want))
		}
		kinds := map[string]string{}
		for _, a := range ask[struct {
			Analyses []struct {
				Name    string `json:"name"`
				Summary []struct {
					Name string `json:"name"`
					Type string `json:"type"`
				} `json:"summary"`
			} `json:"analyses"`
		}](t, base, "/analyses").Analyses {
			for _, c := range a.Summary {
				kinds[a.Name+"/"+c.Name] = c.Type
			}
		}
		for _, f := range want {
			if f.Name != "ci" {
				continue
			}
			text := strings.TrimRight(fmt.Sprintf("%.3f", f.P50), "0")
			if share, ok := f.P50.(float64); ok && kinds["circularity/ci"] == "ratio" {
				text = fmt.Sprintf("%.1f %%", 100*share)
			}
			p.reads(`[data-spread="ci"] td:nth-of-type(3)`, text)
		}
		p.do(chromedp.SetValue("#request-scenario", "amazon-closes", chromedp.ByQuery))
		p.reads(".sheet .note", "Under the scenario The Amazon deal closes")
		if q := p.query(); q != "?as_of=2025-12-16&draws=50&scenario=amazon-closes&seed=7&analysis=circularity" {
			t.Errorf("the address is %s", q)
		}
		p.until("the charts of the answer are drawn", `document.querySelectorAll('[data-charts] svg.chart').length > 0`)
	})

	t.Run("nothing scrolls sideways on a phone", func(t *testing.T) {
		phone := look{width: 390, height: 844, dark: true}
		for name, address := range map[string]string{
			"phone-what-if": "/?companies=amazon,openai&view=scenarios&scenario=amazon-closes-with-trainium",
			"phone-draft":   `/?view=scenarios&draft={"name":"x","steps":[{"scale":{"payers":["openai"],"factor":"2"}},{"add":{"id":"s_1"}}]}`,
			"phone-draws":   "/?analysis=circularity&draws=20",
		} {
			p := open(browser, t, base, address, phone)
			p.refusals = true
			p.until("the form is shown", `document.querySelector('[data-step], [data-delta], [data-spreads]')`)
			if wide := eval[int](p, `document.documentElement.scrollWidth`); int64(wide) > phone.width {
				t.Errorf("%s: the page is %d wide and scrolls sideways", name, wide)
			}
			p.screenshot(name)
		}
	})
}

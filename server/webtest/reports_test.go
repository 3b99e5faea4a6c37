package webtest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// serveProgram builds the program and starts its server over a store of its own
// with the shipped data, for what only the whole program wires together. Schedules
// may deliver into the folder. It returns the address.
func serveProgram(t *testing.T, folder string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "roundtrip")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "roundtrip/cmd/roundtrip").CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	c := exec.Command(program, "serve", "--address", "127.0.0.1:0", "--data", t.TempDir(), "--set", "reports.folders="+folder)
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "ROUNDTRIP_") }) // settings of its own only
	log, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	found, ended := make(chan string, 1), make(chan struct{})
	var said []string
	go func() {
		defer close(ended)
		address := regexp.MustCompile(`url=(http://[0-9.:]+)`)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			said = append(said, lines.Text())
			if m := address.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
			}
		}
	}()
	t.Cleanup(func() {
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Errorf("stop the program: %v", err)
		}
		<-ended
		if err := c.Wait(); err != nil {
			t.Errorf("the program ended: %v", err)
		}
	})
	select {
	case base := <-found:
		return base
	case <-ended:
		t.Fatalf("the program ended before it served:\n%s", strings.Join(said, "\n"))
	case <-time.After(2 * patience):
		t.Fatal("the program did not serve in time")
	}
	return ""
}

// trends are the figures over time as the API has them.
type trends struct {
	Points []struct {
		AsOf string `json:"as_of"`
	} `json:"points"`
	Series []struct {
		Figure string     `json:"figure"`
		Values []*float64 `json:"values"`
	} `json:"series"`
}

// last is the value of a figure at the last point.
func (x trends) last(t *testing.T, figure string) float64 {
	t.Helper()
	for _, s := range x.Series {
		if v := s.Values[len(s.Values)-1]; s.Figure == figure && v != nil {
			return *v
		}
	}
	t.Fatalf("the API knows no %s", figure)
	return 0
}

// outside are the texts of charts that reach over the edge of their picture.
const outside = `[...document.querySelectorAll('[data-chart] svg')].flatMap((svg) => {
	const box = svg.getBoundingClientRect();
	return [...svg.querySelectorAll('text')].filter((x) => {
		const r = x.getBoundingClientRect();
		return r.left < box.left - 0.5 || r.right > box.right + 0.5 || r.top < box.top - 2 || r.bottom > box.bottom + 2;
	}).map((x) => svg.closest('[data-chart]').dataset.chart + ': ' + x.textContent);
}).join('; ')`

// wide tells how far the page is wider than the window.
const wide = `document.documentElement.scrollWidth - innerWidth`

func setText(p *tab, selector, text string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(() => {
		const field = document.querySelector(%q);
		field.value = %q;
		return field.dispatchEvent(new Event('input', {bubbles: true}));
	})()`, selector, text))
}

func TestReports(t *testing.T) {
	browser := startBrowser(t)
	out := t.TempDir()
	base := serveProgram(t, out)

	t.Run("a month of the curves is what the analysis answers for that day under the same lens", func(t *testing.T) {
		const lens = "basis=signed&companies=amazon,openai,nvidia,microsoft,coreweave,oracle"
		x := ask[trends](t, base, "/trends?from=2025-06&as_of=2026-02-28&"+lens)
		if len(x.Points) != 9 {
			t.Fatalf("%d points, want the ends of nine months", len(x.Points))
		}
		for i, at := range x.Points {
			res := ask[struct {
				Summary struct {
					Count float64 `json:"count"`
				} `json:"summary"`
			}](t, base, "/analyses/cycles?count_only=true&as_of="+at.AsOf+"&"+lens)
			for _, s := range x.Series {
				if s.Figure == "cycles/count" && (s.Values[i] == nil || *s.Values[i] != res.Summary.Count) {
					t.Errorf("%s: the curve is at %v, the analysis answers %v", at.AsOf, s.Values[i], res.Summary.Count)
				}
			}
		}
		if x.last(t, "cycles/count") == 0 {
			t.Error("there are no loops to compare")
		}
	})

	t.Run("curves go back to 2023 and are read by pointer, keys and table", func(t *testing.T) {
		p := open(browser, t, base, "/?as_of=2026-06-30&view=reports", desk)
		p.untilCount("[data-chart]", 7)
		api := ask[trends](t, base, "/trends?as_of=2026-06-30")
		if first := api.Points[0].AsOf; first != "2023-01-31" {
			t.Errorf("the curves begin on %s", first)
		}
		p.reads(`[data-chart="circularity"]`, fmt.Sprintf("%.1f %%", 100*api.last(t, "circularity/ci")))
		p.reads(`[data-chart="loops"]`, fmt.Sprintf("Round trip %.0f", api.last(t, "cycles/by_kind/round_trip")))
		if texts := eval[string](p, outside); texts != "" {
			t.Errorf("texts reach over the edge: %s", texts)
		}
		p.screenshot("reports-trends")

		slider := `[data-chart="loops"] [role="slider"]`
		p.do(chromedp.Focus(slider, chromedp.ByQuery), chromedp.SendKeys(slider, kb.Home, chromedp.ByQuery))
		p.until("the first month is read out", fmt.Sprintf(`document.querySelector('%s').getAttribute('aria-valuetext').startsWith('2023-01-31: Round trip 1, ')`, slider))
		p.do(chromedp.SendKeys(slider, kb.ArrowRight, chromedp.ByQuery))
		p.reads(`[data-chart="circularity"]`, "2023-02-28")
		box := eval[[]float64](p, `(() => { const r = document.querySelector('[data-chart="amounts"] polyline').getBoundingClientRect(); return [r.left, r.right, r.bottom]; })()`)
		p.do(input.DispatchMouseEvent(input.MouseMoved, box[0]+1, box[2]-5))
		p.reads(`[data-chart="amounts"]`, "2023-01-31")
		p.do(input.DispatchMouseEvent(input.MouseMoved, box[1]-1, box[2]-5))
		p.reads(`[data-chart="amounts"]`, "2026-06-30")

		p.do(chromedp.Click(`//h2/a[text()="Tied coverage"]`, chromedp.BySearch))
		p.untilCount("[data-chart]", 1)
		p.reads("tbody tr:first-child", "2026-06-30")
		if n := p.count("tbody tr"); n != len(api.Points) {
			t.Errorf("the table has %d rows, the API %d days", n, len(api.Points))
		}
		if q := p.query(); q != "?as_of=2026-06-30&view=reports&figures=coverage" {
			t.Errorf("the address is %s", q)
		}
		if href := eval[string](p, `document.querySelector('a[download="trends.csv"]').getAttribute('href')`); href != "/api/v1/trends?as_of=2026-06-30&format=csv" {
			t.Errorf("the CSV is at %s", href)
		}
	})

	t.Run("curves fit a phone in the dark", func(t *testing.T) {
		p := open(browser, t, base, "/?view=reports", look{width: 390, height: 2600, dark: true})
		p.untilCount("[data-chart]", 7)
		if texts := eval[string](p, outside); texts != "" {
			t.Errorf("texts reach over the edge: %s", texts)
		}
		if over := eval[int](p, wide); over > 0 {
			t.Errorf("the page is %d pixels too wide", over)
		}
		p.screenshot("reports-trends-phone-dark")
	})

	t.Run("a schedule is written, run, looked at, paused and deleted", func(t *testing.T) {
		p := open(browser, t, base, "/?view=reports&tab=schedules", desk)
		p.refusals = true
		p.do(chromedp.Click(`//button[text()="New schedule"]`, chromedp.BySearch))
		p.untilCount("[data-next] li", 5)
		p.do(chromedp.Click(`//button[text()="Text"]`, chromedp.BySearch))
		p.untilCount("#schedule-text", 1)
		text := "name: watch\ntitle: Watch\ncron: 0 6 * * 9\nasks: [{analysis: cycles}, {analysis: circularity}]\n" +
			"alerts: [{name: index, title: The index is high, when: ci_above(0.1)}]\nrecipients: [{kind: folder, path: \"" + out + "\"}]\n"
		setText(p, "#schedule-text", text)
		p.reads("#schedule-trial", `line 3, column 7: field 5, "9", is not allowed`)
		if s := eval[string](p, `document.querySelector('#schedule-text').getAttribute('aria-describedby')`); s != "schedule-trial" {
			t.Errorf("the field is described by %q", s)
		}
		p.do(chromedp.Click("#schedule-trial .fault button", chromedp.ByQuery))
		if line := eval[string](p, `(() => { const f = document.activeElement; return f.value.slice(f.selectionStart, f.selectionEnd); })()`); line != "cron: 0 6 * * 9" {
			t.Errorf("the fault leads to %q", line)
		}
		p.screenshot("reports-fault")
		setText(p, "#schedule-text", strings.Replace(text, "* 9", "* 1", 1))
		p.reads("#schedule-trial", "Every Monday at 06:00, UTC. The next five runs:")
		p.untilCount("[data-next] li", 5)
		p.do(chromedp.Click(`//button[text()="Save as watch"]`, chromedp.BySearch))
		p.until("it is saved and shown", `new URLSearchParams(location.search).get('schedule') === 'watch' && !location.search.includes('text=')`)
		p.reads("nav[aria-label=Schedules] [aria-current]", "Every Monday at 06:00, UTC")

		for range 2 {
			p.do(chromedp.Click(`//button[text()="Run now"]`, chromedp.BySearch))
			p.until("the run is made and delivered", `document.querySelector('[data-run]')?.dataset.run === new URLSearchParams(location.search).get('run') && document.querySelector('[data-deliveries]')?.innerText.includes('delivered')`)
			time.Sleep(1100 * time.Millisecond) // ids tell runs apart by the second
		}
		p.untilCount("[data-runs] tbody tr", 2)
		id := eval[string](p, `document.querySelector('[data-run]').dataset.run`)
		run := ask[struct {
			Finding string `json:"finding"`
		}](t, base, "/runs/"+id)
		p.reads("[data-run] .finding", run.Finding)
		if files, _ := filepath.Glob(filepath.Join(out, "*", "*.html")); len(files) != 2 {
			t.Errorf("the folder holds %v", files)
		}
		p.do(chromedp.Click(`//button[text()="Show the report"]`, chromedp.BySearch))
		p.until("the report is shown", `document.querySelector('iframe')?.srcdoc.includes('<!DOCTYPE html>') || document.querySelector('iframe')?.srcdoc.includes('<!doctype html>')`)
		p.screenshot("reports-run")
		eval[bool](p, `(document.querySelector('iframe').scrollIntoView(), true)`)
		p.screenshot("reports-shown")

		p.do(chromedp.SendKeys(".note input", "seen", chromedp.ByQuery), chromedp.Click(`//button[text()="Acknowledge"]`, chromedp.BySearch))
		p.reads("[data-run] .alerts .quiet", "acknowledged: seen")
		sent := p.text("[data-last]")
		p.do(chromedp.Click(`//button[text()="Send again"]`, chromedp.BySearch))
		p.reads("[data-run]", "1 delivery will be made again.")
		p.until("it was sent again", fmt.Sprintf(`document.querySelector('[data-last]').innerText !== %q`, sent))
		p.reads("#figures-of", "Cycles: count")
		if texts := eval[string](p, outside); texts != "" {
			t.Errorf("texts reach over the edge: %s", texts)
		}

		p.do(chromedp.Click(`//button[text()="Pause"]`, chromedp.BySearch))
		p.reads("nav[aria-label=Schedules] [aria-current]", "paused")
		other := open(browser, t, base, "/"+eval[string](p, "location.search"), look{width: 390, height: 2200, dark: true})
		other.reads("[data-run] .finding", run.Finding)
		other.reads("[data-runs]", "by hand")
		other.reads("[data-run] .alerts .quiet", "acknowledged: seen")
		if over := eval[int](other, wide); over > 0 {
			t.Errorf("the page is %d pixels too wide", over)
		}
		other.until("the report is shown from the address alone", `document.querySelector('iframe')?.srcdoc.includes('</html>')`)
		other.screenshot("reports-run-phone-dark")
		p.do(chromedp.Click(`//button[text()="Resume"]`, chromedp.BySearch))
		p.until("it runs again", `!document.querySelector('nav[aria-label=Schedules] [aria-current]').innerText.includes('paused')`)
		p.do(chromedp.Click(`//button[text()="Delete"]`, chromedp.BySearch))
		p.do(chromedp.Click(`//button[text()="Delete watch for good"]`, chromedp.BySearch))
		p.reads(".sheet", "There is none yet.")
	})
}

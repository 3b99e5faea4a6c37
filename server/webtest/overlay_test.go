package webtest

import (
	"fmt"
	"math"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// underScenario is the drawing of the API with the scenario that it is under.
type underScenario struct {
	Edges []struct {
		edge
		Cents *int64 `json:"amount_cents"`
	} `json:"edges"`
	Scenario struct {
		Effect struct {
			Added, Removed, Changed []struct {
				ID string `json:"id"`
			}
		} `json:"effect"`
	} `json:"scenario"`
}

// amounts are the amounts of the edges by the names that the page gives them, -1
// for unknown.
func (u underScenario) amounts() map[string]int64 {
	all := map[string]int64{}
	for _, e := range u.Edges {
		all[e.Payer+"~"+e.Payee+"~"+e.Class] = -1
		if e.Cents != nil {
			all[e.Payer+"~"+e.Payee+"~"+e.Class] = *e.Cents
		}
	}
	return all
}

// steps adds an edge, takes one away, and makes one smaller and one larger.
const steps = `name: all-kinds
title: All kinds of changes
as_of: 2025-12-16
steps:
  - add: {id: s_new, from: intel, to: openai, kind: equity_investment, status: closed, amount_usd: 5bn, announced_date: 2025-12-01}
  - remove: {payers: [jpmorgan]}
  - scale: {legs: [f_oai_aws38], factor: 0.5}
  - scale: {payers: [blackrock], factor: 3}
`

func TestTheMapUnderAScenario(t *testing.T) {
	browser := startBrowser(t)
	base := serve(t)
	put(t, base, "/scenarios/all-kinds", steps)
	before := ask[underScenario](t, base, "/graph?as_of=2025-12-16").amounts()
	under := ask[underScenario](t, base, "/graph?scenario=all-kinds")
	after := under.amounts()
	want := map[string]string{}
	for key, cents := range after {
		was, there := before[key]
		switch {
		case !there:
			want[key] = "added"
		case was >= 0 && cents > was:
			want[key] = "more"
		case cents >= 0 && cents < was:
			want[key] = "less"
		}
	}
	for key := range before {
		if _, there := after[key]; !there {
			want[key] = "removed"
		}
	}
	counts := map[string]int{}
	for _, change := range want {
		counts[change]++
	}
	for _, change := range []string{"added", "removed", "less"} {
		if counts[change] == 0 {
			t.Fatalf("the scenario has no edge that is %s: %v", change, want)
		}
	}

	t.Run("what it adds, takes away and changes is drawn, signed and told in the legend", func(t *testing.T) {
		p := open(browser, t, base, "/", desk)
		p.until("the map is drawn", drawn)
		p.untilCount("[data-change]", 0)
		p.do(chromedp.Focus("#map-scenario", chromedp.ByQuery))
		p.until("the scenarios are listed", `document.querySelector('#map-scenario option[value="all-kinds"]')`)
		p.do(chromedp.SetValue("#map-scenario", "all-kinds", chromedp.ByQuery))
		p.untilCount("[data-edge][data-change]", len(want))
		for key, change := range want {
			if got := eval[string](p, fmt.Sprintf(`document.querySelector('[data-edge="' + CSS.escape(%q) + '"]').dataset.change`, key)); got != change {
				t.Errorf("%s is drawn as %s, want %s", key, got, change)
			}
		}
		for change, n := range counts {
			p.untilCount(fmt.Sprintf(".signs [data-sign=%q]", change), n)
			p.reads(fmt.Sprintf("[data-legend=%q]", change), fmt.Sprintf("(%d)", n))
		}
		dashes := eval[string](p, `[...document.querySelectorAll('[data-change="removed"] .shaft')].map((e) => getComputedStyle(e).strokeDasharray).join()`)
		if dashes == "" || dashes == "none" {
			t.Errorf("what goes is drawn with the dashes %q", dashes)
		}
		if day := eval[string](p, `document.querySelector('#lens-as_of').value`); day != "2025-12-16" {
			t.Errorf("the lens stands at %s, not at the day that the scenario starts from", day)
		}
		p.reads(".details [data-effect]", "1 leg added")
		p.screenshot("map-scenario")

		p.clickEdge("openai~amazon~PAYS")
		p.reads("[data-marked]", "↓ smaller by the scenario was $38.0bn")
		p.reads(".details", "$19.0bn")
		p.until("the line tells both amounts", `document.querySelector('.amounts').textContent.includes('$38.0bn → $19.0bn')`)
		p.do(button("Table"))
		if n := eval[int](p, `[...document.querySelectorAll('tbody tr')].filter((e) => /[+−↑↓≈] (added|removed|larger|smaller|other)/.test(e.innerText)).length`); n != len(want) {
			t.Errorf("the table tells %d changes, want %d", n, len(want))
		}
		if q := p.query(); q != "?scenario=all-kinds&edge=openai~amazon~PAYS&show=table" {
			t.Errorf("the address is %s", q)
		}
		p.do(chromedp.SetValue("#map-scenario", "", chromedp.ByQuery), button("Map"))
		p.untilCount("[data-edge]", len(ask[drawing](t, base, "/graph").Edges))
		p.untilCount("[data-change]", 0)
	})

	t.Run("it is drawn in the dark on a phone", func(t *testing.T) {
		p := open(browser, t, base, "/?scenario=all-kinds", look{width: 390, height: 844, dark: true})
		p.untilCount("[data-edge][data-change]", len(want))
		if over := eval[int](p, wide); over > 0 {
			t.Errorf("the page is %d pixels too wide", over)
		}
		if over := eval[bool](p, `(() => {
			const a = document.querySelector('#map-scenario').getBoundingClientRect(), b = document.querySelector('.tools').getBoundingClientRect();
			return a.right > b.left && a.top < b.bottom && b.top < a.bottom;
		})()`); over {
			t.Error("the choice of the scenario lies over the tools")
		}
		p.screenshot("map-scenario-phone-dark")
	})
}

// TestTouch moves and zooms the map with fingers.
func TestTouch(t *testing.T) {
	browser := startBrowser(t)
	p := open(browser, t, serve(t), "/?as_of=2025-12-16", look{width: 390, height: 844})
	p.do(emulation.SetTouchEmulationEnabled(true).WithMaxTouchPoints(2), chromedp.Reload())
	p.until("the map is drawn", drawn)
	at := func(id string) (x, y float64) {
		xy := eval[[]float64](p, fmt.Sprintf(`(() => { const c = document.querySelector('[data-node=%q] circle'); return [+c.getAttribute('cx'), +c.getAttribute('cy')]; })()`, id))
		return xy[0], xy[1]
	}
	middle := eval[[]float64](p, `(() => { const r = document.querySelector('svg[role=group]').getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`)
	touch := func(kind input.TouchType, points ...[2]float64) chromedp.Action {
		list := []*input.TouchPoint{}
		for i, at := range points {
			list = append(list, &input.TouchPoint{X: middle[0] + at[0], Y: middle[1] + at[1], ID: float64(i + 1)})
		}
		return input.DispatchTouchEvent(kind, list)
	}
	near := func(got, want float64, what string) {
		t.Helper()
		if math.Abs(got-want) > 0.5 {
			t.Errorf("%s is %.1f, want %.1f", what, got, want)
		}
	}

	ax, ay := at("nvidia")
	bx, by := at("openai")
	p.do(
		touch(input.TouchStart, [2]float64{-30, 0}), touch(input.TouchStart, [2]float64{-30, 0}, [2]float64{30, 0}),
		touch(input.TouchMove, [2]float64{-45, 0}, [2]float64{45, 0}), touch(input.TouchMove, [2]float64{-60, 0}, [2]float64{60, 0}), touch(input.TouchEnd),
	)
	p.until("the map is zoomed", `document.querySelector('svg.moved')`)
	cx, cy := at("nvidia")
	dx, dy := at("openai")
	near(cx-dx, 2*(ax-bx), "the distance across")
	near(cy-dy, 2*(ay-by), "the distance down")
	if q := p.query(); q != "?as_of=2025-12-16" {
		t.Errorf("the fingers chose something: %s", q)
	}

	p.do(touch(input.TouchStart, [2]float64{0, 0}), touch(input.TouchMove, [2]float64{20, 15}), touch(input.TouchMove, [2]float64{50, -40}), touch(input.TouchEnd))
	p.until("the map is moved", fmt.Sprintf(`Math.abs(+document.querySelector('[data-node=nvidia] circle').getAttribute('cx') - %f) > 40`, cx))
	ex, ey := at("nvidia")
	near(ex-cx, 50, "the way across")
	near(ey-cy, -40, "the way down")
	if top := eval[float64](p, "scrollY"); top != 0 {
		t.Errorf("the page was scrolled by %v", top)
	}
	p.screenshot("touch")
}

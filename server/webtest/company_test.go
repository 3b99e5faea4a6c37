package webtest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestCompanyPage goes from the map to the page of a company and on from there.
func TestCompanyPage(t *testing.T) {
	browser := startBrowser(t)
	base := serve(t)

	t.Run("tells who funds a company, what it promises and what funds that", func(t *testing.T) {
		p := open(browser, t, base, "/?as_of=2025-12-16&companies=amazon,openai&company=openai", desk)
		p.until("the map is drawn", drawn)
		p.do(chromedp.Click(`//a[text()="Company page"]`, chromedp.BySearch))
		p.reads("h2", "OpenAI")
		p.reads("[data-funding]", "$10.0bn")
		p.reads(`section[aria-label="Promises out"]`, "$10.0bn (26.3 %) is funded by Amazon itself")
		for year, promised := range map[string]string{"2025": "$867.3m", "2026": "$5.4bn", "2032": "$4.9bn"} {
			p.until(year+" has "+promised, fmt.Sprintf(`[...document.querySelectorAll('.bars tr')].some((e) => e.innerText.replace(/\s+/g, ' ').trim() === '%s %s')`, year, promised))
		}
		p.reads(`section[aria-label="Vendors"]`, "100.0 %")
		p.reads(`section[aria-label="Headlines and what was paid"]`, "OpenAI → Amazon, compute commitment")
		if q := p.query(); q != "?as_of=2025-12-16&companies=amazon,openai&view=company&company=openai" {
			t.Errorf("the address is %s", q)
		}
		p.do(chromedp.Click("[data-funding] button[aria-expanded]", chromedp.ByQuery))
		p.until("the leg behind the funding is shown", `document.querySelectorAll('[data-leg="f_amzn_oai_talks10"]').length > 0`)
		p.screenshot("company")
		p.do(chromedp.Click("[data-funding] a", chromedp.ByQuery))
		p.reads("h2", "Amazon")
		p.do(chromedp.NavigateBack())
		p.reads("h2", "OpenAI")
	})

	t.Run("a unit counts as its parent until rollup is off", func(t *testing.T) {
		p := open(browser, t, base, "/?view=company&company=aws", look{width: 390, height: 844, dark: true})
		p.reads(".note", "Under this lens it counts as Amazon.")
		if text := p.text("dl"); text != "" {
			t.Errorf("the unit has figures although its parent has them: %s", text)
		}
		p.do(chromedp.Click(".note button", chromedp.ByQuery))
		p.reads(`section[aria-label="Customers"]`, "OpenAI")
		if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > 390 {
			t.Errorf("the page is %d wide and scrolls sideways", wide)
		}
		p.screenshot("phone-company")
	})
}

// TestChipAndDealPages goes from tables and the map to the pages of chips and deals.
func TestChipAndDealPages(t *testing.T) {
	browser := startBrowser(t)
	base := serve(t)

	t.Run("a chip tells who makes and who buys it", func(t *testing.T) {
		p := open(browser, t, base, "/?as_of=2025-12-16&analysis=chips", desk)
		p.do(chromedp.Click(`//td[@data-column="chip"]/a[text()="Nvidia GB200"]`, chromedp.BySearch))
		p.reads("h2", "Nvidia GB200")
		p.reads(`section[aria-label="Who makes it"]`, "TSMC")
		res := ask[struct {
			Rows []struct {
				Users []string `json:"users"`
				Legs  []string `json:"legs"`
			} `json:"rows"`
		}](t, base, "/analyses/chips?as_of=2025-12-16&chip=gb200")
		p.untilCount(`section[aria-label="Who buys and uses it"] li`, len(res.Rows[0].Users))
		p.untilCount("[data-line]", len(res.Rows[0].Legs))
		p.reads(".figures", "$338.0bn")
		if q := p.query(); q != "?as_of=2025-12-16&view=chip&analysis=chips&chip=gb200" {
			t.Errorf("the address is %s", q)
		}
		p.do(chromedp.Click(`section[aria-label="Who buys and uses it"] a`, chromedp.ByQuery))
		p.reads("h2", "Anthropic")
	})

	t.Run("a deal tells its legs, states and outcomes", func(t *testing.T) {
		p := open(browser, t, base, "/?as_of=2025-12-16&edge=openai~amazon~PAYS&companies=amazon,openai", desk)
		p.until("the leg is shown", `document.querySelector('[data-leg="f_oai_aws38"] a[href*="view=deal"]')`)
		p.do(chromedp.Click(`[data-leg="f_oai_aws38"] a[href*="view=deal"]`, chromedp.ByQuery))
		p.until("the deal is shown", `document.querySelector('[data-record=deal] [data-line="f_oai_aws38"]')`)
		deal := eval[string](p, `new URLSearchParams(location.search).get('deal')`)
		flows := ask[struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
		}](t, base, "/flows?limit=1000&deal_id="+deal).Items
		p.untilCount("[data-line]", len(flows))
		outcomes := 0
		for _, f := range flows {
			outcomes += len(ask[struct {
				Items []struct{} `json:"items"`
			}](t, base, "/outcomes?flow_id="+f.ID).Items)
		}
		p.untilCount("[data-outcomes] tbody tr", outcomes)
		p.reads(`[data-line="f_oai_aws38"]`, "$38.0bn")
		p.reads(`[data-line="f_oai_aws38"]`, "signed")
		p.reads("[data-outcomes]", "expanded")
		p.reads("[data-outcomes] .later", "after the day of the lens")
		p.do(chromedp.Click(`[data-line="f_oai_aws38"] button`, chromedp.ByQuery))
		p.until("its sources are shown", `document.querySelector('.evidence [data-leg="f_oai_aws38"] .sources a')`)
		p.do(chromedp.Click(`//button[text()="On the map"]`, chromedp.BySearch))
		p.until("the edge is chosen on the map", `document.querySelector('[data-edge] ') && location.search.includes('edge=openai~amazon~PAYS')`)
	})

	t.Run("deals are linked from the table of headlines, and fit a phone in the dark", func(t *testing.T) {
		p := open(browser, t, base, "/?analysis=realisation", desk)
		p.until("the deals are links", `document.querySelector('td[data-column=key] a[href*="view=deal"]')`)
		for name, address := range map[string]string{"phone-chip": "/?view=chip&chip=gb200", "phone-deal": "/?view=deal&deal=d_abilene"} {
			p := open(browser, t, base, address, look{width: 390, height: 2000, dark: true})
			p.until("the legs are shown", `document.querySelector('[data-line]')`)
			if over := eval[int](p, wide); over > 0 {
				t.Errorf("%s: the page is %d pixels too wide", name, over)
			}
			p.screenshot(name)
		}
	})
}

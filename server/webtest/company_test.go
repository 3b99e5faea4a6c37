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

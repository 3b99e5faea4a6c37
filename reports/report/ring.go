package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// The picture of the biggest loops, in pixels.
const (
	ringWidth, ringHeight = 880, 560
	ringX, ringY          = 440, 270 // its centre
	ringRX, ringRY        = 235, 205
	ringLoops             = 8 // as many as a reader still follows
)

// arc is one hop of the loops that are drawn.
type arc struct {
	payer, payee, class string
	amount              graph.Money
}

// ringPicture draws the loops as a graph: companies on an ellipse, a curved arrow
// for each hop, as wide as its amount, coloured by class. It is "" without loops.
func (r *Report) ringPicture(loops []loop) template.HTML {
	var arcs []arc
	var ids []string
	for _, l := range loops {
		for i, payer := range l.ring {
			a := arc{payer, l.ring[(i+1)%len(l.ring)], l.classes[i], l.amounts[i]}
			if !slices.Contains(arcs, a) {
				arcs = append(arcs, a)
			}
			if !slices.Contains(ids, payer) {
				ids = append(ids, payer)
			}
		}
	}
	if len(arcs) == 0 {
		return ""
	}
	slices.SortFunc(arcs, func(a, b arc) int {
		return queries.Order(queries.Descending(a.amount, b.amount), queries.Bytes(a.payer, b.payer), queries.Bytes(a.payee, b.payee), queries.Bytes(a.class, b.class))
	})
	ids = aroundRing(ids, arcs)
	place := map[string]spot{}
	for i, id := range ids {
		angle := 2*math.Pi*float64(i)/float64(len(ids)) - math.Pi/2
		place[id] = spot{ringX + ringRX*math.Cos(angle), ringY + ringRY*math.Sin(angle)}
	}
	var b, words strings.Builder
	fmt.Fprintf(&b, `<figure class="ring"><svg viewBox="0 0 %d %d" role="img" aria-labelledby="ring-t ring-d"><title id="ring-t">The biggest loops</title><desc id="ring-d">%s</desc>`,
		ringWidth, ringHeight, html.EscapeString(r.inSentences(arcs)))
	most := arcs[0].amount.Cents()
	var taken []spot // by names and numbers
	for _, id := range ids {
		taken = append(taken, place[id])
	}
	for _, a := range arcs {
		width := 1.5 + 8.5*math.Sqrt(float64(a.amount.Cents())/float64(max(1, most)))
		bend := drawArc(&b, place[a.payer], place[a.payee], width, strings.ToLower(a.class))
		text := a.amount.Short()
		mid := freeSpot(place[a.payer], bend, place[a.payee], taken)
		taken = append(taken, mid)
		fmt.Fprintf(&words, `<text class="amount" x="%.0f" y="%.0f" text-anchor="middle">%s</text>`, mid.x, mid.y+4, html.EscapeString(text))
	}
	for _, id := range ids {
		p := place[id]
		x, y, anchor := p.x, p.y, "start"
		switch {
		case math.Abs(p.x-ringX) < 60:
			anchor = "middle"
			if y += 30; p.y < ringY {
				y = p.y - 18
			}
		case p.x < ringX:
			anchor, x, y = "end", x-16, y+5
		default:
			x, y = x+16, y+5
		}
		fmt.Fprintf(&words, `<circle class="node" cx="%.0f" cy="%.0f" r="8"/><text class="name" x="%.0f" y="%.0f" text-anchor="%s">%s</text>`,
			p.x, p.y, x, y, anchor, html.EscapeString(render.Shorten(r.CompanyName(id), 170)))
	}
	b.WriteString(words.String())
	x := 8
	for _, class := range []string{"FUNDS", "PAYS", "ACQUIRES", "GRANTS", "BACKS"} {
		if !slices.ContainsFunc(arcs, func(a arc) bool { return a.class == class }) {
			continue
		}
		text := classInWords(class)
		fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="26" height="6"/><text class="key" x="%d" y="%d">%s</text>`, strings.ToLower(class), x, ringHeight-16, x+34, ringHeight-8, text)
		x += 34 + render.TextWidth(text) + 24
	}
	fmt.Fprintf(&b, `</svg><p class="small">Arrows point the way value moves; their width grows with the root of the amount. Drawn are the %d loops of the largest known bottleneck; hops are sums of all legs between two companies.</p></figure>`, len(loops))
	return template.HTML(b.String()) //nolint:gosec // numbers, and texts that are escaped
}

type spot struct{ x, y float64 }

// drawArc draws a curve to the right of the straight way, so that two ways
// between the same companies lie apart, and returns the point that bends it.
func drawArc(b *strings.Builder, from, to spot, width float64, class string) spot {
	dx, dy := to.x-from.x, to.y-from.y
	length := math.Max(1, math.Hypot(dx, dy))
	bend := 0.18 * length
	if class != "pays" {
		bend = 0.26 * length
	}
	c := spot{(from.x+to.x)/2 - dy/length*bend, (from.y+to.y)/2 + dx/length*bend}
	head := 9 + width
	tip := towards(to, c, 10)
	neck := towards(tip, c, head)
	fmt.Fprintf(b, `<path class="hop %s" d="M%.1f %.1f Q%.1f %.1f %.1f %.1f" stroke-width="%.1f"/>`, class, from.x, from.y, c.x, c.y, neck.x, neck.y, width)
	ux, uy := (tip.x-neck.x)/head, (tip.y-neck.y)/head
	half := 4 + width*0.7
	fmt.Fprintf(b, `<path class="%s" d="M%.1f %.1fL%.1f %.1fL%.1f %.1fZ"/>`, class, tip.x, tip.y, neck.x-uy*half, neck.y+ux*half, neck.x+uy*half, neck.y-ux*half)
	return c
}

// freeSpot is a point on the curve for a number: its middle, or the next one
// that lies on nothing else, or else the middle.
func freeSpot(from, bend, to spot, taken []spot) spot {
	at := func(t float64) spot {
		u := 1 - t
		return spot{u*u*from.x + 2*u*t*bend.x + t*t*to.x, u*u*from.y + 2*u*t*bend.y + t*t*to.y}
	}
	for _, t := range []float64{0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73} {
		p := at(t)
		if !slices.ContainsFunc(taken, func(s spot) bool { return math.Abs(s.x-p.x) < 56 && math.Abs(s.y-p.y) < 17 }) {
			return p
		}
	}
	return at(0.5)
}

// towards is the point that lies that far from one on the way to another.
func towards(from, to spot, far float64) spot {
	length := math.Max(1, math.Hypot(to.x-from.x, to.y-from.y))
	return spot{from.x + (to.x-from.x)/length*far, from.y + (to.y-from.y)/length*far}
}

// aroundRing orders companies so that those with much between them stand close:
// it swaps two as long as that shortens the arrows.
func aroundRing(ids []string, arcs []arc) []string {
	cost := func(ids []string) int {
		sum := 0
		for _, a := range arcs {
			d := slices.Index(ids, a.payer) - slices.Index(ids, a.payee)
			d = max(d, -d)
			sum += min(d, len(ids)-d)
		}
		return sum
	}
	best := slices.Clone(ids)
	for least, better := cost(best), true; better; {
		better = false
		for i := range best {
			for j := i + 1; j < len(best); j++ {
				best[i], best[j] = best[j], best[i]
				if c := cost(best); c < least {
					least, better = c, true
					continue
				}
				best[i], best[j] = best[j], best[i]
			}
		}
	}
	return best
}

func (r *Report) inSentences(arcs []arc) string {
	var b strings.Builder
	for _, a := range arcs {
		fmt.Fprintf(&b, "%s to %s: %s (%s). ", r.CompanyName(a.payer), r.CompanyName(a.payee), a.amount.Short(), a.class)
	}
	return strings.TrimSpace(b.String())
}

// classInWords is what legs of a class do.
func classInWords(class string) string {
	switch class {
	case "FUNDS":
		return "puts capital in"
	case "PAYS":
		return "pays or promises to pay"
	case "ACQUIRES":
		return "pays for ownership"
	case "GRANTS":
		return "grants equity claims"
	}
	return "stands behind"
}

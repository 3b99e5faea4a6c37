package report

import (
	"fmt"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// inWords is a day as in 3 May 2026.
func inWords(d graph.Date) string { return d.Last().Time().Format("2 January 2006") }

// finding is the one sentence of the cover.
func (r *Report) finding() string {
	if r.Differences == nil {
		return r.standing("On ") + "."
	}
	d := r.Differences
	since := "Since " + inWords(d.Since.Day)
	if d.Since.Day == r.At.Day {
		since = fmt.Sprintf("Since revision %d", d.Since.Revision)
	}
	if !d.Any() {
		text := "Nothing moved"
		if d.LoopsHidden+d.FiguresHidden > 0 {
			text += " by more than the tolerance"
		}
		if d.Since.Day == r.At.Day && d.Since.Revision == r.At.Revision {
			since = fmt.Sprintf("; the graph is still at revision %d", r.At.Revision)
			return text + since + ": " + r.standing("on ") + "."
		}
		return text + strings.Replace(since, "Since", " since", 1) + ": " + r.standing("on ") + "."
	}
	return since + ", " + r.asked() + r.moved() + "."
}

// asked says through what the loops of the finding were looked at, where that is
// not the default.
func (r *Report) asked() string {
	if r.own == "" {
		return ""
	}
	if len(r.own) > mostOwn {
		return "as the ask for loops has it, "
	}
	return "as asked (" + r.own + "), "
}

// mostOwn is how many bytes of an ask the finding tells.
const mostOwn = 80

// apart stands before a main figure in a sentence about loops that were looked at
// in another way, or on another day.
func (r *Report) apart() string {
	day := ""
	if r.loopsDay() != r.At.Day.Last() {
		day = "on " + inWords(r.At.Day) + " "
	}
	if r.own == "" {
		return day
	}
	return "under the default lens " + day
}

func (r *Report) loopsDay() graph.Day {
	if r.Loops == nil {
		return r.At.Day.Last()
	}
	return r.Loops.Lens.AsOf.Last()
}

// standing is how things are, for a report without moves. on is the first word.
func (r *Report) standing(on string) string {
	day := on + inWords(graph.On(r.loopsDay()))
	if asked := r.asked(); asked != "" {
		day += ", " + strings.TrimSuffix(asked, " ")
	}
	found := map[string]Metric{}
	addMetrics(found, loopsBy, r.Loops)
	loops := found[Loops]
	text := fmt.Sprintf("%s %s value to where it left", day, loopCount(loops)+verb(loops.Value, " returns", " return"))
	switch m := found[roundTrips]; {
	case m.Value == 1 && loops.Value == 1:
		text += ", a structural round trip"
	case m.Value > 0:
		text += fmt.Sprintf(", %s of them structural round trips", render.Thousands(m.Value))
	}
	if top := r.largest(1); len(top) > 0 {
		text += fmt.Sprintf("; %s can take %s all the way round", verb(loops.Value, "", "the largest, ")+r.ring(top[0].ring)+verb(loops.Value, "", ","), top[0].bottleneck.Short())
	}
	if ci := r.Now.Metrics[CI]; ci.Known {
		text += fmt.Sprintf("; %s%s of %s (%s) can go round without counting a dollar twice", r.apart(),
			graph.USD(r.Now.Metrics[Circular].Value).Short(), graph.USD(r.Now.Metrics[Total].Value).Short(), graph.Micro(ci.Value).Percent())
	}
	return text
}

// moved is what moved since the earlier point.
func (r *Report) moved() string {
	d := r.Differences
	var parts []string
	fresh, gone, changed := d.count(New), d.count(Gone), d.count(Changed)
	if fresh > 0 {
		text := loopCount(Metric{Value: int64(fresh)}) + verb(int64(fresh), " is new", " are new")
		first := d.Loops[0]
		switch lead := verb(int64(fresh), "", "the largest "); {
		case first.After.Known():
			text += fmt.Sprintf(" (%s%s, up to %s)", lead, r.ring(first.Ring), first.After.Short())
		case first.AtMostAfter.Known():
			text += fmt.Sprintf(" (%s%s, at most %s)", lead, r.ring(first.Ring), first.AtMostAfter.Short())
		default:
			text += fmt.Sprintf(" (%s%s, amount unknown)", verb(int64(fresh), "", "such as "), r.ring(first.Ring))
		}
		parts = append(parts, text)
	}
	noun := func(n int) string {
		if len(parts) > 0 {
			return render.Thousands(int64(n))
		}
		return loopCount(Metric{Value: int64(n)})
	}
	if gone > 0 {
		parts = append(parts, noun(gone)+verb(int64(gone), " is gone", " are gone"))
	}
	if changed > 0 {
		text := noun(changed) + " changed"
		if first := d.Loops[fresh+gone]; first.size().Known() && fresh+gone == 0 {
			text += fmt.Sprintf(" (%s%s, from %s to %s)", verb(int64(changed), "", "most of all "), r.ring(first.Ring), first.Before.Short(), first.After.Short())
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		text := "no loop moved"
		if n := len(d.Legs); n > 0 {
			text += fmt.Sprintf("; %d %s did, first %s → %s (%s)", n, verb(int64(n), "leg", "legs"), r.CompanyName(d.Legs[0].Payer), r.CompanyName(d.Legs[0].Payee), d.Legs[0].Reason)
		} else if n := len(d.Figures); n > 0 {
			text += fmt.Sprintf("; %d %s did", n, verb(int64(n), "figure", "figures"))
		}
		parts = append(parts, text)
	}
	text := listed(parts)
	if r.Was != nil {
		was, is := r.Was.Metrics[CI], r.Now.Metrics[CI]
		switch {
		case !was.Known || !is.Known:
		case was.Value == is.Value:
			text += "; " + r.apart() + "the circularity index stays at " + graph.Micro(is.Value).Percent()
		default:
			text += fmt.Sprintf("; %sthe circularity index went from %s to %s", r.apart(), graph.Micro(was.Value).Percent(), graph.Micro(is.Value).Percent())
		}
	}
	return text
}

// listed joins parts with commas and an and.
func listed(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

func loopCount(m Metric) string {
	if m.Value == 0 {
		return "no loop"
	}
	return render.Thousands(m.Value) + verb(m.Value, " loop", " loops")
}

func verb(n int64, one, many string) string {
	if n <= 1 {
		return one
	}
	return many
}

// ring is the names of the companies of a loop, back to the first.
func (r *Report) ring(ids []string) string {
	return r.names.People(ids, queries.Column{Type: "ring"})
}

// loop is a loop for the first pages.
type loop struct {
	id         string
	ring       []string
	classes    []string
	kind       string
	amounts    []graph.Money
	bottleneck graph.Money
}

// largest are the first loops of known bottleneck.
func (r *Report) largest(most int) []loop {
	var list []loop
	if r.Loops == nil {
		return nil
	}
	for _, row := range r.Loops.Rows {
		l := loop{
			value[string](r.Loops, row, "id"), value[[]string](r.Loops, row, "ring"), value[[]string](r.Loops, row, "classes"),
			value[string](r.Loops, row, "kind"), value[[]graph.Money](r.Loops, row, "hop_amounts_cents"), value[graph.Money](r.Loops, row, "bottleneck_cents"),
		}
		if l.bottleneck.Known() && len(list) < most {
			list = append(list, l)
		}
	}
	return list
}

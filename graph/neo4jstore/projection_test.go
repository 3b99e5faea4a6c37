package neo4jstore

import (
	"fmt"
	"strings"
	"testing"

	"roundtrip/graph"
)

func parseDate(t *testing.T, text string) graph.Date {
	t.Helper()
	d, err := graph.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parseMoney(t *testing.T, text string) graph.Money {
	t.Helper()
	m, err := graph.ParseMoney(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// states writes the unit relationships of a leg, one line each.
func states(l *leg) string {
	var b strings.Builder
	for _, e := range project(l) {
		p := e.props
		if p["unit"] != true {
			continue
		}
		show := func(name string) any {
			if v, ok := p[name]; ok {
				return v
			}
			return "-"
		}
		fmt.Fprintf(&b, "%s..%s %s %v/%v/%v paid %v", plainValue(p["known_from"]), plainValue(p["known_to"]), p["status"],
			show("low_cents"), show("point_cents"), show("high_cents"), show("realised_cents"))
		if p["current"] == true {
			b.WriteString(" current")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestAStateLastsWhileStatusAndFigureStay(t *testing.T) {
	on := func(text string) graph.Date { return parseDate(t, text) }
	usd := func(text string) graph.Money { return parseMoney(t, text) }
	for _, c := range []struct {
		name     string
		flow     graph.Flow
		outcomes []*graph.Outcome
		want     string
	}{
		{
			"one state",
			graph.Flow{Amount: usd("10"), Announced: on("2025-12"), InitialStatus: graph.Talks, Status: graph.Talks},
			nil,
			"2025-12-01..9999-12-31 talks 1000/1000/1000 paid - current\n",
		},
		{
			"an undated leg is known from the first day",
			graph.Flow{InitialStatus: graph.Signed, Status: graph.Signed},
			nil,
			"0001-01-01..9999-12-31 signed -/-/- paid - current\n",
		},
		{
			"status and figure change on days of their own, and an outcome that changes neither makes no state",
			graph.Flow{Amount: usd("10"), Announced: on("2025-01-05"), InitialStatus: graph.Signed, Status: graph.Closed},
			[]*graph.Outcome{
				{ID: "o3", Date: on("2025-06"), StatusAfter: graph.Closed, PaidToDate: usd("4")},
				{ID: "o1", Date: on("2025-02-01"), Event: "expanded"},
				{ID: "o2", Date: on("2025-03-01"), PaidToDate: usd("4")},
			},
			"2025-01-05..2025-03-01 signed 1000/1000/1000 paid -\n" +
				"2025-03-01..2025-06-01 signed 1000/1000/1000 paid 400\n" +
				"2025-06-01..9999-12-31 closed 1000/1000/1000 paid 400 current\n",
		},
		{
			"on one day the greatest id wins, also over the leg's own figure, which stands for the last day of its date",
			graph.Flow{Amount: usd("10"), Announced: on("2025"), InitialStatus: graph.Talks, Status: graph.Signed, Realised: usd("9"), RealisedAsOf: on("2025-03")},
			[]*graph.Outcome{
				{ID: "b", Date: on("2025-03-31"), PaidToDate: usd("2"), StatusAfter: graph.Signed},
				{ID: "a", Date: on("2025-03-31"), PaidToDate: usd("1"), StatusAfter: graph.LetterOfIntent},
			},
			"2025-01-01..2025-03-31 talks 1000/1000/1000 paid -\n" +
				"2025-03-31..9999-12-31 signed 1000/1000/1000 paid 200 current\n",
		},
		{
			"a later figure of the leg wins over an earlier outcome, and a zero is a figure",
			graph.Flow{Announced: on("2025-01-01"), InitialStatus: graph.Signed, Status: graph.Signed, Realised: usd("0"), RealisedAsOf: on("2025-04-01")},
			[]*graph.Outcome{{ID: "a", Date: on("2025-02-01"), PaidToDate: usd("5")}},
			"2025-01-01..2025-02-01 signed -/-/- paid -\n" +
				"2025-02-01..2025-04-01 signed -/-/- paid 500\n" +
				"2025-04-01..9999-12-31 signed -/-/- paid 0 current\n",
		},
		{
			"what happened before the announcement is in force from it on, and undated outcomes are nowhere",
			graph.Flow{Announced: on("2025-06-01"), InitialStatus: graph.Talks, Status: graph.Signed},
			[]*graph.Outcome{{ID: "a", Date: on("2025-05-01"), StatusAfter: graph.Signed, PaidToDate: usd("1")}, {ID: "b", PaidToDate: usd("2")}},
			"2025-06-01..9999-12-31 signed -/-/- paid 100 current\n",
		},
		{
			"an undated figure of the leg is none",
			graph.Flow{Announced: on("2025-06-01"), InitialStatus: graph.Signed, Realised: usd("1")},
			nil,
			"2025-06-01..9999-12-31 signed -/-/- paid - current\n",
		},
		{
			"a blank point is the midpoint rounded down",
			graph.Flow{AmountLow: graph.USD(100), AmountHigh: graph.USD(205), Status: graph.Signed},
			nil,
			"0001-01-01..9999-12-31 signed 100/152/205 paid - current\n",
		},
		{
			"the low amount of an up_to is what was paid until it closes",
			graph.Flow{Amount: usd("10"), Qualifier: "up_to", Announced: on("2025-01-01"), InitialStatus: graph.Signed, Status: graph.Closed},
			[]*graph.Outcome{{ID: "a", Date: on("2025-02-01"), PaidToDate: usd("3")}, {ID: "b", Date: on("2025-03-01"), StatusAfter: graph.Closed}},
			"2025-01-01..2025-02-01 signed 0/1000/1000 paid -\n" +
				"2025-02-01..2025-03-01 signed 300/1000/1000 paid 300\n" +
				"2025-03-01..9999-12-31 closed 1000/1000/1000 paid 300 current\n",
		},
		{
			"the low amount of an up_to with a low bound is that bound, and without any amount unknown",
			graph.Flow{Amount: usd("10"), AmountLow: usd("2"), Qualifier: "up_to", Status: graph.Signed},
			nil,
			"0001-01-01..9999-12-31 signed 200/1000/1000 paid - current\n",
		},
		{
			"an up_to of unknown amount stays unknown",
			graph.Flow{Qualifier: "up_to", Status: graph.Signed},
			nil,
			"0001-01-01..9999-12-31 signed -/-/- paid - current\n",
		},
		{
			"without an initial status an outcome starts from the default",
			graph.Flow{Announced: on("2025-01-01"), Status: graph.Closed},
			[]*graph.Outcome{{ID: "a", Date: on("2025-02-01"), StatusAfter: graph.Closed}},
			"2025-01-01..2025-02-01 signed -/-/- paid -\n2025-02-01..9999-12-31 closed -/-/- paid - current\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.flow
			f.ID, f.From, f.To, f.Kind = "leg", "a", "b", graph.ComputeCommitment
			got := states(&leg{flow: &f, outcomes: c.outcomes, from: party{id: "a", head: "a"}, to: party{id: "b", head: "b"}})
			if got != c.want {
				t.Errorf("states are\n%swant\n%s", got, c.want)
			}
		})
	}
}

func TestUnitAndGroupedRelationships(t *testing.T) {
	unit := party{id: "unit", head: "group", headAggregate: true}
	group := party{id: "group", head: "group", aggregate: true, headAggregate: true}
	other := party{id: "other", head: "other"}
	sister := party{id: "sister", head: "group", headAggregate: true}
	for _, c := range []struct {
		from, to party
		want     string
	}{
		{group, other, "group->other unit=true grouped=true aggregate=true ends= "},
		{other, unit, "other->unit unit=true grouped=false aggregate=false ends= \nother->group unit=false grouped=true aggregate=true ends=other unit"},
		{unit, group, "unit->group unit=true grouped=false aggregate=true ends= "},
		{unit, sister, "unit->sister unit=true grouped=false aggregate=false ends= "},
		{other, other, "other->other unit=true grouped=false aggregate=false ends= "},
	} {
		f := graph.Flow{ID: "leg", From: c.from.id, To: c.to.id, Kind: graph.Supply, Status: graph.Signed}
		var lines []string
		for _, e := range project(&leg{flow: &f, from: c.from, to: c.to}) {
			from, _ := e.props["unit_from"].(string)
			to, _ := e.props["unit_to"].(string)
			lines = append(lines, fmt.Sprintf("%s->%s unit=%v grouped=%v aggregate=%v ends=%s %s", e.from, e.to, e.props["unit"], e.props["grouped"], e.props["aggregate"], from, to))
		}
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("from %s to %s there are\n%s\nwant\n%s", c.from.id, c.to.id, got, c.want)
		}
	}
}

func TestAnUmbrellaHasNoRelationship(t *testing.T) {
	if got := project(&leg{flow: &graph.Flow{ID: "u", Kind: graph.Umbrella}}); got != nil {
		t.Errorf("it has %v", got)
	}
}

func TestHeads(t *testing.T) {
	tree := map[string]companyNode{
		"top": {exists: true}, "middle": {exists: true, parent: "top"}, "low": {exists: true, parent: "middle"},
		"orphan": {exists: true, parent: "nobody"}, "x": {exists: true, parent: "y"}, "y": {exists: true, parent: "x"}, "z": {exists: true, parent: "x"},
	}
	for id, want := range map[string]string{"top": "top", "middle": "top", "low": "top", "orphan": "orphan", "absent": "absent", "x": "x", "y": "y", "z": "z"} {
		if got := headOf(id, func(id string) companyNode { return tree[id] }); got != want {
			t.Errorf("the head of %s is %s, want %s", id, got, want)
		}
	}
}

func TestOnlyWhatFitsARelationshipIsAPlainTransfer(t *testing.T) {
	plain := graph.Flow{ID: "t", From: "a", To: "b", Kind: graph.Transfer, Moves: graph.MovesCash, InitialStatus: graph.Closed, Status: graph.Closed, Amount: graph.USD(1), Announced: parseDate(t, "2025-01-01T10:00:00Z")}
	if !plainTransfer(&plain) {
		t.Error("a transfer with an amount and a time is one")
	}
	for _, f := range graph.Fields(graph.FlowRecord) {
		changed := plain
		cell := map[graph.FieldType]string{graph.MoneyField: "7", graph.NumberField: "7", graph.DateField: "2025", graph.ListField: "x;y", graph.FlagField: "no"}[f.Type]
		if cell == "" {
			cell = "other"
		}
		if len(f.Allowed) > 0 {
			cell = f.Allowed[0]
		}
		if f.Name == "count_in_totals" {
			cell = "no"
		}
		if err := f.Set(&changed, cell); err != nil {
			t.Fatal(err)
		}
		own := map[string]bool{"id": true, "from": true, "to": true, "amount_usd": true, "announced_date": true, "date_precision": true}
		want := own[f.Name] || graph.Same(&plain, &changed)
		if got := plainTransfer(&changed); got != want {
			t.Errorf("with %s %q: %v, want %v", f.Name, cell, got, want)
		}
	}
}

func TestNumbersAreFloatsOnlyWhereThatIsExact(t *testing.T) {
	for text, want := range map[string]any{"0.1": 0.1, "9.000001": 9.000001, "-3": -3.0, "9223372036854.775807": "9223372036854.775807", "1000000": 1000000.0} {
		if got := number(text); got != want {
			t.Errorf("%s is stored as %v, want %v", text, got, want)
		}
	}
}

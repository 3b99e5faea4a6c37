// Package report makes one report: the answers to a list of questions at one
// revision of the graph, what differs from an earlier day or revision and why,
// and how the main figures moved over the years. It writes a report as a page
// that prints well, as PDF, Markdown, JSON and CSV.
//
// Nothing here reads a clock or a store: whoever builds a report hands over the
// day, the revision and what answers questions. The same input gives the same
// report, and a report always gives the same bytes (PDF excepted, which a browser
// writes).
package report

import (
	"context"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/graph/snapshot"
	"roundtrip/queries"
	"roundtrip/queries/render"
)

// RunFunc answers one request; it is queries.Runner.Run. It may be called from
// several goroutines.
type RunFunc func(ctx context.Context, req queries.Request) (*queries.Result, error)

// Ask is one question of a report. Name tells questions of one analysis apart;
// it is the name of the analysis when empty.
type Ask struct {
	Name     string       `json:"name"`
	Analysis string       `json:"analysis"`
	Lens     queries.Args `json:"lens"` // as_of is the day of the report when not given
	Params   queries.Args `json:"params"`
	Scenario string       `json:"scenario,omitempty"`
	Draws    int          `json:"draws,omitempty"`
	Seed     int          `json:"seed,omitempty"`
}

// Tolerance hides small moves: one is hidden when it is within every bound that
// is set. A bound of zero is not set, and none set hides nothing. What has no
// earlier value, or is not an amount, has no bound but Percent. What is not a
// number is never hidden, nor is a row that is new or gone.
type Tolerance struct {
	Percent graph.Decimal `json:"percent"`      // of the earlier value, 2.5 for 2.5 %
	Amount  graph.Money   `json:"amount_cents"` // of amounts
}

// Metric is one figure of a report, for series over runs. Value is cents of
// money, millionths of a ratio or number, or a count; Known is false where the
// figure is unknown.
type Metric struct {
	Title string `json:"title"`
	Type  string `json:"type"` // money, ratio, number, count
	Value int64  `json:"value"`
	Known bool   `json:"known"`
}

// Raised is an alert that was true of a report.
type Raised struct {
	Name         string `json:"name"`
	Title        string `json:"title"`
	Text         string `json:"text"`            // what was found, one sentence
	Key          string `json:"key"`             // the same alert about the same thing has the same key
	Muted        string `json:"muted,omitempty"` // the reason, where it is muted
	Acknowledged bool   `json:"acknowledged"`    // it was raised before and somebody has taken note
}

// Idle is a rule that looks for something that the report does not have, such as a
// buyer whose name is misspelt.
type Idle struct {
	Name string `json:"name"`
	Text string `json:"text"` // what was not found, without a full stop
}

// Point is a day and a revision: what a report looks at, and what its
// differences are to.
type Point struct {
	Day      graph.Date `json:"as_of"`
	Revision uint64     `json:"revision"`       // 0: the current one, or that of the report
	Hash     string     `json:"hash,omitempty"` // of the graph, filled in by Build
	Run      string     `json:"run,omitempty"`  // id of the run that looked at it
}

// Names gives the names of companies, chips, deals and legs as they are at a
// revision.
type Names func(ctx context.Context, revision uint64) (render.Names, error)

// NamesOf are the names in the graphs of a queries.Live.
func NamesOf(past interface {
	At(ctx context.Context, revision uint64) (*snapshot.Snapshot, error)
},
) Names {
	return func(ctx context.Context, revision uint64) (render.Names, error) {
		s, err := past.At(ctx, revision)
		if err != nil {
			return render.Names{}, err
		}
		return render.NamesIn(s), nil
	}
}

// Input is all that a report depends on.
type Input struct {
	Run       RunFunc
	Catalogue queries.Catalogue
	// Scenario finds a scenario by name; it may be nil where no ask names one.
	Scenario func(ctx context.Context, name string) (*scenario.Scenario, error)
	Names    Names // nil shows ids

	Name      string // of the schedule, as in file names
	Title     string // "" takes one
	Note      string
	Asks      []Ask // none asks the whole library; what changed is then asked since the day of Before
	Tolerance Tolerance
	At        Point  // the day of the slot, and the revision; its other fields are ignored
	Before    *Point // what the differences are to; nil for a first report
	// History is the first month of the curves, such as 2023-01; unknown draws none.
	History graph.Date
	// Samples keeps the main figures for the next report; it may be nil. It belongs
	// to one Run.
	Samples *Samples
	Workers int    // questions asked at a time, 0 for as many as there are cores
	Version string // of the program
}

// Report is what was found. Answers are in the order of the asks. Alerts are
// what whoever judges the report adds before it is written.
type Report struct {
	Name      string
	Title     string
	Note      string
	Version   string
	At        Point
	Tolerance Tolerance

	Finding     string // one sentence for the cover
	Answers     []Answer
	LeftOut     []LeftOut
	Differences *Differences // nil for a first report
	Metrics     map[string]Metric
	// Now and Was are the main figures at both points, each analysis under its own
	// default lens; Was is nil for a first report.
	Now     Sample
	Was     *Sample
	History []Sample // the main figures at the end of each month, the earliest first; the last is Now
	Alerts  []Raised
	Idle    []Idle // rules that look for what is not there, as whoever judges the report adds them

	// Loops is the loops of the graph, all of them, as the analysis cycles answers
	// under the lens of its first ask, or under its own where none asks it.
	Loops *queries.Result
	own   string // in words what that ask asks otherwise than the analysis by default, but for its day

	names render.Names
}

// Answer is one ask and its answers. Before and Delta are nil for a first
// report, and where the ask can not be answered for the earlier point, which
// Undone then says.
type Answer struct {
	Ask    Ask
	Result *queries.Result
	Before *queries.Result
	// Delta is the rows that differ, as in queries.Comparison, without those whose
	// moves are within the tolerance; Hidden counts these.
	Delta  *queries.Result
	Hidden int
	Undone string
}

// LeftOut is a question of the whole library that this graph cannot be asked with
// the parameters of the example, such as a company that it does not have. A
// question that was asked for by name is an error instead.
type LeftOut struct {
	Ask string `json:"ask"`
	Why string `json:"why"`
}

// Find is the answer to the ask of that name; false where there is none.
func (r *Report) Find(name string) (Answer, bool) {
	for _, a := range r.Answers {
		if a.Ask.Name == name {
			return a, true
		}
	}
	return Answer{}, false
}

// CompanyName is the name of a company, its id where it has none.
func (r *Report) CompanyName(id string) string { return r.names.Of(id, "company") }

// Names are what people call the records of the graph that the report is about.
func (r *Report) Names() render.Names { return r.names }

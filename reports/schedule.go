package reports

import (
	"context"
	"time"

	"roundtrip/graph"
	"roundtrip/graph/strictyaml"
	"roundtrip/queries"
)

// Schedule declares a report: when, what, for whom. Its file is YAML; package
// reports reads it strictly and names every fault by its place.
type Schedule struct {
	Name     string // as in URLs and file names
	Title    string
	Note     string
	Cron     string // five fields: minute hour day month weekday
	TimeZone string // of the IANA database, UTC when empty
	Missed   MissedPolicy
	Paused   bool
	Asks     []Ask // what is asked, in order; empty asks the whole library
	Formats  []string
	// Tolerance hides small moves from the difference to the run before.
	Tolerance  Tolerance
	Alerts     []Alert
	Recipients []Recipient
	Keep       int // runs that history keeps, 0 for 400

	places strictyaml.Places
}

// MissedPolicy says what becomes of slots that passed while no server ran.
type MissedPolicy string

// The policies.
const (
	MissedSkip MissedPolicy = "skip" // they are recorded as skipped
	MissedOnce MissedPolicy = "once" // the latest runs, the others are recorded as skipped
	MissedEach MissedPolicy = "each" // each runs, the oldest first
)

// Ask is one question of a report. Name tells questions of one analysis apart;
// it is the name of the analysis when empty.
type Ask struct {
	Name     string
	Analysis string
	Lens     queries.Args // as_of is the day of the slot in the zone of the schedule when not given
	Params   queries.Args
	Scenario string
	Draws    int
	Seed     int
}

// Tolerance hides a move that is within both bounds; zero hides nothing.
type Tolerance struct {
	Percent graph.Decimal // of the earlier value
	Amount  graph.Money
}

// Alert is a rule over the answers of a report: an expression that is true when
// somebody should look.
type Alert struct {
	Name  string
	Title string
	When  string // see package reports/alert
	Mute  Mute
}

// Mute keeps an alert quiet until a day, and says why.
type Mute struct {
	Until  graph.Date
	Reason string
}

// Recipient is where a report goes. Which fields count follows from Kind.
type Recipient struct {
	Name    string
	Kind    string // folder, webhook, slack, email, atom
	Path    string // folder, atom: a directory or file
	URL     string // webhook, slack
	To      []string
	Secrets []string // webhook: names of environment variables; each signs
	Body    string   // webhook: envelope, which is also "", or file
	Entries int      // atom: entries that the feed keeps, 0 for 50
	Formats []string // what is sent; that of the schedule when empty
	Only    string   // "", changes (nothing is sent when nothing moved) or alerts
}

// Run is one slot of a schedule, or one asked for by hand.
type Run struct {
	ID       string    `json:"id"`       // schedule and slot: daily-20261123t0600z; daily-20261123t061502z-manual
	Schedule string    `json:"schedule"` // its name
	Slot     time.Time `json:"slot"`
	Manual   bool      `json:"manual"`
	Started  time.Time `json:"started"`
	Ended    time.Time `json:"ended"`
	Outcome  Outcome   `json:"outcome"`
	Error    string    `json:"error,omitempty"`

	// The inputs: with them Replay gives the same bytes.
	Version  string `json:"version"`  // of the program
	Revision uint64 `json:"revision"` // of the graph
	Hash     string `json:"hash"`
	Since    *Since `json:"since,omitempty"` // what the differences are to, nil for the first
	Declared []byte `json:"declared"`        // the schedule as it was, its file
	// Scenarios are the what-ifs that the schedule names, as they were, by name.
	Scenarios map[string][]byte `json:"scenarios,omitempty"`

	Digest     string     `json:"digest"`  // SHA-256 of the report as JSON
	Finding    string     `json:"finding"` // one sentence
	Alerts     []Raised   `json:"alerts"`
	Deliveries []Delivery `json:"deliveries"`
	// Streak is the failed slots in a row that this one ended.
	Streak *Streak `json:"streak,omitempty"`
	// Kept are the forms of the report that are kept while a recipient has not
	// taken them.
	Kept []Kept `json:"kept,omitempty"`
	// Settings are those of the program that the report depends on, as they were.
	Settings map[string]string `json:"settings,omitempty"`
}

// Since is an earlier run that a report is compared with.
type Since struct {
	Run      string    `json:"run"` // its id
	Slot     time.Time `json:"slot"`
	Revision uint64    `json:"revision"`
}

// Outcome of a run.
type Outcome string

// The outcomes.
const (
	Running Outcome = "running" // begun; a server that was killed leaves it so until the next takes it up
	Done    Outcome = "done"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped" // missed, and the policy says so
)

// Metric is one figure of a run. Value is cents of money, millionths of a ratio
// or number, or a count.
type Metric struct {
	Title string `json:"title"`
	Type  string `json:"type"` // money, ratio, number, count
	Value int64  `json:"value"`
	Known bool   `json:"known"`
}

// Raised is an alert that was true in a run.
type Raised struct {
	Name         string `json:"name"`
	Title        string `json:"title"`
	Text         string `json:"text"`            // what was found, one sentence
	Key          string `json:"key"`             // the same alert about the same thing has the same key
	Muted        string `json:"muted,omitempty"` // the reason, where it is muted
	Acknowledged bool   `json:"acknowledged"`    // it was raised before and somebody has taken note
}

// Delivery is one recipient's copy of a run.
type Delivery struct {
	Recipient string    `json:"recipient"`
	Key       string    `json:"key"` // the same for every attempt: receivers tell doubles apart by it
	State     string    `json:"state"`
	Attempts  int       `json:"attempts"`
	Next      time.Time `json:"next"` // of the next attempt while pending
	At        time.Time `json:"at"`   // of the last attempt
	Error     string    `json:"error,omitempty"`
	Notice    string    `json:"notice,omitempty"` // NoticeFailed or NoticeRecovered; a report when empty
}

// Parcel is what a recipient is handed.
type Parcel struct {
	Key     string // the same for every attempt
	Subject string
	Finding string   // one sentence
	Alerts  []string // what was raised, a sentence each
	At      time.Time
	Files   []File
	Notice  *Notice // what it is instead of a report
}

// File is one form of a report.
type File struct {
	Name        string
	ContentType string
	Body        []byte
}

// States of a delivery.
const (
	Pending   = "pending"
	Delivered = "delivered"
	Dead      = "dead" // given up; can be sent again
	NotDue    = "none" // nothing moved, and the recipient wants only changes
)

// RunFunc answers one request; it is queries.Runner.Run.
type RunFunc func(ctx context.Context, req queries.Request) (*queries.Result, error)

package reports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtrip/graph"
)

// The kinds of documents beside schedules.
const (
	stateKind   = "schedule-state" // how far a schedule is, by its name
	runKind     = "run-"           // and the name of the schedule: its runs, by the slot part of their ids
	figuresKind = "figures-"       // and the name of the schedule: the metrics of a run, apart because they are long
	requestKind = "report-request" // what whoever leads is asked to do
	leaseKind   = "lease"
	leaseName   = "reports"

	acknowledgedKind = "acknowledged-" // and the name of the schedule
	acknowledgedName = "keys"
)

// state is how far a schedule is. To write it is to claim a slot: From moves past
// the slot and Open names its run in one write, based on the version that was
// read, so one of several servers gets it and a crash afterwards is found again.
type state struct {
	Cron   string    `json:"cron"`
	Zone   string    `json:"zone"`
	From   time.Time `json:"from"`             // slots up to here are claimed or settled
	Open   []string  `json:"open,omitempty"`   // runs that are not done, or have deliveries to make
	Last   *Since    `json:"last,omitempty"`   // the latest slot that was done: what the next differs from
	Paused *bool     `json:"paused,omitempty"` // goes before the file
	Gone   bool      `json:"gone,omitempty"`   // the schedule was not there any more
	Runs   int       `json:"runs"`             // were claimed, ever

	Judged   time.Time       `json:"judged,omitzero"`    // the latest slot whose outcome stands in what follows
	Failing  *Streak         `json:"failing,omitempty"`  // slots that failed since the last that was done
	Outcomes map[Outcome]int `json:"outcomes,omitempty"` // of slots, how many
}

// adopt makes it the state of a schedule as it is now, whose slots are due from
// a time on. What another of that name came to does not matter to one that is new.
func (s *state) adopt(f *Found, from time.Time) {
	if s.Gone {
		s.Failing = nil
	}
	s.Cron, s.Zone, s.Gone, s.From = f.Cron, f.TimeZone, false, from
}

// count adds slots with an outcome.
func (s *state) count(o Outcome, n int) {
	if s.Outcomes == nil {
		s.Outcomes = map[Outcome]int{}
	}
	s.Outcomes[o] += n
}

// judge notes what became of a slot, once.
func (s *state) judge(run *Run) {
	if run.Manual || run.Outcome != Done && run.Outcome != Failed || !run.Slot.After(s.Judged) {
		return
	}
	s.Judged = run.Slot
	s.count(run.Outcome, 1)
	if run.Outcome == Done {
		s.Failing = nil
		return
	}
	if s.Failing == nil {
		s.Failing = &Streak{Run: run.ID, Slot: run.Slot}
	}
	s.Failing.Slots++
	for _, d := range run.Deliveries {
		s.Failing.Told = append(s.Failing.Told, d.Recipient)
	}
}

// store keeps the records of runs as documents.
type store struct {
	documents graph.Documents
	now       func() time.Time
}

// kept is a document with its version.
type kept[T any] struct {
	value   T
	version uint64 // 0 where it was not there
}

func read[T any](ctx context.Context, s store, kind, name string) (kept[T], error) {
	d, err := s.documents.GetDocument(ctx, kind, name)
	if errors.Is(err, graph.ErrNotFound) {
		return kept[T]{}, nil
	}
	if err != nil {
		return kept[T]{}, fmt.Errorf("read the document %s/%s: %w", kind, name, err)
	}
	return decoded[T](d)
}

func decoded[T any](d graph.Document) (kept[T], error) {
	k := kept[T]{version: d.Version}
	if err := json.Unmarshal(d.Body, &k.value); err != nil {
		return k, fmt.Errorf("read the document %s/%s: %w", d.Kind, d.Name, err)
	}
	return k, nil
}

// write is graph.ErrConflict where the document is not at the version.
func write[T any](ctx context.Context, s store, kind, name string, k *kept[T]) error {
	body, err := json.Marshal(k.value)
	if err != nil {
		return fmt.Errorf("write the document %s/%s: %w", kind, name, err)
	}
	d, err := s.documents.PutDocument(ctx, graph.Document{Kind: kind, Name: name, Body: body, At: s.now().UTC()}, &k.version)
	if err != nil {
		return fmt.Errorf("write the document %s/%s: %w", kind, name, err)
	}
	k.version = d.Version
	return nil
}

// change writes what do makes of a state, again from the beginning where others
// wrote meanwhile. An error of do ends it.
func (s store) change(ctx context.Context, schedule string, do func(*state) error) (state, error) {
	const tries = 20
	for i := range tries {
		k, err := read[state](ctx, s, stateKind, schedule)
		if err != nil {
			return state{}, err
		}
		if err := do(&k.value); err != nil {
			return k.value, err
		}
		err = write(ctx, s, stateKind, schedule, &k)
		if err == nil || i == tries-1 || !errors.Is(err, graph.ErrConflict) {
			return k.value, err
		}
	}
	return state{}, graph.ErrConflict
}

// states are the states of all schedules by name.
func (s store) states(ctx context.Context) (map[string]state, error) {
	list, err := s.documents.ListDocuments(ctx, stateKind)
	if err != nil {
		return nil, fmt.Errorf("list the states of schedules: %w", err)
	}
	all := map[string]state{}
	for _, d := range list {
		k, err := decoded[state](d)
		if err != nil {
			return nil, err
		}
		all[d.Name] = k.value
	}
	return all, nil
}

// runName is the slot part of the id of a run.
func runName(slot time.Time, manual bool) string {
	if manual {
		return slot.UTC().Format("20060102t150405z") + "-manual"
	}
	return slot.UTC().Format("20060102t1504z")
}

// runID is the id of a run.
func runID(schedule, name string) string { return schedule + "-" + name }

// splitRunID is the schedule and the slot part of an id.
func splitRunID(id string) (schedule, name string, ok bool) {
	stem, manual := strings.CutSuffix(id, "-manual")
	i := strings.LastIndexByte(stem, '-')
	if i <= 0 {
		return "", "", false
	}
	schedule, name = stem[:i], stem[i+1:]
	if manual {
		name += "-manual"
	}
	return schedule, name, graph.CheckDocumentName(runKind+schedule, name) == nil
}

func (s store) run(ctx context.Context, schedule, name string) (kept[Run], error) {
	return read[Run](ctx, s, runKind+schedule, name)
}

func (s store) putRun(ctx context.Context, k *kept[Run]) error {
	_, name, _ := splitRunID(k.value.ID)
	return write(ctx, s, runKind+k.value.Schedule, name, k)
}

// runs are the runs of a schedule, the latest first.
func (s store) runs(ctx context.Context, schedule string) ([]Run, error) {
	list, err := s.documents.ListDocuments(ctx, runKind+schedule)
	if err != nil {
		return nil, fmt.Errorf("list the runs of %s: %w", schedule, err)
	}
	runs := make([]Run, 0, len(list))
	for _, d := range list {
		k, err := decoded[Run](d)
		if err != nil {
			return nil, err
		}
		runs = append(runs, k.value)
	}
	slices.SortStableFunc(runs, func(a, b Run) int { return b.Slot.Compare(a.Slot) })
	return runs, nil
}

// forget deletes all but the latest runs of a schedule, and pages that nobody
// waits for; open ones stay.
func (s store) forget(ctx context.Context, schedule string, keep int, open []string) error {
	runs, err := s.runs(ctx, schedule)
	if err != nil {
		return err
	}
	if err := s.forgetPages(ctx, schedule, runs[:min(len(runs), keep)], open); err != nil || len(runs) <= keep {
		return err
	}
	for _, r := range runs[keep:] {
		_, name, ok := splitRunID(r.ID)
		if !ok || slices.Contains(open, name) {
			continue
		}
		for _, kind := range []string{figuresKind, runKind} {
			if err := s.documents.DeleteDocument(ctx, kind+schedule, name, nil); err != nil && !errors.Is(err, graph.ErrNotFound) {
				return fmt.Errorf("delete the run %s: %w", r.ID, err)
			}
		}
	}
	return nil
}

// putFigures keeps the metrics of a run, whoever kept some before.
func (s store) putFigures(ctx context.Context, run *Run, metrics map[string]Metric) error {
	_, name, _ := splitRunID(run.ID)
	body, err := json.Marshal(metrics)
	if err != nil {
		return fmt.Errorf("write the figures of %s: %w", run.ID, err)
	}
	d := graph.Document{Kind: figuresKind + run.Schedule, Name: name, Body: body, At: s.now().UTC()}
	if _, err = s.documents.PutDocument(ctx, d, nil); err != nil {
		return fmt.Errorf("write the figures of %s: %w", run.ID, err)
	}
	return nil
}

// request is what whoever leads is asked to do.
type request struct {
	Do        string    `json:"do"` // run or resend
	Schedule  string    `json:"schedule"`
	Run       string    `json:"run"`                 // its slot part
	Recipient string    `json:"recipient,omitempty"` // resend: "" for all that are dead
	At        time.Time `json:"at"`
}

const (
	doRun    = "run"
	doResend = "resend"
)

func (s store) ask(ctx context.Context, q request) error {
	name := q.Do + "-" + q.Schedule + "-" + q.Run + "-" + q.Recipient
	sum := sha256.Sum256([]byte(name)) // the whole is longer than a name may be
	name = q.Do + "-" + hex.EncodeToString(sum[:16])
	err := write(ctx, s, requestKind, name, &kept[request]{value: q})
	if errors.Is(err, graph.ErrConflict) {
		return nil // it was asked already
	}
	return err
}

// requests are those that wait, by the names of their documents.
func (s store) requests(ctx context.Context) (map[string]request, error) {
	list, err := s.documents.ListDocuments(ctx, requestKind)
	if err != nil {
		return nil, fmt.Errorf("list the requests: %w", err)
	}
	all := map[string]request{}
	for _, d := range list {
		k, err := decoded[request](d)
		if err != nil {
			return nil, err
		}
		all[d.Name] = k.value
	}
	return all, nil
}

func (s store) answered(ctx context.Context, name string) error {
	if err := s.documents.DeleteDocument(ctx, requestKind, name, nil); err != nil && !errors.Is(err, graph.ErrNotFound) {
		return fmt.Errorf("delete the request %s: %w", name, err)
	}
	return nil
}

// Acknowledgement says that somebody has taken note of an alert, which is quiet
// until it has ceased and come again.
type Acknowledgement struct {
	Key  string    `json:"key"` // of Raised
	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
}

func (s store) acknowledged(ctx context.Context, schedule string) (kept[[]Acknowledgement], error) {
	return read[[]Acknowledgement](ctx, s, acknowledgedKind+schedule, acknowledgedName)
}

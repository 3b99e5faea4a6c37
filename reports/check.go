package reports

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/graph/strictyaml"
	"roundtrip/queries"
)

// Checker judges what a text alone does not tell. Fields that are nil leave their
// check out.
type Checker struct {
	Prepare  func(ctx context.Context, req queries.Request) error // as queries.Runner.Prepare
	Lens     func(args queries.Args) error                        // judges them where the analysis is not known
	Scenario func(ctx context.Context, name string) (*scenario.Scenario, error)
	Alert    func(s *Schedule, a Alert) error // compiles an expression
	Form     func(form string) error          // says why a form of reports can never be made here, nil where it can
	More     func(s *Schedule) Faults         // by Location; their places in the text are filled in
}

// ReadSchedule reads a schedule and judges it as Check does. The error is Faults
// where the text is at fault: all that can be told at once, each once.
func ReadSchedule(ctx context.Context, file string, text []byte, c Checker) (*Schedule, error) {
	s, err := readSchedule(file, text)
	var first, more Faults
	if err != nil && !errors.As(err, &first) {
		return nil, err
	}
	if err := s.Check(ctx, c); err != nil && !errors.As(err, &more) {
		return nil, err
	}
	unread := len(first)
	for _, f := range more {
		if !slices.ContainsFunc(first[:unread], func(x Fault) bool { return follows(f, x) }) {
			first = append(first, f)
		}
	}
	if len(first) > 0 {
		return nil, first.InOrder()
	}
	return s, nil
}

// follows tells whether a fault may be there only because of another that was
// found in the reading: at the same place or around it.
func follows(f, read Fault) bool {
	rest, ok := strings.CutPrefix(f.Location, read.Location)
	item := strings.HasSuffix(read.Location, "]") && strings.HasPrefix(rest, ".")
	return ok && read.Location != "" && !item && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// Check judges the schedule against a graph and what the program can do. The
// error is Faults where the schedule is at fault.
func (s *Schedule) Check(ctx context.Context, c Checker) error {
	k := &check{Schedule: s, Checker: c}
	for i, a := range s.Asks {
		if err := k.ask(ctx, fmt.Sprintf("asks[%d]", i), a); err != nil {
			return err
		}
	}
	k.alerts()
	k.forms()
	if c.More != nil {
		for _, f := range c.More(s) {
			k.add(f.Location, f.Given, f.Code, f.Problem)
		}
	}
	if len(k.faults) > 0 {
		return k.faults.InOrder()
	}
	return nil
}

// check is the judging of one schedule.
type check struct {
	*Schedule
	Checker
	known  []Ask    // of which the analysis is known
	lost   []string // names, as rules write them, of those of which it is not
	faults Faults
}

func (k *check) add(path, given, code, problem string) {
	k.faults = append(k.faults, k.places.Fault(path, given, code, "%s", problem))
}

func (k *check) ask(ctx context.Context, path string, a Ask) error {
	if a.Analysis == "" { // it could not be read
		k.lost = append(k.lost, underscored(a.Name))
		return nil
	}
	req := queries.Request{Analysis: a.Analysis, Lens: a.Lens, Params: a.Params, Draws: a.Draws, Seed: uint64(max(a.Seed, 0))}
	if a.Scenario != "" && k.Scenario != nil {
		x, err := k.Scenario(ctx, a.Scenario)
		if errors.Is(err, graph.ErrNotFound) {
			k.add(path+".scenario", a.Scenario, scenario.CodeUnknownID, strings.TrimSuffix(err.Error(), ": "+graph.ErrNotFound.Error()))
			x = nil // the rest is judged without it
		} else if err != nil {
			return err
		}
		req.Scenario = x
	}
	if k.Prepare == nil {
		k.known = append(k.known, a)
		return nil
	}
	err := k.Prepare(ctx, req)
	if errors.Is(err, queries.ErrUnknownAnalysis) {
		k.add(path+".analysis", a.Analysis, scenario.CodeUnknownID, err.Error())
		k.lost = append(k.lost, underscored(a.Name))
		if err = nil; k.Lens != nil {
			err = k.Lens(a.Lens)
		}
	} else {
		k.known = append(k.known, a)
	}
	var bad queries.ArgumentErrors
	if err != nil && !errors.As(err, &bad) {
		return fmt.Errorf("check %s of the schedule %s: %w", path, k.Name, err)
	}
	for _, x := range bad {
		part := ".params."
		_, inLens := a.Lens[x.Name]
		switch {
		case inLens || slices.Contains(queries.Names(queries.LensParams()), x.Name):
			part = ".lens."
		case slices.Contains(queries.Names(queries.RequestParams()), x.Name) || strings.HasPrefix(x.Name, "scenario"):
			part = "."
		}
		k.add(path+part+x.Name, x.Given, strictyaml.CodeNotAllowed, x.Problem)
	}
	return nil
}

// alerts judges the rules. An ask whose analysis is not known is told once, there:
// rules are judged by the other asks, and where that fails by the library, and
// those that name such an ask not at all.
func (k *check) alerts() {
	if k.Alert == nil {
		return
	}
	judged, library := *k.Schedule, *k.Schedule
	judged.Asks, library.Asks = k.known, nil
	for i, a := range k.Alerts {
		if a.When == "" {
			continue // it could not be read
		}
		err := k.Alert(&judged, a)
		if err == nil || len(k.lost) > 0 && (k.names(a.When) || k.Alert(&library, a) == nil) {
			continue
		}
		k.add(fmt.Sprintf("alerts[%d].when", i), a.When, strictyaml.CodeMalformed, err.Error())
	}
}

// names tells whether a rule names an ask that could not be judged.
func (k *check) names(rule string) bool {
	return slices.ContainsFunc(k.lost, func(name string) bool {
		return name == "" || regexp.MustCompile(`(^|[^\w.])`+regexp.QuoteMeta(name)+`($|\W)`).MatchString(rule)
	})
}

func underscored(name string) string { return strings.ReplaceAll(name, "-", "_") }

// forms judges the forms that recipients get.
func (k *check) forms() {
	if k.Form == nil {
		return
	}
	judge := func(path string, forms []string) {
		for i, form := range forms {
			if err := k.Form(form); err != nil {
				at := path
				if len(forms) > 1 {
					at += fmt.Sprintf("[%d]", i)
				}
				k.add(at, form, strictyaml.CodeNotAllowed, err.Error())
			}
		}
	}
	own := func(r Recipient) bool { return len(r.Formats) > 0 }
	if !slices.ContainsFunc(k.Recipients, own) || slices.ContainsFunc(k.Recipients, func(r Recipient) bool { return !own(r) }) {
		judge("formats", k.Formats)
	}
	for i, r := range k.Recipients {
		judge(fmt.Sprintf("recipients[%d].formats", i), r.Formats)
	}
}

package alert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm"

	"roundtrip/graph"
	"roundtrip/queries"
)

// judgeTimeout bounds the judgement of one rule. Steps bound it first, always at
// the same place; this is for a machine that stalls.
const judgeTimeout = 20 * time.Second

// Verdict is what one rule found.
type Verdict struct {
	Rule   string
	Raised []Raised // in the order of the rows; at most MaxFound
	More   int      // found beyond these
	// Unknown counts comparisons with an unknown value.
	Unknown int
	// Undecided says that with other values for what is unknown the rule would find
	// more.
	Undecided bool
	Err       error // an *Error: the rule could not be judged

	keys   map[string]bool // of everything found, beyond MaxFound too
	hidden map[string]bool // of what it would find with other values for what is unknown
}

// Raised is one alert.
type Raised struct {
	Rule         string
	Title        string
	Text         string // what was found, to stand after the title and a colon
	Key          string // the rule and the ids concerned
	Muted        string // the reason, "" where it is not muted
	Acknowledged bool
}

// Note says what a reader should know about a judgement beside what was raised:
// unknown values, an error; "" for nothing.
func (v Verdict) Note() string {
	var parts []string
	if v.Err != nil {
		parts = append(parts, "It could not be judged: "+v.Err.Error()+".")
	}
	if v.More > 0 {
		parts = append(parts, fmt.Sprintf("It found %d more.", v.More))
	}
	if v.Unknown > 0 {
		times := "once"
		switch {
		case v.Unknown == 2:
			times = "twice"
		case v.Unknown > 2:
			times = fmt.Sprintf("%d times", v.Unknown)
		}
		text := "It met an unknown value " + times
		if v.Undecided {
			text += ", and might find more if these were known"
		}
		parts = append(parts, text+".")
	}
	return strings.Join(parts, " ")
}

// Judge judges the rules of a report on a day. acknowledged are the keys that
// somebody has taken note of; still are those of them that have not ceased: pass
// them at the next judgement.
func Judge(ctx context.Context, rules []*Program, in Input, day graph.Date, acknowledged []string) (verdicts []Verdict, still []string) {
	f := newFacts(&in)
	for _, p := range rules {
		v := p.judge(ctx, f)
		for i := range v.Raised {
			v.Raised[i].Muted = p.rule.Mute.on(day)
			v.Raised[i].Acknowledged = slices.Contains(acknowledged, v.Raised[i].Key)
		}
		verdicts = append(verdicts, v)
	}
	for _, key := range acknowledged {
		i := slices.IndexFunc(verdicts, func(v Verdict) bool { return key == v.Rule || strings.HasPrefix(key, v.Rule+"/") })
		if i >= 0 && (verdicts[i].Err != nil || verdicts[i].keys[key] || verdicts[i].hidden[key]) && !slices.Contains(still, key) {
			still = append(still, key)
		}
	}
	return verdicts, still
}

// thing is one thing that a rule found.
type thing struct{ key, text string }

func (p *Program) judge(ctx context.Context, f *facts) Verdict {
	ctx, cancel := context.WithTimeout(ctx, judgeTimeout)
	defer cancel()
	v := Verdict{Rule: p.rule.Name, keys: map[string]bool{}, hidden: map[string]bool{}}
	env := f.environment(p)
	sure, unknown, err := p.pass(ctx, f, env, never)
	v.Unknown = unknown
	found := map[string]int{} // in how many of the passes
	passes := 1
	for _, g := range []guess{always, odd, even} {
		if err != nil || unknown == 0 {
			break
		}
		var list []thing
		list, _, err = p.pass(ctx, f, env, g)
		passes++
		for _, t := range list {
			found[t.key]++
		}
	}
	if err != nil {
		v.Err = &Error{Rule: p.rule.Name, Problem: err.Error(), Err: err}
		return v
	}
	for _, t := range sure {
		found[t.key]++
		if found[t.key] < passes || v.keys[t.key] {
			continue
		}
		v.keys[t.key] = true
		if len(v.Raised) == MaxFound {
			v.More++
			continue
		}
		v.Raised = append(v.Raised, Raised{Rule: p.rule.Name, Title: p.title(), Text: t.text, Key: t.key})
	}
	for key := range found {
		if !v.keys[key] {
			v.Undecided = true
			v.hidden[key] = true
		}
	}
	return v
}

func (p *Program) title() string {
	if p.rule.Title == "" {
		return p.rule.Name
	}
	return strings.TrimSuffix(p.rule.Title, ".")
}

// pass judges once. The error says what the rule cannot do.
func (p *Program) pass(ctx context.Context, f *facts, env map[string]any, g guess) (things []thing, unknown int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.run = &judging{ctx: ctx, guess: g}
	defer func() {
		unknown = p.run.unknown
		if r := recover(); r != nil {
			err = fmt.Errorf("the expression cannot be worked out: %v", r)
		}
	}()
	out, err := vm.Run(p.code, env)
	if err != nil {
		if errors.Is(err, errSteps) || strings.Contains(err.Error(), errSteps.Error()) {
			return nil, 0, errSteps
		}
		if ctx.Err() != nil {
			return nil, 0, fmt.Errorf("it was not judged in time: %w", ctx.Err())
		}
		message := plain(err.Error())
		if strings.Contains(message, "memory budget") {
			message = "it makes lists that are too large"
		}
		return nil, 0, errors.New(message)
	}
	all, err := p.things(f, out)
	seen := map[string]bool{}
	for _, t := range all {
		if !seen[t.key] {
			seen[t.key] = true
			things = append(things, t)
		}
	}
	return things, 0, err
}

// things are what the value of an expression found.
func (p *Program) things(f *facts, out any) ([]thing, error) {
	switch x := out.(type) {
	case bool:
		if !x {
			return nil, nil
		}
		return []thing{{p.key(), sentence("", p.figures(f))}}, nil
	case found:
		return p.rowThings(f, x.rows, x.column)
	case []string:
		var list []thing
		for _, s := range x {
			list = append(list, thing{p.key(s), sentence(f.in.company(s), nil)})
		}
		return list, nil
	}
	return p.rowThings(f, out, "")
}

func (p *Program) rowThings(f *facts, out any, by string) ([]thing, error) {
	rows, ok := out.([]any)
	if !ok {
		return nil, fmt.Errorf("the expression gives %s; want true or false, a list of rows, or a list of texts", plain(fmt.Sprintf("%T", out)))
	}
	var list []thing
	for _, r := range rows {
		switch x := r.(type) {
		case string:
			list = append(list, thing{p.key(x), sentence(f.in.company(x), nil)})
			continue
		case map[string]any:
			id, ok := x[identityKey].(*identity)
			if !ok {
				return nil, errors.New("the expression gives objects of its own; want rows as they are")
			}
			parts, label := strings.Split(id.id, "\x00"), id.label
			if by != "" {
				s, _ := x[by].(string)
				parts, label = []string{s}, f.in.company(s)
			}
			list = append(list, thing{p.key(parts...), sentence(label, p.details(id, by))})
		default:
			return nil, fmt.Errorf("the expression gives a list of %s; want rows or texts", plain(fmt.Sprintf("%T", r)))
		}
	}
	return list, nil
}

// key is the name of the rule and the ids concerned, hashed where they are long
// or hold other characters than letters, digits, dots, hyphens and underscores.
func (p *Program) key(ids ...string) string {
	if len(ids) == 0 {
		return p.rule.Name
	}
	joined := strings.Join(ids, "/")
	odd := strings.ContainsFunc(joined, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._-/", c)
	})
	if odd || len(joined) > 100 || strings.Count(joined, "/") != len(ids)-1 && len(ids) > 1 {
		sum := sha256.Sum256([]byte(strings.Join(ids, "\x00")))
		joined = hex.EncodeToString(sum[:8])
	}
	return p.rule.Name + "/" + joined
}

// details are the fields that the expression looks at.
func (p *Program) details(id *identity, by string) []string {
	var list []string
	for _, field := range p.fields {
		i := slices.IndexFunc(id.values, func(d detail) bool { return d.name == field })
		if i < 0 || field == by {
			continue
		}
		said := strings.TrimSpace(id.values[i].title + " " + id.values[i].shown)
		if !slices.Contains(list, said) {
			list = append(list, said)
		}
	}
	return list
}

// figures are the figures that the expression names, with what they are.
func (p *Program) figures(f *facts) []string {
	var list []string
	for _, m := range p.mentions {
		i := slices.IndexFunc(f.in.Answers, func(a Answer) bool { return a.Ask == m.ask })
		if i < 0 || f.in.Answers[i].Result == nil {
			continue
		}
		a := f.in.Answers[i]
		title, now := f.in.figureNamed(a.Result, m)
		if title == "" {
			continue
		}
		said := title + " " + now
		if a.Before != nil {
			if _, was := f.in.figureNamed(a.Before, m); was != "" {
				said += " (" + was + " before)"
			}
		}
		if !slices.Contains(list, said) {
			list = append(list, said)
		}
	}
	return list
}

func (in *Input) figureNamed(r *queries.Result, m mention) (title, shown string) {
	for _, f := range queries.Figures(r.Summary) {
		if f.Path == m.name || f.Path == m.name+"_cents" {
			return titleOf(f, in.company), in.shown(f.Column, f.Value)
		}
	}
	return "", ""
}

// sentence says what was found, and the values that the rule looks at. It stands
// after the title.
func sentence(label string, details []string) string {
	text := label
	switch {
	case label == "" && len(details) == 0:
		text = "It is so"
	case label == "":
		text = strings.Join(details, ", ")
		first, size := utf8.DecodeRuneInString(text)
		text = string(unicode.ToUpper(first)) + text[size:]
	case len(details) > 0:
		text += " – " + strings.Join(details, ", ")
	}
	return strings.Join(strings.Fields(text), " ") + "."
}

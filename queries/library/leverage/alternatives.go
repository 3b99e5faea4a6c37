package leverage

import (
	"fmt"
	"slices"
	"strings"

	"roundtrip/graph"
	"roundtrip/queries"
)

// Alternatives are how much of its business a company could place elsewhere, 0
// to 1: one number for all, or numbers of single companies, 0 for the others.
// The zero value is 0 for all.
type Alternatives struct {
	all graph.Decimal
	of  []alternative // in byte order of the companies; nil where all counts
}

type alternative struct {
	company string
	value   graph.Decimal
}

// UnmarshalText reads a number, or company=number with commas between.
func (a *Alternatives) UnmarshalText(text []byte) error {
	const want = "want a number from 0 to 1, or a list such as nvidia=0.2,oracle=0.5"
	read := func(number string) (graph.Decimal, error) {
		d, err := graph.ParseDecimal(strings.TrimSpace(number))
		if err != nil || !d.Known() || d.Micro() < 0 || d.Micro() > 1_000_000 {
			return d, fmt.Errorf("%q is not a number from 0 to 1 with at most six decimal places; %s", number, want)
		}
		return d, nil
	}
	var out Alternatives
	var err error
	if !strings.ContainsAny(string(text), "=,") {
		if out.all, err = read(string(text)); err != nil {
			return err
		}
		*a = out
		return nil
	}
	for item := range strings.SplitSeq(string(text), ",") {
		company, number, ok := strings.Cut(item, "=")
		company = strings.TrimSpace(company)
		if !ok || company == "" {
			return fmt.Errorf("%q names no company and number; %s", item, want)
		}
		d, err := read(number)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(out.of, func(x alternative) bool { return x.company == company }) {
			return fmt.Errorf("names %s twice", company)
		}
		out.of = append(out.of, alternative{company, d})
	}
	slices.SortFunc(out.of, func(x, y alternative) int { return strings.Compare(x.company, y.company) })
	*a = out
	return nil
}

// MarshalText writes the form that UnmarshalText reads: 0 for the zero value.
func (a Alternatives) MarshalText() ([]byte, error) {
	if a.of == nil {
		return []byte(graph.Micro(a.all.Micro()).String()), nil
	}
	items := make([]string, len(a.of))
	for i, x := range a.of {
		items[i] = x.company + "=" + x.value.String()
	}
	return []byte(strings.Join(items, ",")), nil
}

// under maps the companies to those of the view. Two of one group must not say
// different things.
func (a Alternatives) under(in queries.Scope, argument string) (func(company string) graph.Decimal, error) {
	if a.of == nil {
		return func(string) graph.Decimal { return a.all }, nil
	}
	of := map[string]graph.Decimal{}
	for _, x := range a.of {
		v, err := queries.CompanyArg(in.View, argument, x.company)
		if err != nil {
			return nil, err
		}
		id := in.View.Companies()[v]
		if known, twice := of[id]; twice && known != x.value {
			given, _ := a.MarshalText() // never an error
			return nil, queries.ArgumentErrors{{Name: argument, Given: string(given), Problem: fmt.Sprintf("gives two numbers for %s, which counts as one company under rollup", id)}}
		}
		of[id] = x.value
	}
	return func(company string) graph.Decimal { return of[company] }, nil
}

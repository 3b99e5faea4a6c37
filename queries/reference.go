package queries

import (
	"fmt"
	"io"
	"strings"

	"roundtrip/graph"
)

// WriteReference writes the reference page of the analyses as Markdown, made
// from their declarations. find answers the example of an analysis, of which
// the page shows the finding.
func WriteReference(w io.Writer, c Catalogue, find func(a *Analysis) (command, finding string, err error)) error {
	var b strings.Builder
	b.WriteString("# Analyses\n\nGenerated from the declarations in `queries/library`; `make generate` writes it again.\n\n")
	b.WriteString("Run one with `roundtrip analyze NAME`, at `GET /api/v1/analyses/NAME`, or on the page. Every analysis also takes the fields of the\n[lens](lens.md). Money in parameters is in dollars, with k, m, bn or tn. In JSON money is integer cents under `*_cents`, with the\ndollars as a text under the plain name; unknown is null. In formulas w is the known amount of an edge, Fin what FUNDS\nedges put in (with GRANTS where the lens has them), Buy what PAYS edges pay.\n\n")
	for _, a := range c {
		fmt.Fprintf(&b, "- [%s](#%s): %s\n", a.Name, a.Name, a.Question)
	}
	for _, a := range c {
		fmt.Fprintf(&b, "\n## %s\n\n%s. %s\n\n%s\n\nRows are ordered by %s. ", a.Name, a.Title, a.Question, a.Method, a.Order)
		if a.HasTwin {
			b.WriteString("Engines: native and Cypher.\n")
		} else {
			b.WriteString("Engine: native only.\n")
		}
		var differs []string
		plain := (&Analysis{Lens: graph.DefaultLens()}).LensDefaults()
		for i, d := range a.LensDefaults() {
			if d != plain[i] {
				differs = append(differs, fmt.Sprintf("`%s` is `%s`", d.Name, d.Value))
			}
		}
		if len(differs) > 0 {
			fmt.Fprintf(&b, "\nLens defaults of its own: %s.\n", strings.Join(differs, ", "))
		}
		fmt.Fprintf(&b, "\nFormula: %s.\n\nOrigin: %s\n", a.Formula, a.Origin)
		command, finding, err := find(a)
		if err != nil {
			return fmt.Errorf("the example of %s: %w", a.Name, err)
		}
		fmt.Fprintf(&b, "\nOn the shipped data `%s` finds: %s\n", command, finding)
		if len(a.Params) > 0 {
			b.WriteString("\n| parameter | type | default | meaning |\n|---|---|---|---|\n")
			for _, p := range a.Params {
				fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", p.Name, p.allowed(), p.defaulted(), p.Doc)
			}
		}
		b.WriteString("\n| column | type | meaning |\n|---|---|---|\n")
		for _, x := range a.Columns {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", x.Name, x.kind(), x.Description)
		}
		b.WriteString("\n| summary | type | meaning |\n|---|---|---|\n")
		for _, x := range a.Summary {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", x.Name, x.kind(), x.Description)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// defaulted is the default, or that there is none to do without.
func (p Param) defaulted() string {
	if p.Required {
		return "required"
	}
	return code(p.Default)
}

// allowed is the type of the parameter with what it allows.
func (p Param) allowed() string {
	if len(p.Enum) > 0 {
		return "`" + strings.Join(p.Enum, "`, `") + "`"
	}
	return p.Type + p.limits()
}

func (c Column) kind() string {
	kind := strings.ReplaceAll(c.Type, "_", " ")
	if c.Unit != "" {
		kind += ", " + c.Unit
	}
	return kind
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

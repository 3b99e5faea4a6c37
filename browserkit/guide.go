package browserkit

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
)

// guide is a page of slides that Browser shows beside its results.
type guide struct {
	title  string
	slides []slide
}

// slide is a heading and what stands under it, in order.
type slide struct {
	title string
	parts []part
}

// part is one of: a paragraph, a script, a finding, a command of roundtrip, a
// client command of Browser, the picture of the model.
type part struct {
	text    string // a paragraph of plain text
	script  string // the name of a script to run
	finding string // the name of a script or native request whose finding is told
	command string // of roundtrip, for what Cypher cannot express
	client  string // a command of Browser; BASE stands for the address of the kit
	label   string // what the client command is called
	model   bool
}

func says(text string) part             { return part{text: text} }
func runs(script string) part           { return part{script: script} }
func finds(name string) part            { return part{finding: name} }
func shell(command string) part         { return part{command: command} }
func button(label, command string) part { return part{label: label, client: command} }

// shownPart is a part as the page needs it.
type shownPart struct {
	Text, Title, Cypher, Finding, Command, Label, Client string
	Model                                                template.HTML
}

type shownSlide struct {
	Title string
	Parts []shownPart
}

// The classes are those that Browser styles; a pre that is runnable gets a
// button to run it.
var guidePage = template.Must(template.New("guide").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{.Title}}</title></head>
<body>
{{range .Slides}}<slide>
<div style="padding: 0 18px 24px">
<h3>{{.Title}}</h3>
{{range .Parts}}{{if .Text}}<p>{{.Text}}</p>
{{end}}{{if .Finding}}<blockquote>{{.Finding}}</blockquote>
{{end}}{{if .Cypher}}<p><b>{{.Title}}</b></p>
<pre class="pre-scrollable code runnable">{{.Cypher}}</pre>
{{end}}{{if .Command}}<pre>{{.Command}}</pre>
{{end}}{{if .Client}}<p><button class="btn btn-cta" data-exec="{{.Client}}">{{.Label}}</button></p>
{{end}}{{.Model}}{{end}}</div>
</slide>
{{end}}</body>
</html>
`))

// guide writes the page of a guide whose kit is served at base.
func (k *Kit) guide(g guide, base string) ([]byte, error) {
	data := struct {
		Title  string
		Slides []shownSlide
	}{Title: g.title}
	for _, s := range g.slides {
		shown := shownSlide{Title: s.title}
		for _, p := range s.parts {
			out, err := k.part(p, base)
			if err != nil {
				return nil, fmt.Errorf("the guide %s, %s: %w", g.title, s.title, err)
			}
			shown.Parts = append(shown.Parts, out)
		}
		data.Slides = append(data.Slides, shown)
	}
	var b bytes.Buffer
	if err := guidePage.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("write the guide %s: %w", g.title, err)
	}
	return b.Bytes(), nil
}

func (k *Kit) part(p part, base string) (shownPart, error) {
	out := shownPart{Text: p.text, Command: p.command, Label: p.label, Client: strings.ReplaceAll(p.client, "BASE", base)}
	if p.script != "" {
		s, ok := k.script(p.script)
		if !ok {
			return out, fmt.Errorf("there is no script %s", p.script)
		}
		out.Title, out.Cypher = s.Title, s.Text
	}
	if p.finding != "" {
		if out.Finding = k.findings[p.finding]; out.Finding == "" {
			return out, fmt.Errorf("there is no finding %s", p.finding)
		}
	}
	if p.model {
		out.Model = template.HTML(modelPicture) // a file of this package
	}
	return out, nil
}

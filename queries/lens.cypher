{{define "legs" -}}
MATCH (payer:Company)-[leg:{{.Types}}]->(payee:Company)
WHERE {{.Known "leg"}}  // known that day, and not replaced
  AND {{.Basis "leg"}}
  AND {{.Ends}}
{{- if not .Lens.Aggregates}}
  AND NOT leg.aggregate  // legs of unnamed parties are left out
{{- end}}
{{- if not .Lens.Overlaps}}
  AND leg.counted  // legs that overlap others are left out
{{- end}}
{{- if eq .Lens.Conditional "false"}}
  AND NOT leg.conditional
{{- else if eq .Lens.Conditional "only"}}
  AND leg.conditional
{{- end}}
{{- if .Lens.Kinds}}
  AND leg.kind IN $kinds
{{- end}}
{{- if .Lens.Companies}}
  AND {{.Among}}
{{- end}}
{{- if not .Lens.Parts}}
{{- if .Paid}}
  AND (leg.descendants IS NULL OR NOT EXISTS {  // a whole goes when one of its parts has a figure
    UNWIND leg.descendants AS part_id
    MATCH ()-[part:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES {id: part_id}]->()
    WHERE part.realised_cents > 0 AND {{.Known "part"}} })
{{- end}}
  AND (leg.ancestors IS NULL OR NOT EXISTS {  // a part goes when its whole counts already
    UNWIND leg.ancestors AS whole_id
    MATCH ()-[whole:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES {id: whole_id}]->()
    WHERE {{.Known "whole"}}
      AND {{.Basis "whole"}} AND {{.Amount "whole"}} IS NOT NULL
{{- if .Paid}}
      AND (whole.descendants IS NULL OR NOT EXISTS {
        UNWIND whole.descendants AS paid_id
        MATCH ()-[part:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES {id: paid_id}]->()
        WHERE part.realised_cents > 0 AND {{.Known "part"}} })
{{- end}} })
{{- end}}
WITH payer, payee, type(leg) AS class, leg, {{.Amount "leg"}} AS cents
{{- if .MinAmount}}
WHERE cents >= $min_cents
{{- end}}
ORDER BY CASE WHEN size(leg.announced_text) > 10 THEN datetime(leg.announced_text).epochMillis
  WHEN leg.announced IS NOT NULL THEN datetime({date: leg.announced}).epochMillis END, leg.id  // undated legs come last
{{- end}}
{{define "edges" -}}
{{template "legs" .}}
WITH payer, payee, class, collect(leg.id) AS legs, sum(cents) AS sum, count(cents) AS known  // parallel legs merge
WITH payer, payee, class, legs, CASE WHEN known > 0 THEN sum END AS cents, 0 < known < size(legs) AS partial
{{- end}}

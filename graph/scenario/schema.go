package scenario

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// JSONSchema is the JSON Schema (2020-12) of a scenario, made from its
// declaration; the same bytes at each call. It says what a text may hold; which
// ids are known and what a graph may look like is judged by Apply.
func JSONSchema() []byte {
	var kinds []any
	for _, k := range Steps() {
		body := objectOf(k.Keys)
		body["description"] = k.Doc
		kinds = append(kinds, map[string]any{
			"type": "object", "title": k.Name, "required": []string{k.Name}, "additionalProperties": false,
			"properties": map[string]any{k.Name: body},
		})
	}
	root := objectOf(Head())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Scenario"
	steps := root["properties"].(map[string]any)["steps"].(map[string]any)
	steps["items"], steps["minItems"], steps["maxItems"] = map[string]any{"oneOf": kinds}, 1, maxSteps
	b, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("scenario: the schema does not encode: %v", err))
	}
	return append(b, '\n')
}

// objectOf is the schema of a mapping with these keys.
func objectOf(keys []Key) map[string]any {
	properties := map[string]any{}
	required := []string{}
	for _, k := range keys {
		properties[k.Name] = schemaOf(k)
		if k.Alias != "" {
			alias := schemaOf(k)
			alias["description"] = "The same as " + k.Name + "."
			properties[k.Alias] = alias
		}
		if k.Required { // none of them has a second name
			required = append(required, k.Name)
		}
	}
	o := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

func schemaOf(k Key) map[string]any {
	s := map[string]any{"description": described(k)}
	value := map[string]any{}
	switch k.Type {
	case "money", "number":
		value["type"] = []string{"string", "number"}
	case "integer":
		value["type"] = "integer"
	case "flag":
		value["type"] = "boolean"
		if len(k.Allowed) > 0 {
			value = map[string]any{"enum": []any{true, false, "yes", "no"}}
		}
	case "date":
		value["type"] = []string{"string", "integer"} // a bare year may come as a number
	default:
		value["type"] = "string"
	}
	for key, limit := range map[string]string{"minimum": k.Minimum, "maximum": k.Maximum} {
		if limit != "" {
			value[key] = json.Number(limit)
		}
	}
	if len(k.Allowed) > 0 && k.Type != "flag" {
		value["enum"] = slices.Clone(k.Allowed)
	}
	switch k.Type {
	case "list":
		s["oneOf"] = []any{value, map[string]any{"type": "array", "items": value, "uniqueItems": true}}
	case "records":
		s["type"], s["items"] = "array", objectOf(k.Keys)
	case "steps":
		s["type"] = "array"
	default:
		for key, v := range value {
			s[key] = v
		}
	}
	return s
}

// described is the sentence of the key with what it refers to and its default.
func described(k Key) string {
	text := k.Doc
	if k.Refs != "" {
		text += " Ids of " + k.Refs + " records."
	}
	if k.Default != "" {
		text += " Default: " + strings.TrimSuffix(k.Default, ".") + "."
	}
	return text
}

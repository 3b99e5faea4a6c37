package strictyaml

import (
	"fmt"
	"strings"
)

// Table is a table of keys for people, as Markdown.
func Table(keys []Key) string {
	var b strings.Builder
	b.WriteString("| key | form | default | meaning |\n|---|---|---|---|\n")
	for i := range keys {
		k := &keys[i]
		name := "`" + k.Name + "`"
		if k.Alias != "" {
			name += " or `" + k.Alias + "`"
		}
		byDefault := k.Default
		if k.Required {
			byDefault = strings.TrimSuffix("required by "+strings.Join(k.For, ", "), " by ")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, k.form(), byDefault, k.Doc)
	}
	return b.String()
}

// form is what the key takes, in words.
func (k *Key) form() string {
	allowed := "`" + strings.Join(k.Allowed, "`, `") + "`"
	switch {
	case k.Type == "list" && len(k.Allowed) > 0:
		return "list of " + allowed
	case k.Type == "list" && k.Refs != "":
		return "list of " + k.Refs + " ids"
	case k.Type == "records" || k.Type == "steps":
		return "list of mappings"
	case k.Type == "record" || k.Type == "request":
		return "mapping"
	case k.Type == "arguments":
		return "arguments by name"
	case k.Type == "value":
		return "value of its type"
	case k.Type == "flag":
		return "true or false"
	case len(k.Allowed) > 0:
		return allowed
	case k.Minimum != "" || k.Maximum != "":
		return k.Type + strings.Replace(k.within(), " of at least", " from", 1)
	}
	return k.Type
}

// Package scenario applies a what-if to a snapshot: legs added, removed,
// scaled, delayed or given another state, in order. The result is a new
// snapshot of the same revision, checked by the rules of an import; nothing is
// written to a store.
//
// A scenario is a YAML or JSON text. What it may say is declared once, in Head,
// Steps and their keys: the reader, the JSON schema and the documentation
// follow the declaration.
package scenario

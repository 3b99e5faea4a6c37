package graph

import (
	"fmt"
	"slices"
	"strings"
)

// FieldType is the form of a field's value.
type FieldType uint8

// The types. In CSV a list is separated by semicolons, money is dollars, a
// flag is yes or no, and an empty cell is an absent value.
const (
	TextField FieldType = iota
	IDField             // the record's own id, or one id of the kind in Refs
	ListField           // texts, or ids of the kind in Refs
	MoneyField
	NumberField // at most six decimal places
	DateField
	FlagField // yes or no
)

// String is the name that documentation uses.
func (t FieldType) String() string {
	return [...]string{"text", "id", "list", "money", "number", "date", "flag"}[t]
}

// Field declares one field of a record: its column in CSV files, its name in
// JSON and in stores, its form, and its documentation. Everything that reads,
// writes, stores, hashes or documents records works from these declarations.
type Field struct {
	Name     string
	Type     FieldType
	Required bool       // an import without it is an error
	Refs     RecordKind // the kind that an id or a list of ids points at
	Allowed  []string   // the closed list of values, nil when any is allowed
	Default  string     // the value of an absent cell, in words where it depends on others
	Derived  bool       // written to files, checked on reading, not stored
	Doc      string
	ref      func(Record) any
}

// Fields are the fields of a kind of record in the order of their columns. The
// first is always the id. The slice is not to be changed.
func Fields(k RecordKind) []Field { return schema[k] }

// FieldNamed is the field of that name.
func FieldNamed(k RecordKind, name string) (Field, bool) {
	i := slices.IndexFunc(schema[k], func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return schema[k][i], true
}

// noFlag is a yes/no field that is stored as its own negation, so that the zero
// value of a record is the default.
type noFlag bool

// Text is the value of the field as a CSV cell; "" when it is absent.
func (f Field) Text(r Record) string {
	switch p := f.ref(r).(type) {
	case *string:
		return *p
	case *FlowKind:
		return string(*p)
	case *Status:
		return string(*p)
	case *Money:
		return p.String()
	case *Decimal:
		return p.String()
	case *Date:
		return p.String()
	case *[]string:
		return strings.Join(*p, ";")
	case *noFlag:
		if *p {
			return "no"
		}
		return "yes"
	case Precision:
		return p.String()
	}
	panic("graph: field " + f.Name + " has no form")
}

// List is the value of a list field; nil for other types. It is not to be
// changed.
func (f Field) List(r Record) []string {
	if p, ok := f.ref(r).(*[]string); ok {
		return *p
	}
	return nil
}

// Money is the value of a money field; unknown for other types.
func (f Field) Money(r Record) Money {
	if p, ok := f.ref(r).(*Money); ok {
		return *p
	}
	return Money{}
}

// Set reads a CSV cell into the field. It is an error when the cell does not
// have the form of the field or is not among its allowed values; whether ids
// are known is not checked here. Derived fields are left alone.
func (f Field) Set(r Record, cell string) error {
	if len(f.Allowed) > 0 && cell != "" && !slices.Contains(f.Allowed, cell) {
		return fmt.Errorf("%q is not allowed; want one of %s", cell, strings.Join(f.Allowed, ", "))
	}
	var err error
	switch p := f.ref(r).(type) {
	case *string:
		*p = cell
	case *FlowKind:
		*p = FlowKind(cell)
	case *Status:
		*p = Status(cell)
	case *Money:
		*p, err = ParseMoney(cell)
	case *Decimal:
		*p, err = ParseDecimal(cell)
	case *Date:
		*p, err = ParseDate(cell)
	case *[]string:
		*p, err = splitList(cell)
	case *noFlag:
		*p = cell == "no"
	case Precision:
	}
	return err
}

// SetList sets a list field from its items.
func (f Field) SetList(r Record, items []string) {
	if p, ok := f.ref(r).(*[]string); ok {
		*p = nil
		if len(items) > 0 {
			*p = items
		}
	}
}

func splitList(cell string) ([]string, error) {
	if cell == "" {
		return nil, nil
	}
	items := strings.Split(cell, ";")
	for i, s := range items {
		items[i] = strings.TrimSpace(s)
		if items[i] == "" {
			return nil, fmt.Errorf("%q has an empty item; items are separated by one semicolon", cell)
		}
		if slices.Contains(items[:i], items[i]) {
			return nil, fmt.Errorf("%q names %q twice", cell, items[i])
		}
	}
	return items, nil
}

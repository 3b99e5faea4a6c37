package neo4jstore

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
)

// PlanStep is one operator of a plan with those that feed it.
type PlanStep struct {
	Operator string // without the database: NodeByLabelScan
	Details  string
	Rows     float64 // as Neo4j estimates them
	Children []PlanStep
}

// each visits the step and all below it.
func (p *PlanStep) each(visit func(*PlanStep) error) error {
	if err := visit(p); err != nil {
		return err
	}
	for i := range p.Children {
		if err := p.Children[i].each(visit); err != nil {
			return err
		}
	}
	return nil
}

// planOf reads a plan. Children() of the driver's plan hands out the last child
// in the place of each, so what it wraps is read instead.
func planOf(p neo4j.Plan) (*PlanStep, error) {
	if p == nil {
		return nil, errors.New("neo4j gave no plan of the statement")
	}
	v := reflect.ValueOf(p)
	if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		if inner := v.Elem().FieldByName("plan"); inner.IsValid() && inner.Kind() == reflect.Pointer && !inner.IsNil() {
			if step, ok := stepOf(inner.Elem()); ok {
				return &step, nil
			}
		}
	}
	return nil, errors.New("the plan is in a form that this program does not know")
}

func stepOf(v reflect.Value) (step PlanStep, ok bool) {
	operator, args, children := v.FieldByName("Operator"), v.FieldByName("Arguments"), v.FieldByName("Children")
	if operator.Kind() != reflect.String || args.Kind() != reflect.Map || children.Kind() != reflect.Slice {
		return step, false
	}
	step.Operator, _, _ = strings.Cut(operator.String(), "@")
	if d := args.MapIndex(reflect.ValueOf("Details")); d.IsValid() && d.Elem().Kind() == reflect.String {
		step.Details = d.Elem().String()
	}
	if n := args.MapIndex(reflect.ValueOf("EstimatedRows")); n.IsValid() && n.Elem().Kind() == reflect.Float64 {
		step.Rows = n.Elem().Float()
	}
	for i := range children.Len() {
		child, ok := stepOf(children.Index(i))
		if !ok {
			return step, false
		}
		step.Children = append(step.Children, child)
	}
	return step, true
}

// readingOperators only read, whatever stands in parentheses behind them. An
// operator that is not among them is refused.
func readingOperators() []string {
	list := []string{
		"Aggregation", "AntiConditionalApply", "AntiSemiApply", "Apply", "Argument", "AssertSameNode", "AssertSameRelationship",
		"BFSPruningVarLengthExpand", "CacheProperties", "CartesianProduct", "ConditionalApply", "Distinct", "Eager", "EagerAggregation",
		"EmptyResult", "EmptyRow", "ExhaustiveLimit", "Expand", "Filter", "IntersectionNodeByLabelsScan", "LeftOuterHashJoin",
		"LetAntiSemiApply", "LetSelectOrAntiSemiApply", "LetSelectOrSemiApply", "LetSemiApply", "Limit", "MultiNodeIndexSeek",
		"NodeByLabelScan", "NodeCountFromCountStore", "NodeHashJoin", "NodeIndexContainsScan", "NodeIndexEndsWithScan", "NodeIndexScan",
		"NodeIndexSeek", "NodeIndexSeekByRange", "NodeLeftOuterHashJoin", "NodeRightOuterHashJoin", "NodeUniqueIndexSeek",
		"NodeUniqueIndexSeekByRange", "NullifyMetadata", "Optional", "OptionalExpand", "OrderedAggregation", "OrderedDistinct",
		"OrderedUnion", "PartialSort", "PartialTop", "PartitionedNodeByLabelScan", "PartitionedUnwind", "ProcedureCall", "ProduceResults",
		"ProjectEndpoints", "Projection", "PruningVarLengthExpand", "RelationshipCountFromCountStore", "Repeat", "RightOuterHashJoin",
		"RollUpApply", "SelectOrAntiSemiApply", "SelectOrSemiApply", "SemiApply", "ShortestPath", "Skip", "Sort", "StatefulShortestPath",
		"SubtractionNodeByLabelsScan", "Top", "Top1WithTies", "TriadicBuild", "TriadicFilter", "TriadicSelection", "Union",
		"UnionNodeByLabelsScan", "Unwind", "ValueHashJoin", "VarLengthExpand",
		"ShowConstraints", "ShowFunctions", "ShowIndexes", "ShowProcedures",
	}
	for _, direction := range []string{"Directed", "Undirected"} {
		for _, scan := range []string{
			"AllRelationshipsScan", "RelationshipByElementIdSeek", "RelationshipByIdSeek", "RelationshipIndexContainsScan",
			"RelationshipIndexEndsWithScan", "RelationshipIndexScan", "RelationshipIndexSeek", "RelationshipIndexSeekByRange",
			"RelationshipTypeScan", "UnionRelationshipTypesScan",
		} {
			list = append(list, direction+scan)
		}
	}
	return list
}

// unlabelled are the operators that find nodes whatever their label.
func unlabelled() []string {
	return []string{"AllNodesScan", "NodeByElementIdSeek", "NodeByIdSeek", "PartitionedAllNodesScan"}
}

var (
	subqueryInDetails = regexp.MustCompile(`(?i)\b(exists|count|collect)\s*\{|ResolvedCall\(|load\s+csv`)
	namesInDetails    = regexp.MustCompile("`(?:[^`]|``)*`")
	ownInDetails      = regexp.MustCompile(`\b` + ownPrefix + `[A-Za-z0-9_]*`)
)

// checkPlan looks at what Neo4j would do for a statement.
func checkPlan(kind neo4j.StatementType, plan *PlanStep) error {
	if kind != neo4j.StatementTypeReadOnly && (kind != neo4j.StatementTypeSchemaWrite || !callsOnlyAllowed(plan)) {
		return refusal("write", "Neo4j says that the statement does more than read (its type is %s); only statements that read are run", kind)
	}
	return checkSteps(plan, nil, readingOperators())
}

// checkSteps looks at a step, which feeds another one, and those below it.
func checkSteps(p, above *PlanStep, reading []string) error {
	if err := p.check(above, reading); err != nil {
		return err
	}
	for i := range p.Children {
		if err := checkSteps(&p.Children[i], p, reading); err != nil {
			return err
		}
	}
	return nil
}

func (p *PlanStep) check(above *PlanStep, reading []string) error {
	name, _, _ := strings.Cut(p.Operator, "(")
	details := namesInDetails.ReplaceAllStringFunc(p.Details, func(quoted string) string {
		if ownLabel(strings.Trim(quoted, "`")) {
			return quoted
		}
		return "_"
	})
	switch {
	case name == "AllNodesScan" && p.expands(above):
		return nil
	case slices.Contains(unlabelled(), name):
		return refusal("unlabelled", "a node without a label would also find the program's own records; name one or several labels, such as (n:Company|Chip)")
	case name == "LoadCSV":
		return refusal("file", "LOAD CSV is not allowed: it lets the database read files and addresses")
	case strings.HasPrefix(name, "Transaction"):
		return refusal("transactions", "CALL ... IN TRANSACTIONS is not allowed: a statement runs in one transaction, which only reads")
	case !slices.Contains(reading, name):
		return refusal("operator", "the plan of the statement has the step %s, which is not known to do nothing but read", name)
	case subqueryInDetails.MatchString(details):
		return errHidden()
	case slices.ContainsFunc(ownInDetails.FindAllString(details, -1), ownLabel):
		return refusal("own", "the statement reads the program's own records, which statements do not see")
	case name == "ProcedureCall":
		return checkProcedure(procedureOf(p))
	}
	return nil
}

// expands tells whether each node of a scan is followed to another node before
// anything else looks at it. The program's own records have no relationships,
// so that none is left.
func (p *PlanStep) expands(above *PlanStep) bool {
	if above == nil || above.Operator != "Expand(All)" && above.Operator != "Expand(Into)" {
		return false
	}
	from, _, ok := strings.Cut(above.Details, ")")
	return ok && from == "("+p.Details && (strings.HasPrefix(above.Details[len(from)+1:], "-[") || strings.HasPrefix(above.Details[len(from)+1:], "<-["))
}

// procedureOf is the name that the details of a call begin with.
func procedureOf(p *PlanStep) string {
	name, _, _ := strings.Cut(p.Details, "(")
	return strings.ReplaceAll(strings.TrimSpace(name), "`", "")
}

// callsOnlyAllowed tells whether a plan is of type s, as Neo4j also calls what
// only tells of the server, because of procedures on the list alone.
func callsOnlyAllowed(plan *PlanStep) bool {
	calls := 0
	err := plan.each(func(p *PlanStep) error {
		if name, _, _ := strings.Cut(p.Operator, "("); name != "ProcedureCall" {
			return nil
		}
		calls++
		return checkProcedure(procedureOf(p))
	})
	return calls > 0 && err == nil
}

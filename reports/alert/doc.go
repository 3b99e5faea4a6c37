// Package alert judges rules over the answers of a report: small expressions that
// are true, or find something, when somebody should look.
//
// A rule is compiled against the questions of its schedule, so a name or a type
// that does not fit is refused when the rule is saved, with its place. It cannot
// run for long or take much memory, and it sees nothing but the report.
//
// What is unknown is never above or below anything: a rule is judged with every
// comparison with an unknown value false, with every one true, and with every other
// one true, and what does not come out each time is not raised.
//
// What an expression sees is declared in declare.go; docs/alerts.md is generated
// from it.
package alert

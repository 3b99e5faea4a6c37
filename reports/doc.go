// Package reports makes reports that arrive by themselves: schedules that say
// when and what, runs that record what was asked of which revision, reports with
// the difference to the run before, alerts, and deliveries that are repeated until
// they are taken.
//
// Schedules, runs and their deliveries are documents beside the graph
// (graph.Documents), so they work with either store and several servers share
// them. A run keeps its inputs, not its pages: asking again with the same inputs
// gives the same bytes, so pages are made anew when they are delivered, read or
// sent again.
package reports

// Package graph is the domain of roundtrip: companies, chips, deals, the legs
// (flows) between companies, their sources, outcomes and metrics; the lens
// through which every answer looks; and the contract that a store keeps.
//
// It imports the standard library only. Money is an integer number of US
// cents, a missing amount is unknown and never zero, and a date keeps the
// precision with which it was reported.
package graph

// Package ruletest tests the alerts of a schedule as unit tests test code: a file
// gives small data, what changes it, and what must be raised. The schedule is the
// real one, and its report is made as the server makes it.
package ruletest

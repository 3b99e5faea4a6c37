package reports

import "time"

// Paced makes the times of the loop longer, for a clock that hurries.
func Paced(r *Runner, pace time.Duration) *Runner {
	r.pace = pace
	return r
}

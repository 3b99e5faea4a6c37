package deliver

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strconv"
	"time"
)

// The retry schedule: the first wait, what each wait grows by, the longest, and
// the number of attempts. Together they last a little over a day.
const (
	FirstWait   = 10 * time.Second
	LongestWait = 4 * time.Hour
	MaxAttempts = 16
	maxAfter    = 24 * time.Hour // the longest that a receiver may ask for
)

// Wait is the time between an attempt (1 for the first) and the next: it doubles
// up to LongestWait, and jitter makes it three quarters to five quarters of that.
// The jitter follows from the key and the attempt, so parcels that failed together
// are not sent again together, and the same parcel waits the same everywhere.
func Wait(key string, attempt int) time.Duration {
	wait := LongestWait
	if shift := max(attempt, 1) - 1; shift < 12 {
		wait = min(LongestWait, FirstWait<<shift)
	}
	sum := sha256.Sum256([]byte(key + "\x00" + strconv.Itoa(attempt)))
	part := time.Duration(binary.BigEndian.Uint64(sum[:8]) % 5001) // of 5000
	return (wait*3/4 + wait/2/5000*part).Truncate(time.Millisecond)
}

// Next is when to try again after an attempt (1 for the first) failed with err at
// a time; false when the parcel is given up, because the error is final or the
// attempts are used up. A receiver that asks to wait longer is heard, up to a day.
func Next(key string, attempt int, at time.Time, err error) (time.Time, bool) {
	if Final(err) || attempt >= MaxAttempts {
		return time.Time{}, false
	}
	wait := Wait(key, attempt)
	var e *Error
	if errors.As(err, &e) {
		wait = max(wait, min(e.After, maxAfter))
	}
	return at.Add(wait), true
}

package deliver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Error is a delivery that failed. It names neither addresses nor secrets: an
// address of a webhook is often a secret itself.
type Error struct {
	Recipient string // its name
	Kind      string
	Problem   string
	Final     bool          // another attempt cannot help
	After     time.Duration // the receiver asks to wait so long; 0 when it does not
	Err       error         // the cause, nil where Problem says all
}

// Error names the recipient and what went wrong.
func (e *Error) Error() string {
	text := fmt.Sprintf("delivery to %s (%s): %s", e.Recipient, e.Kind, e.Problem)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Final tells whether another attempt cannot help. An error that is not an *Error
// is not final.
func Final(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Final
}

// temporary is a failure that another attempt may mend. Addresses in the cause are
// left out.
func temporary(problem string, err error) *Error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		problem, err = problem+": it took too long", context.DeadlineExceeded
	}
	return &Error{Problem: problem, Err: err}
}

func final(format string, args ...any) *Error {
	return &Error{Final: true, Problem: fmt.Sprintf(format, args...)}
}

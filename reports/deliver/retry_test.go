package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"roundtrip/reports/deliver"
)

func TestWaitsDoubleFromTenSecondsToFourHoursWithAQuarterOfJitterEitherWay(t *testing.T) {
	for attempt := 1; attempt <= 40; attempt++ {
		middle := 4 * time.Hour
		if attempt <= 11 {
			middle = time.Duration(10*(1<<(attempt-1))) * time.Second
		}
		least, most := middle, time.Duration(0)
		for i := range 300 {
			w := deliver.Wait(fmt.Sprintf("key-%d", i), attempt)
			least, most = min(least, w), max(most, w)
		}
		if least < middle*3/4 || most > middle*5/4 {
			t.Errorf("attempt %d waits %s to %s, want within a quarter of %s", attempt, least, most, middle)
		}
		if least > middle*4/5 || most < middle*6/5 {
			t.Errorf("attempt %d waits only %s to %s", attempt, least, most)
		}
	}
}

func TestTheSameParcelWaitsTheSameEverywhere(t *testing.T) {
	if a, b := deliver.Wait("daily/mail", 3), deliver.Wait("daily/mail", 3); a != b {
		t.Errorf("waits %s and %s", a, b)
	}
	at := time.Date(2026, 1, 31, 6, 0, 0, 0, time.UTC)
	total := time.Duration(0)
	for attempt := 1; ; attempt++ {
		next, again := deliver.Next("daily/mail", attempt, at, errors.New("no route"))
		if !again {
			if attempt != deliver.MaxAttempts {
				t.Errorf("given up after %d attempts, want %d", attempt, deliver.MaxAttempts)
			}
			break
		}
		total += next.Sub(at)
	}
	if total < 18*time.Hour || total > 30*time.Hour {
		t.Errorf("all waits together are %s, want about a day", total)
	}
}

func TestAFinalErrorIsNotTriedAgainAndAReceiverThatAsksForTimeGetsIt(t *testing.T) {
	at := time.Date(2026, 1, 31, 6, 0, 0, 0, time.UTC)
	if _, again := deliver.Next("k", 1, at, &deliver.Error{Final: true}); again {
		t.Error("a final error is tried again")
	}
	next, again := deliver.Next("k", 1, at, fmt.Errorf("sending: %w", &deliver.Error{After: time.Hour, Err: context.DeadlineExceeded}))
	if !again || !next.Equal(at.Add(time.Hour)) {
		t.Errorf("next attempt at %s, want an hour later", next)
	}
	if next, _ = deliver.Next("k", 1, at, &deliver.Error{After: 1000 * time.Hour}); !next.Equal(at.Add(24 * time.Hour)) {
		t.Errorf("next attempt at %s, want a day later", next)
	}
}

func TestTheRetryTableOfTheDocumentationIsThatOfTheProgram(t *testing.T) {
	var b strings.Builder
	b.WriteString("| attempt failed | wait before the next | at the latest after |\n|---|---|---|\n")
	var latest time.Duration
	for attempt := 1; attempt < deliver.MaxAttempts; attempt++ {
		middle := deliver.LongestWait
		if attempt < 12 {
			middle = min(middle, deliver.FirstWait<<(attempt-1))
		}
		latest += middle * 5 / 4
		fmt.Fprintf(&b, "| %d | %s to %s | %s |\n", attempt, spoken(middle*3/4), spoken(middle*5/4), spoken(latest))
	}
	fmt.Fprintf(&b, "| %d | none: it is given up | |\n", deliver.MaxAttempts)
	page, err := os.ReadFile("../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), b.String()) {
		t.Errorf("docs/alerts.md does not have the table\n%s", b.String())
	}
}

// spoken is a duration in seconds, minutes or hours.
func spoken(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.3g s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.3g min", d.Minutes())
	}
	return fmt.Sprintf("%.3g h", d.Hours())
}

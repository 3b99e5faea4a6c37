package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"roundtrip/graph"
	"roundtrip/graph/scenario"
	"roundtrip/reports"
)

// nextShown is how many coming runs are told.
const nextShown = 5

func newSchedule(s *streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "schedule",
		Short: "Reports that arrive by themselves: schedules, runs and deliveries",
		Long: "A schedule is a YAML file that says when a report is made, what is asked and who gets it; docs/reports.md tells its form.\n" +
			"roundtrip serve runs those that are saved and those in the directory of the setting reports.dir.",
	}
	var reason, form, file, recipient string
	c.AddCommand(
		&cobra.Command{
			Use: "list", Short: "List the schedules and when each runs next", Args: cobra.NoArgs,
			RunE: officeCommand(s, func(ctx context.Context, o *office, _ []string) error { return listSchedules(ctx, s, o) }),
		},
		&cobra.Command{
			Use: "show NAME", Short: "Print a schedule as it was written", Args: cobra.ExactArgs(1),
			RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error {
				f, err := o.book.Get(ctx, args[0])
				if err != nil {
					return err
				}
				_, err = s.out.Write(f.Text)
				return err
			}),
		},
		&cobra.Command{
			Use: "check FILE", Short: "Check a file and tell the next five runs", Args: cobra.ExactArgs(1),
			RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error {
				_, err := checkSchedule(ctx, s, o, args[0])
				return err
			}),
		},
		&cobra.Command{
			Use: "save FILE", Short: "Check a file and keep it in the store under the name that stands in it", Args: cobra.ExactArgs(1),
			RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error {
				text, err := checkSchedule(ctx, s, o, args[0])
				if err != nil {
					return err
				}
				f, err := o.book.Save(ctx, args[0], text, nil, time.Now().UTC())
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(s.out, "saved %s, version %d\n", f.ID, f.Version)
				return err
			}),
		},
		&cobra.Command{
			Use: "delete NAME", Short: "Delete a saved schedule; its runs stay", Args: cobra.ExactArgs(1),
			RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error {
				if _, err := o.book.Delete(ctx, args[0], nil); err != nil {
					return err
				}
				_, err := fmt.Fprintf(s.out, "deleted %s\n", args[0])
				return err
			}),
		},
		&cobra.Command{
			Use: "next NAME", Short: "Tell the next five runs of a schedule", Args: cobra.ExactArgs(1),
			RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error {
				f, err := o.book.Get(ctx, args[0])
				if err == nil {
					err = f.Err
				}
				if err != nil {
					return err
				}
				return tellNext(s, f.Schedule)
			}),
		},
		&cobra.Command{
			Use: "run NAME", Short: "Make and deliver a report now, beside the slots", Args: cobra.ExactArgs(1),
			Long: "Make and deliver a report now, beside the slots. Where a server runs on the store it does the work; after a server that was\n" +
				"killed this may take half a minute.",
			RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error { return runSchedule(ctx, s, o, args[0]) }),
		},
		&cobra.Command{
			Use: "pause NAME", Short: "Let no slot of a schedule run until it is resumed", Args: cobra.ExactArgs(1),
			RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error { return o.runner.Pause(ctx, args[0], true) }),
		},
		&cobra.Command{
			Use: "resume NAME", Short: "Let the slots of a schedule run again from now on", Args: cobra.ExactArgs(1),
			RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error { return o.runner.Pause(ctx, args[0], false) }),
		},
		&cobra.Command{
			Use: "runs NAME", Short: "List the runs of a schedule, the latest first", Args: cobra.ExactArgs(1),
			RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error { return listRuns(ctx, s, o, args[0]) }),
		},
	)
	acknowledge := &cobra.Command{
		Use: "acknowledge NAME KEY", Short: "Take note of an alert, which is quiet until it has ceased and come again", Args: cobra.ExactArgs(2),
		RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error {
			return o.runner.Acknowledge(ctx, args[0], args[1], reason)
		}),
	}
	acknowledge.Flags().StringVar(&reason, "note", "", "what was found out")
	replay := &cobra.Command{
		Use: "replay RUN", Short: "Make the report of a run again: the same bytes", Args: cobra.ExactArgs(1),
		RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error {
			made, err := o.runner.Replay(ctx, args[0])
			if err != nil {
				return err
			}
			files, err := made.Files(ctx, []string{form})
			if err != nil {
				return err
			}
			if file == "" {
				_, err = s.out.Write(files[0].Body)
				return err
			}
			return writeWhole(file, func(f *os.File) error {
				_, err := f.Write(files[0].Body)
				return err
			})
		}),
	}
	replay.Flags().StringVar(&form, "format", "md", "form of the report: "+strings.Join(reports.Forms(), ", ")+"; when not given, as the name of the file ends")
	replay.Flags().StringVarP(&file, "output", "o", "", "file to write the report to; standard output when not given")
	formatOfReport(replay, reports.Forms())
	resend := &cobra.Command{
		Use: "resend RUN", Short: "Deliver again what was given up, or to one recipient", Args: cobra.ExactArgs(1),
		RunE: officeCommand(s, func(ctx context.Context, o *office, args []string) error {
			return o.lead(ctx, func(ctx context.Context) error { return resendRun(ctx, s, o, args[0], recipient) })
		}),
	}
	resend.Flags().StringVar(&recipient, "recipient", "", "the recipient, in whatever state its delivery is; all that were given up when not named")
	c.AddCommand(acknowledge, replay, resend, newScheduleTest(s))
	return c
}

// officeCommand is a command that works with schedules.
func officeCommand(s *streams, do func(ctx context.Context, o *office, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		return withOffice(c, s, func(ctx context.Context, o *office) error { return scheduleFaults(do(ctx, o, args)) })
	}
}

// scheduleFaults lists what is wrong with a schedule, or says that there is none
// of that name.
func scheduleFaults(err error) error {
	var faults scenario.Faults
	switch {
	case errors.As(err, &faults):
		return usage("docs/reports.md tells the form of a schedule", "the schedule cannot be used:\n%w", err)
	case errors.Is(err, graph.ErrNotFound):
		return usage("roundtrip schedule list shows the schedules, roundtrip schedule runs their runs", "%w", err)
	}
	return err
}

func listSchedules(ctx context.Context, s *streams, o *office) error {
	list, err := o.book.List(ctx)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tCRON\tZONE\tNEXT\tFROM\tTITLE")
	for _, f := range list {
		if f.Err != nil {
			fmt.Fprintf(t, "%s\t\t\tcannot be used\t%s\t%s\n", f.ID, f.Origin, strings.SplitN(f.Err.Error(), "\n", 2)[0])
			continue
		}
		paused, err := o.runner.Paused(ctx, f)
		if err != nil {
			return err
		}
		next := "paused"
		if !paused {
			if list, err := reports.NextRuns(f.Schedule, time.Now(), 1); err == nil && len(list) > 0 {
				next = list[0].Format("2006-01-02 15:04 MST")
			}
		}
		zone := f.TimeZone
		if zone == "" {
			zone = "UTC"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", f.ID, f.Cron, zone, next, f.Origin, f.Title)
	}
	return t.Flush()
}

func checkSchedule(ctx context.Context, s *streams, o *office, file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	x, err := reports.ReadSchedule(ctx, file, text, o.checker)
	if err != nil {
		return nil, err
	}
	if err := tellNext(s, x); err != nil {
		return nil, err
	}
	return text, warnIdle(ctx, s, o, x)
}

func tellNext(s *streams, x *reports.Schedule) error {
	list, err := reports.NextRuns(x, time.Now(), nextShown)
	if err != nil {
		return err
	}
	for _, at := range list {
		fmt.Fprintf(s.out, "%s  %s\n", at.Format("Mon 2006-01-02 15:04 MST"), at.UTC().Format(time.RFC3339))
	}
	return nil
}

func runSchedule(ctx context.Context, s *streams, o *office, name string) error {
	var run reports.Run
	err := o.lead(ctx, func(ctx context.Context) error {
		id, err := o.runner.RunNow(ctx, name)
		if err != nil {
			return err
		}
		run, err = o.settled(ctx, id)
		return err
	})
	if err != nil {
		return err
	}
	return tellRun(s, run)
}

func resendRun(ctx context.Context, s *streams, o *office, id, recipient string) error {
	before, err := o.runner.Find(ctx, id)
	if err != nil {
		return err
	}
	n, err := o.runner.Resend(ctx, id, recipient)
	if err != nil {
		return err
	}
	if n == 0 {
		_, err := fmt.Fprintf(s.out, "%s: nothing was given up; --recipient sends to one again\n", id)
		return err
	}
	for {
		run, err := o.settled(ctx, id)
		if err != nil {
			return err
		}
		if attempted(before, run) {
			return tellRun(s, run)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// attempted tells whether a delivery was tried after another reading.
func attempted(before, after reports.Run) bool {
	for i, d := range after.Deliveries {
		if d.At.After(before.Deliveries[i].At) {
			return true
		}
	}
	return false
}

func tellRun(s *streams, run reports.Run) error {
	fmt.Fprintf(s.out, "%s: %s in %s\n", run.ID, run.Outcome, run.Ended.Sub(run.Started).Round(time.Millisecond))
	if run.Finding != "" {
		fmt.Fprintln(s.out, run.Finding)
	}
	for _, a := range run.Alerts {
		note := ""
		switch {
		case a.Muted != "":
			note = " (muted: " + a.Muted + ")"
		case a.Acknowledged:
			note = " (acknowledged)"
		}
		fmt.Fprintf(s.out, "alert %s%s: %s [%s]\n", a.Title, note, a.Text, a.Key)
	}
	bad := run.Outcome == reports.Failed
	for _, d := range run.Deliveries {
		fmt.Fprintf(s.out, "%s: %s\n", sentTo(d), told(d))
		bad = bad || d.Error != ""
	}
	if run.Error != "" {
		return errors.New(run.Error)
	}
	if bad {
		return errors.New("not everything was delivered")
	}
	return nil
}

// sentTo is the recipient of a delivery, and what it gets where that is no report.
func sentTo(d reports.Delivery) string {
	switch d.Notice {
	case reports.NoticeFailed:
		return d.Recipient + ", notice that slots fail"
	case reports.NoticeRecovered:
		return d.Recipient + ", notice that reports come again"
	}
	return d.Recipient
}

func told(d reports.Delivery) string {
	switch {
	case d.State == reports.NotDue:
		return "not due"
	case d.State == reports.Pending && d.Attempts > 0:
		return fmt.Sprintf("attempt %d failed, the next is at %s: %s", d.Attempts, d.Next.Format(time.RFC3339), d.Error)
	case d.State == reports.Dead:
		if d.Attempts == 1 {
			return "given up after one attempt: " + d.Error
		}
		return fmt.Sprintf("given up after %d attempts: %s", d.Attempts, d.Error)
	}
	return d.State
}

func listRuns(ctx context.Context, s *streams, o *office, name string) error {
	runs, err := o.runner.Runs(ctx, name)
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		if _, err := o.book.Get(ctx, name); err != nil {
			return err
		}
	}
	t := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RUN\tOUTCOME\tTOOK\tREVISION\tDELIVERIES\tFINDING")
	for _, r := range runs {
		took := ""
		if r.Outcome == reports.Done || r.Outcome == reports.Failed {
			took = r.Ended.Sub(r.Started).Round(time.Millisecond).String()
		}
		what := r.Finding
		if what == "" {
			what = r.Error
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\n", r.ID, r.Outcome, took, r.Revision, states(r.Deliveries), what)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, r := range runs {
		for _, d := range r.Deliveries {
			if d.State == reports.Dead || d.State == reports.Pending && d.Attempts > 0 {
				fmt.Fprintf(s.out, "%s to %s: %s\n", r.ID, sentTo(d), told(d))
			}
		}
	}
	return nil
}

// states is how many deliveries there are in each state, in the order in which a
// delivery goes through them.
func states(list []reports.Delivery) string {
	var parts []string
	for _, x := range []struct{ state, word string }{
		{reports.Delivered, "delivered"}, {reports.Pending, "pending"}, {reports.Dead, "given up"}, {reports.NotDue, "not due"},
	} {
		n := 0
		for _, d := range list {
			if d.State == x.state {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, x.word))
		}
	}
	return strings.Join(parts, ", ")
}

package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// formatOfFile has a command take the form from the name of the file of --output,
// such as answer.csv, where --format is not given and the name ends in one of the
// forms; other names leave the default.
func formatOfFile(c *cobra.Command, forms []string) {
	before := c.PreRunE
	c.PreRunE = func(c *cobra.Command, args []string) error {
		if before != nil {
			if err := before(c, args); err != nil {
				return err
			}
		}
		if form := endOf(c); !c.Flags().Changed("format") && slices.Contains(forms, form) {
			return c.Flags().Set("format", form)
		}
		return nil
	}
}

// formatOfReport is formatOfFile for reports, whose csv is a zip.
func formatOfReport(c *cobra.Command, forms []string) {
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		if c.Flags().Changed("format") {
			return nil
		}
		switch form := endOf(c); {
		case form == "csv":
			return usage("", "--output %s: csv is a zip with one file per ask; end the name in .zip", c.Flags().Lookup("output").Value)
		case form == "zip":
			return c.Flags().Set("format", "csv")
		case slices.Contains(forms, form):
			return c.Flags().Set("format", form)
		}
		return nil
	}
}

// endOf is how the name of the file of --output ends, such as csv.
func endOf(c *cobra.Command) string {
	return strings.ToLower(strings.TrimPrefix(filepath.Ext(c.Flags().Lookup("output").Value.String()), "."))
}

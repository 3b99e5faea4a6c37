package main

import "github.com/spf13/cobra"

func newConfig(s *streams) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Show the settings"}
	c.AddCommand(&cobra.Command{
		Use:   "print",
		Short: "Print every setting with its origin as YAML; secrets are masked",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := settings(c, s)
			if err != nil {
				return err
			}
			return l.Print(s.out)
		},
	})
	return c
}

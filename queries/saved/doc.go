// Package saved keeps questions under names: requests for analyses and
// statements in Cypher with declared parameters. A saved query is a YAML file that
// is kept byte for byte in the store, next to the graph and never in it; built-in
// ones come with the program.
package saved

// Package strictyaml reads what people write by hand, in YAML or JSON: scenarios,
// saved queries, schedules, tests of alerts. The keys of a mapping are declared;
// a key that is not, or that is given twice, is a fault. Every fault says where
// it is, what was given and what is allowed, and all are told at once. Anchors,
// aliases and tags are refused, and size and depth are limited, so a small text
// never stands for a large one.
//
// The package also writes mappings that it reads back as they were.
package strictyaml

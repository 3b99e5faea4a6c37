// Package browserkit makes what people load into Neo4j Browser to explore a
// graph that roundtrip keeps in Neo4j: a style, saved scripts, two guides and a
// picture of the model.
//
// Everything is made from the declarations of the analyses: a script is a
// request, and its text is the Cypher twin that the service runs for it, with
// literals in place of parameters. What the guides say of the numbers is the
// finding of the same request on the shipped data, found natively. So a kit
// needs neither a store nor a database, and the same program makes the same
// bytes.
package browserkit

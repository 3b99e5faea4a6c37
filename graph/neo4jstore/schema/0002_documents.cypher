// Documents that are kept beside the graph.
CREATE CONSTRAINT roundtrip_document IF NOT EXISTS FOR (n:RoundtripDocument) REQUIRE (n.kind, n.name) IS UNIQUE;

-- Documents that are kept beside the graph. body is NULL once a document is
-- deleted; the row stays, so that its version goes on counting.
CREATE TABLE document (
  kind       TEXT    NOT NULL,
  name       TEXT    NOT NULL,
  version    INTEGER NOT NULL,
  at         TEXT    NOT NULL,
  written_by TEXT    NOT NULL,
  body       BLOB,
  UNIQUE (kind, name)
) STRICT;

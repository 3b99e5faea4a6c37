-- The first schema: current records, their earlier versions, and batches.
PRAGMA application_id = 0x52545250;

-- Current records. body is the canonical form of the record, a JSON object of
-- texts with the absent fields left out; rev_from is the revision that wrote it.
CREATE TABLE record (
  kind     TEXT    NOT NULL,
  id       TEXT    NOT NULL,
  rev_from INTEGER NOT NULL,
  body     TEXT    NOT NULL,
  UNIQUE (kind, id)
) STRICT;

-- Versions that were current from rev_from up to the revision before rev_to.
CREATE TABLE past (
  kind     TEXT    NOT NULL,
  id       TEXT    NOT NULL,
  rev_from INTEGER NOT NULL,
  rev_to   INTEGER NOT NULL,
  body     TEXT    NOT NULL,
  UNIQUE (kind, id, rev_from)
) STRICT;

-- One row for each committed change. The greatest revision is the current one;
-- hash is the content hash of the graph after the change, in hex.
CREATE TABLE batch (
  revision INTEGER PRIMARY KEY,
  origin   TEXT    NOT NULL,
  at       TEXT    NOT NULL,
  added    INTEGER NOT NULL,
  changed  INTEGER NOT NULL,
  deleted  INTEGER NOT NULL,
  undoes   INTEGER,
  hash     TEXT    NOT NULL
) STRICT;

-- The number of current records of each kind.
CREATE TABLE stock (
  kind    TEXT    NOT NULL PRIMARY KEY,
  records INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

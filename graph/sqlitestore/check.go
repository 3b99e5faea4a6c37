package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"roundtrip/graph"
)

// Check reads the whole store: the structure of the file, every current record,
// their number and their content hash. The error joins all that is wrong.
func (s *Store) Check(ctx context.Context) error {
	var faults []error
	err := s.read(ctx, func(tx *sql.Tx) error {
		if err := quickCheck(ctx, tx, &faults); err != nil {
			return err
		}
		return checkContent(ctx, tx, &faults)
	})
	if err != nil {
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("check %s: %w", s.path, err)
	}
	return nil
}

func quickCheck(ctx context.Context, tx *sql.Tx, faults *[]error) error {
	rows, err := tx.QueryContext(ctx, "PRAGMA quick_check(20)")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if text != "ok" {
			*faults = append(*faults, errors.New(text))
		}
	}
	return rows.Err()
}

func checkContent(ctx context.Context, tx *sql.Tx, faults *[]error) error {
	now, err := currentRevision(ctx, tx)
	if err != nil {
		return err
	}
	want, err := stock(ctx, tx)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, "SELECT kind, id, body FROM record")
	if err != nil {
		return err
	}
	defer rows.Close()
	var hash graph.Hash
	got := map[graph.RecordKind]int{}
	for rows.Next() {
		var name, id string
		var body []byte
		if err := rows.Scan(&name, &id, &body); err != nil {
			return err
		}
		kind, err := graph.ParseRecordKind(name)
		if err != nil {
			return fmt.Errorf("record %s: %w", id, err)
		}
		r, err := decode(kind, body)
		if err == nil && r.Key().ID != id {
			err = fmt.Errorf("its body has the id %q", r.Key().ID)
		}
		if err != nil && len(*faults) < 20 {
			*faults = append(*faults, fmt.Errorf("%s: %w", graph.Key{Kind: kind, ID: id}, err))
		}
		got[kind]++
		hash = hash.Plus(graph.DigestCanonical(kind, body))
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, k := range graph.RecordKinds() {
		if got[k] != want[k] {
			*faults = append(*faults, fmt.Errorf("%d %s are stored, %d were counted when they were written", got[k], k.Plural(), want[k]))
		}
	}
	if hash != now.Hash {
		*faults = append(*faults, fmt.Errorf("the records of revision %d have the hash %s, %s was kept", now.Number, hash, now.Hash))
	}
	return nil
}

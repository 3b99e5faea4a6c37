package snapshot

import "roundtrip/graph/near"

// NearCompanies are the ids of at most three companies that someone who wrote
// id may have meant: whose id, name or an alias is much like it, nearest first.
func (s *Snapshot) NearCompanies(id string) []string {
	m := near.To(id)
	for _, known := range s.ids {
		m.Offer(known, known)
	}
	for _, c := range s.companies {
		m.Offer(c.ID, c.Name)
		for _, a := range c.Aliases {
			m.Offer(c.ID, a)
		}
	}
	return m.Names()
}

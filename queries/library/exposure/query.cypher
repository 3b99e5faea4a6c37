// Firms that give or get guarantees, equity claims and conditional money, and chains of guarantees.
//lens legs
WITH {payer: payer.id, payee: payee.id, class: class, id: leg.id, cents: cents, conditional: leg.conditional} AS leg
WHERE leg.class IN ['BACKS', 'GRANTS'] OR leg.conditional
WITH collect(leg) AS legs
CALL (legs) {  // guarantees between the same two firms merge
  UNWIND legs AS leg
  WITH leg WHERE leg.class = 'BACKS'
  WITH leg.payer AS payer, leg.payee AS payee, collect(leg.id) AS ids, sum(leg.cents) AS sum, count(leg.cents) AS known
  RETURN collect({payer: payer, payee: payee, legs: ids, cents: CASE WHEN known > 0 THEN sum END, partial: 0 < known < size(ids)}) AS backs
}
CALL (legs) {
  UNWIND legs AS leg
  UNWIND [leg.payer, leg.payee] AS firm
  RETURN DISTINCT firm
}
WITH firm, backs, [l IN legs WHERE firm IN [l.payer, l.payee]] AS legs
WITH firm, backs, legs, [l IN legs WHERE l.class = 'BACKS' AND l.payer = firm] AS given, [l IN legs WHERE l.class = 'BACKS' AND l.payee = firm] AS got,
     [l IN legs WHERE l.conditional AND l.payer = firm] AS out, [l IN legs WHERE l.conditional AND l.payee = firm] AS into,
     // chains grow hop by hop, each is kept beside those that go on from it
     reduce(chains = [b IN backs WHERE b.payer = firm | [b]], hop IN range(2, $k) |
       chains + reduce(longer = [], c IN [c IN chains WHERE size(c) = hop - 1] | longer +
         [b IN backs WHERE b.payer = c[-1].payee AND b.payee <> firm AND none(h IN c WHERE h.payee = b.payee) | c + [b]])) AS chains
RETURN firm,  // no leg adds up to 0, legs of unknown amount alone to null
       reduce(sum = CASE WHEN size(given) = 0 THEN 0 END, l IN given | CASE WHEN l.cents IS NULL THEN sum ELSE coalesce(sum, 0) + l.cents END) AS backs_given_cents,
       reduce(sum = CASE WHEN size(got) = 0 THEN 0 END, l IN got | CASE WHEN l.cents IS NULL THEN sum ELSE coalesce(sum, 0) + l.cents END) AS backs_received_cents,
       [b IN backs WHERE b.payer = firm | b.payee] AS stands_behind, [b IN backs WHERE b.payee = firm | b.payer] AS backed_by,
       size([l IN legs WHERE l.class = 'GRANTS' AND l.payer = firm]) AS grants_given, size([l IN legs WHERE l.class = 'GRANTS' AND l.payee = firm]) AS grants_received,
       reduce(sum = CASE WHEN size(out) = 0 THEN 0 END, l IN out | CASE WHEN l.cents IS NULL THEN sum ELSE coalesce(sum, 0) + l.cents END) AS conditional_out_cents,
       reduce(sum = CASE WHEN size(into) = 0 THEN 0 END, l IN into | CASE WHEN l.cents IS NULL THEN sum ELSE coalesce(sum, 0) + l.cents END) AS conditional_in_cents,
       size(out) AS n_conditional_out, size(into) AS n_conditional_in, [l IN legs | l.id] AS legs,
       [c IN chains | [firm] + [h IN c | h.payee]] AS paths, [c IN chains | [h IN c | h.cents]] AS hop_amounts_cents,
       [c IN chains | [h IN c | h.partial]] AS partials, [c IN chains | [h IN c | h.legs]] AS hop_legs
ORDER BY backs_given_cents IS NULL, backs_given_cents DESC, firm

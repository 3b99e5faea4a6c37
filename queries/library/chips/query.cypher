// Chips: who runs on them, and the legs that list them.
//lens legs
WITH CASE WHEN $rollup THEN payer.head ELSE payer.id END AS payer,
     CASE WHEN $rollup THEN payee.head ELSE payee.id END AS payee,
     payer.head AS payer_head, class, leg, cents
WITH collect({payer: payer, payee: payee, payer_head: payer_head, class: class, id: leg.id, chips: coalesce(leg.chips, []), cents: cents,
              gw: toInteger(round(toFloat(leg.capacity_gw) * 1000000)),
              use: CASE WHEN leg.kind = 'chip_usage' THEN 'usage'
                        WHEN leg.kind IN $compute_kinds AND payer = payee THEN 'inside'
                        WHEN leg.kind IN $compute_kinds THEN 'compute'
                        WHEN leg.kind = 'chip_purchase' AND payer <> payee THEN 'purchase' END}) AS legs
MATCH (chip:Chip)
OPTIONAL MATCH (maker:Company {id: chip.vendor_id})
WITH chip, maker, maker.head AS head, [l IN legs WHERE chip.id IN l.chips AND l.use IS NOT NULL] AS uses,
     [l IN legs WHERE l.class IN ['FUNDS', 'GRANTS'] AND l.payer <> l.payee] AS ties
CALL (chip, uses) {  // who runs on it
  UNWIND coalesce(chip.user_ids, []) + [l IN uses WHERE l.use <> 'purchase' | CASE WHEN l.use = 'usage' THEN l.payee ELSE l.payer END] AS id
  MATCH (user:Company {id: id})
  WITH DISTINCT CASE WHEN $rollup THEN user.head ELSE user.id END AS user, user.head AS user_head
  ORDER BY user
  RETURN collect({id: user, head: user_head}) AS users
}
WITH chip, head, maker, uses, ties, users,
     reduce(near = [], hop IN range(1, $hops - 1) |  // firms that funding reaches in fewer hops
       near + [l IN ties WHERE (l.payer_head = head OR l.payer IN near) AND NOT l.payee IN near | l.payee]) AS near
WITH chip, head, maker, uses, users, [l IN ties WHERE l.payer_head = head OR l.payer IN near] AS ties  // those that start fewer hops from the maker
WITH chip, head, maker, uses, ties, [u IN users | u.id] AS users, [u IN users WHERE u.head = head | u.id] AS own,
     [u IN users WHERE (head IS NULL OR u.head <> head) AND any(l IN ties WHERE l.payee = u.id) | u.id] AS affiliated
RETURN chip.id AS chip, coalesce(CASE WHEN $rollup THEN maker.head ELSE maker.id END, '') AS maker, users, own AS own_use, affiliated,
       [l IN uses | l.id] AS legs, [l IN uses | l.use] AS uses, [l IN uses | CASE WHEN l.use = 'usage' THEN l.payee ELSE l.payer END] AS parties,
       [l IN uses | l.cents] AS cents, [l IN uses | l.gw] AS gw_micro, [l IN uses | size(l.chips)] AS listed,
       [l IN ties WHERE l.payee IN affiliated | l.id] AS ties
ORDER BY chip

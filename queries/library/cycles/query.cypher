// Loops of value: rings of companies, each joined to the next by an edge.
//lens edges
WITH collect({payer: payer.id, payee: payee.id, class: class, legs: legs, cents: cents, partial: partial}) AS edges
// paths grow hop by hop from their smallest company, a closed one is a ring and stays as it is
WITH reduce(paths = [e IN edges WHERE e.payer < e.payee | [e]], hop IN range(2, $max_hops) |
       reduce(longer = [], p IN paths | longer +
         CASE WHEN p[-1].payee = p[0].payer THEN [p]
              ELSE [e IN edges WHERE e.payer = p[-1].payee AND e.payee >= p[0].payer AND none(h IN p WHERE h.payee = e.payee) | p + [e]] END)) AS paths
UNWIND [p IN paths WHERE p[-1].payee = p[0].payer AND size(p) >= $min_hops] AS hops
WITH hops, [h IN hops | h.cents] AS amounts
WITH hops, amounts, CASE WHEN none(a IN amounts WHERE a IS NULL)
     THEN reduce(least = head(amounts), a IN amounts | CASE WHEN a < least THEN a ELSE least END) END AS bottleneck_cents
RETURN [h IN hops | h.payer] AS ring, [h IN hops | h.class] AS classes, amounts AS hop_amounts_cents, bottleneck_cents,
       [h IN hops | h.partial] AS partials, [h IN hops | h.legs] AS legs
ORDER BY bottleneck_cents IS NULL, bottleneck_cents DESC, size(hops), ring

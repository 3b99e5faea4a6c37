// Paths of value from one company to another.
//lens edges
WITH collect({payer: payer.id, payee: payee.id, class: class, legs: legs, cents: cents, partial: partial}) AS edges
// paths grow hop by hop from their first company, one that has arrived stays as it is
WITH reduce(paths = [e IN edges WHERE e.payer = $from | [e]], hop IN range(2, $k) |
       reduce(longer = [], p IN paths | longer +
         CASE WHEN p[-1].payee = $to THEN [p]
              ELSE [e IN edges WHERE e.payer = p[-1].payee AND e.payee <> $from AND none(h IN p WHERE h.payee = e.payee) | p + [e]] END)) AS paths
UNWIND [p IN paths WHERE p[-1].payee = $to] AS hops
WITH hops, [h IN hops | h.cents] AS amounts
WITH hops, amounts, CASE WHEN none(a IN amounts WHERE a IS NULL)
     THEN reduce(least = head(amounts), a IN amounts | CASE WHEN a < least THEN a ELSE least END) END AS bottleneck_cents
RETURN [$from] + [h IN hops | h.payee] AS path, [h IN hops | h.class] AS classes, amounts AS hop_amounts_cents, bottleneck_cents,
       [h IN hops | h.partial] AS partials, [h IN hops | h.legs] AS legs
ORDER BY bottleneck_cents IS NULL, bottleneck_cents DESC, size(hops), path

// Funding and promises of each buyer in order of date, and what the payee's own group covers of each promise.
//lens legs
WITH payer, payee, class, leg, cents
WHERE class = 'FUNDS' OR leg.kind IN $promise_kinds
WITH class = 'FUNDS' AS fund, payer, payee, leg, cents
WITH collect({buyer: CASE WHEN fund THEN payee.id ELSE payer.id END, leg: leg.id, promise: NOT fund, cents: cents,
              other: CASE WHEN fund THEN payer.id ELSE payee.id END, head: CASE WHEN fund THEN payer.head ELSE payee.head END,
              start: leg.period_start, end: leg.period_end}) AS legs
UNWIND range(0, size(legs) - 1) AS i
WITH legs, i, legs[i] AS l
WITH l,  // what the payee's group put in, less what earlier promises to it have taken
     reduce(put = 0, f IN legs | CASE WHEN NOT f.promise AND f.buyer = l.buyer AND f.head = l.head THEN put + coalesce(f.cents, 0) ELSE put END) -
     reduce(taken = 0, p IN legs[..i] | CASE WHEN p.promise AND p.buyer = l.buyer AND p.head = l.head THEN taken + coalesce(p.cents, 0) ELSE taken END) AS left
RETURN l.buyer AS buyer, l.leg AS leg, l.promise AS promise, l.other AS other, l.head AS other_head, l.cents AS amount_cents,
       CASE WHEN l.promise AND l.cents IS NOT NULL
            THEN CASE WHEN left <= 0 THEN 0 WHEN left < l.cents THEN left ELSE l.cents END END AS tied_cents,
       toString(l.start) AS period_start, toString(l.end) AS period_end

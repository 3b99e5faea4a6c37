// What each customer pays a vendor, beside what the vendor puts into it.
//lens edges
WITH collect({payer: payer.id, payee: payee.id, class: class, legs: legs, cents: cents}) AS edges
UNWIND [e IN edges WHERE e.class = 'PAYS'] AS buy
WITH buy, [e IN edges WHERE e.class IN ['FUNDS', 'GRANTS'] AND e.payer = buy.payee AND e.payee = buy.payer] AS fins
WITH buy, reduce(sum = null, f IN fins | CASE WHEN f.cents IS NULL THEN sum ELSE coalesce(sum, 0) + f.cents END) AS fin_cents,
     reduce(all = [], f IN fins | all + f.legs) AS fin_legs
RETURN buy.payee AS vendor, buy.payer AS customer, buy.cents AS buy_cents, fin_cents,
       CASE WHEN fin_cents < buy.cents THEN fin_cents WHEN fin_cents IS NOT NULL THEN buy.cents END AS financed_cents,
       buy.legs AS buy_legs, fin_legs
ORDER BY financed_cents IS NULL, financed_cents DESC, vendor, customer

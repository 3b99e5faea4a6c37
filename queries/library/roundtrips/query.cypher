// Pairs: a company that puts money into another and is paid by it.
//lens edges
WITH collect({payer: payer.id, payee: payee.id, class: class, legs: legs, cents: cents}) AS edges
UNWIND [e IN edges WHERE e.class = 'PAYS'] AS buy
WITH buy, [e IN edges WHERE e.class IN ['FUNDS', 'GRANTS'] AND e.payer = buy.payee AND e.payee = buy.payer] AS fins
WHERE size(fins) > 0
WITH buy.payee AS funder, buy.payer AS customer, buy.cents AS buy_cents,
     // unknown where no amount is known
     reduce(sum = null, f IN fins | CASE WHEN f.cents IS NULL THEN sum ELSE coalesce(sum, 0) + f.cents END) AS fin_cents,
     reduce(all = buy.legs, f IN fins | all + f.legs) AS legs
RETURN funder, customer, fin_cents, buy_cents,
       CASE WHEN fin_cents < buy_cents THEN fin_cents WHEN fin_cents IS NOT NULL THEN buy_cents END AS rt_cents, legs
ORDER BY rt_cents IS NULL, rt_cents DESC, funder, customer

// Pairs of vendor and customer, with all that either trades.
//lens edges
WITH payee.id AS vendor, payer.id AS customer, class, cents, legs
WHERE class = 'PAYS'
// what the vendor reports of the customer: the first metric of the list that it gives, of that the latest
OPTIONAL MATCH (m:Metric {company_id: vendor, counterparty: customer})
WHERE m.metric IN $share_metrics AND m.value IS NOT NULL AND m.as_of_last <= date($as_of)
WITH vendor, customer, cents, legs, m ORDER BY m.metric = $share_metrics[0] DESC, m.as_of_last DESC, m.id DESC
WITH vendor, customer, cents, legs, head(collect(m)) AS share
WITH collect({vendor: vendor, customer: customer, cents: cents, legs: legs, share: share}) AS pairs
UNWIND pairs AS pair
WITH pair, reduce(sum = 0, p IN pairs | CASE WHEN p.vendor = pair.vendor THEN sum + coalesce(p.cents, 0) ELSE sum END) AS receipts,
     reduce(sum = 0, p IN pairs | CASE WHEN p.customer = pair.customer THEN sum + coalesce(p.cents, 0) ELSE sum END) AS payments
RETURN pair.vendor AS vendor, pair.customer AS customer, pair.cents AS amount_cents, receipts AS receipts_cents, payments AS payments_cents,
       toInteger(round(toFloat(pair.share.value) * 1000000)) AS reported_micro, pair.share.as_of AS reported_as_of, pair.legs AS legs
ORDER BY amount_cents IS NULL, amount_cents DESC, vendor, customer

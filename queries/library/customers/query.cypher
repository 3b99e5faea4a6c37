// What each vendor is paid by each customer, beside the share that it reports of it.
//lens edges
WITH collect(CASE WHEN class = 'PAYS' THEN {vendor: payee.id, customer: payer.id, cents: cents, legs: legs} END) AS edges
// what vendors report of their customers: of a pair the first metric of the list, of that the latest
OPTIONAL MATCH (m:Metric)
WHERE m.metric IN $share_metrics AND m.value IS NOT NULL AND m.as_of_last <= date($as_of) AND m.counterparty <> m.company_id
  AND EXISTS {  // the vendor is a company of the lens
    MATCH (c:Company {id: m.company_id})
    WHERE (c.head = c.id OR NOT $rollup) AND (NOT c.aggregate OR $aggregates) AND (size($among) = 0 OR c.id IN $among) }
  AND EXISTS {  // and so is the customer
    MATCH (c:Company {id: m.counterparty})
    WHERE (c.head = c.id OR NOT $rollup) AND (NOT c.aggregate OR $aggregates) AND (size($among) = 0 OR c.id IN $among) }
WITH edges, m ORDER BY m.metric = $share_metrics[0] DESC, m.as_of_last DESC, m.id DESC
WITH edges, m.company_id AS vendor, m.counterparty AS customer, head(collect(m)) AS share
WITH edges, collect(CASE WHEN share IS NOT NULL THEN {vendor: vendor, customer: customer, share: share} END) AS shares
UNWIND [e IN edges | {vendor: e.vendor, customer: e.customer, cents: e.cents, legs: e.legs,
                      share: head([s IN shares WHERE s.vendor = e.vendor AND s.customer = e.customer | s.share])}]
     + [s IN shares WHERE none(e IN edges WHERE e.vendor = s.vendor AND e.customer = s.customer) |
        {vendor: s.vendor, customer: s.customer, legs: [], share: s.share}] AS pair  // reported, without an edge
RETURN pair.vendor AS vendor, pair.customer AS customer, pair.cents AS amount_cents,
       toInteger(round(toFloat(pair.share.value) * 1000000)) AS reported_micro, pair.share.as_of AS reported_as_of,
       coalesce(pair.share.metric, '') AS reported_metric, pair.legs AS legs
ORDER BY vendor, reported_micro IS NULL, reported_micro DESC, amount_cents IS NULL, amount_cents DESC, customer

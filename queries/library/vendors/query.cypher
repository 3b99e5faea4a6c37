// What each customer pays each vendor, for the kinds of legs of the scope.
//lens legs
WITH payer.id AS customer, payee.id AS vendor, class, leg, cents
WHERE class = 'PAYS' AND (size($scope_kinds) = 0 OR leg.kind IN $scope_kinds)
WITH customer, vendor, collect(leg.id) AS legs, sum(cents) AS sum, count(cents) AS known,
     sum(toInteger(round(toFloat(leg.capacity_gw) * 1000000))) AS gw, count(leg.capacity_gw) AS gw_known
RETURN customer, vendor, CASE WHEN known > 0 THEN sum END AS amount_cents, CASE WHEN gw_known > 0 THEN gw END AS gw_micro, legs
ORDER BY customer, amount_cents IS NULL, amount_cents DESC, vendor

// Legs that buy computing or chips, by what they are for.
//lens legs
WITH payer.id AS customer, payee.id AS vendor, class, leg, cents
WHERE class = 'PAYS' AND leg.kind IN $scope_kinds
RETURN customer, vendor, coalesce(leg.workload, '') AS workload, leg.id AS leg, cents AS amount_cents
ORDER BY customer, vendor, leg

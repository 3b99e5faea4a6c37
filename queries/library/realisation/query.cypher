// Legs in whatever state: what was announced, and what is known to have been paid.
//lens legs
OPTIONAL MATCH ()-[next:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES {id: leg.superseded_by}]->()  // what took the place of a superseded leg
WHERE leg.status = 'superseded' AND next.unit
  AND next.known_from <= date($as_of) < next.known_to AND next.rev_from <= $revision < next.rev_to
WITH payee, class, leg, cents, next, next[$amount_property] AS next_cents,
     leg.ancestors IS NOT NULL AND EXISTS {  // its whole is announced with an amount
       UNWIND leg.ancestors AS whole_id
       MATCH ()-[whole:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES {id: whole_id}]->()
       WHERE whole[$amount_property] IS NOT NULL
         AND whole.known_from <= date($as_of) < whole.known_to AND whole.rev_from <= $revision < whole.rev_to } AS part,
     leg.descendants IS NOT NULL AND EXISTS {  // a part has a figure, so its own counts no more
       UNWIND leg.descendants AS part_id
       MATCH ()-[part:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES {id: part_id}]->()
       WHERE part.realised_cents > 0
         AND part.known_from <= date($as_of) < part.known_to AND part.rev_from <= $revision < part.rev_to } AS paid_below,
     leg.ancestors IS NOT NULL AND EXISTS {  // its whole is settled already
       UNWIND leg.ancestors AS whole_id
       MATCH ()-[whole:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES {id: whole_id}]->()
       WHERE whole.known_from <= date($as_of) < whole.known_to AND whole.rev_from <= $revision < whole.rev_to
         AND coalesce(whole.realised_cents > 0, whole.status = 'closed' AND whole.moves = 'cash' AND whole[$amount_property] IS NOT NULL)
         AND (whole.descendants IS NULL OR NOT EXISTS {
           UNWIND whole.descendants AS paid_id
           MATCH ()-[part:FUNDS|PAYS|ACQUIRES|GRANTS|BACKS|SUPPLIES {id: paid_id}]->()
           WHERE part.realised_cents > 0
             AND part.known_from <= date($as_of) < part.known_to AND part.rev_from <= $revision < part.rev_to }) } AS settled_above
WITH *, CASE WHEN leg.realised_cents = 0 OR leg.realised_cents > 0 AND NOT paid_below THEN leg.realised_cents END AS realised
RETURN leg.id AS leg, coalesce(leg.deal_id, '') AS deal, CASE WHEN class = 'PAYS' THEN payee.id ELSE '' END AS vendor,
       toString(leg.announced) AS announced, leg.status AS status, leg.conditional AS conditional, cents AS amount_cents,
       next IS NOT NULL AS succeeded, next_cents AS successor_cents, NOT part AS row, coalesce(leg.ancestors, []) AS ancestors,
       CASE WHEN leg.realised_cents IS NOT NULL THEN realised
            WHEN leg.status = 'closed' AND leg.moves = 'cash' AND NOT paid_below AND NOT settled_above THEN cents END AS settled_cents,
       realised AS realised_cents
ORDER BY leg

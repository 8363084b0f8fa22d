// G.At(10).E().Has('Parent', 'br', 'RelationType', Ne('ownership'))
MATCH (n0:El)-[r1:EDGE]->(n2:El) WHERE r1.slotKey IN [slot IN $slots | $p0 + '|' + slot] AND (startNode(r1).id = $p0 AND (r1.RelationType IS NOT NULL AND NOT coalesce(r1.RelationType = $p1, false))) AND r1.slot IN $slots AND r1.from <= $t AND r1.to > $t
RETURN r1 {.seq, .json, .tables} AS found, r1.RelationType = $marker AS doubt

// parameters: {"p0":"br","p1":"ownership","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 2:
MATCH (n0:El)-[r1:EDGE]->(n2:El) WHERE r1.slotKey IN [slot IN $slots | $p0 + '|' + slot] AND (startNode(r1).id = $p0 AND (r1.RelationType IS NOT NULL AND NOT coalesce(r1.RelationType = $p1, false))) AND r1.slot IN $slots AND r1.from <= $t AND r1.to > $t
RETURN r1 {.seq, .json, .tables} AS found

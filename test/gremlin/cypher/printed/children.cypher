// G.At(10).V().Has('Type', 'bridge').Out('Type', 'veth').Has('State', 'UP')
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.from <= $t AND r2.to > $t
MATCH (s4:State) WHERE s4.id = n3.id AND s4.slot IN $slots AND s4.from <= $t AND s4.to > $t AND (s4.Type IN [$p1, $marker] AND s4.State IN [$p2, $marker])
RETURN s4 {.seq, .json, .tables} AS found, s0.Type = $marker OR s4.Type = $marker OR s4.State = $marker AS doubt

// parameters: {"p0":"bridge","p1":"veth","p2":"UP","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 3 steps of 3:
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.from <= $t AND r2.to > $t
MATCH (s4:State) WHERE s4.id = n3.id AND s4.slot IN $slots AND s4.from <= $t AND s4.to > $t AND (s4.Type IN [$p1, $marker] AND s4.State IN [$p2, $marker])
RETURN s4 {.seq, .json, .tables} AS found, s0 {.seq, .json, .tables} AS check0

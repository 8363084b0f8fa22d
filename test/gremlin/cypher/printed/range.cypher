// G.At(10).V().Range(5, 8).Out()
MATCH (s0:State) WHERE s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
WITH * SKIP $p0 LIMIT $p1
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.from <= $t AND r2.to > $t
MATCH (s4:State) WHERE s4.id = n3.id AND s4.slot IN $slots AND s4.from <= $t AND s4.to > $t
RETURN s4 {.seq, .json, .tables} AS found

// parameters: {"p0":5,"p1":3}

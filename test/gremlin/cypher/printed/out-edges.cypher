// G.At(10).V().OutE().OutV().In()
MATCH (s0:State) WHERE s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.from <= $t AND r2.to > $t
MATCH (n3)<-[r4:EDGE]-(n5:El) WHERE r4.from <= $t AND r4.to > $t
MATCH (s6:State) WHERE s6.id = n5.id AND s6.slot IN $slots AND s6.from <= $t AND s6.to > $t
RETURN s6 {.seq, .json, .tables} AS found

// parameters: {}

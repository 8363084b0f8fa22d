// G.At(10).V('h').Out().Out().In().Dedup().Values('Name')
MATCH (s0:State) WHERE s0.id = $p0 AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.from <= $t AND r2.to > $t
MATCH (n3)-[r4:EDGE]->(n5:El) WHERE r4.from <= $t AND r4.to > $t
MATCH (n5)<-[r6:EDGE]-(n7:El) WHERE r6.from <= $t AND r6.to > $t
WITH DISTINCT n7
MATCH (s8:State) WHERE s8.id = n7.id AND s8.slot IN $slots AND s8.from <= $t AND s8.to > $t
RETURN s8 {.seq, .json, .tables} AS found

// parameters: {"p0":"h"}
// then outside: Values('Name')

// G.At(10).V().Has('Type', 'veth').BothE('RelationType', 'layer2').InV().Dedup()
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]-(n3:El) WHERE r2.from <= $t AND r2.to > $t AND r2.RelationType IN [$p1, $marker]
WITH *, startNode(r2) AS n4
WITH n4, max(CASE WHEN s0.Type = $marker OR r2.RelationType = $marker THEN true ELSE false END) AS doubt
MATCH (s5:State) WHERE s5.id = n4.id AND s5.slot IN $slots AND s5.from <= $t AND s5.to > $t
RETURN s5 {.seq, .json, .tables} AS found, doubt AS doubt

// parameters: {"p0":"veth","p1":"layer2","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 4 steps of 5:
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]-(n3:El) WHERE r2.from <= $t AND r2.to > $t AND r2.RelationType IN [$p1, $marker]
WITH *, startNode(r2) AS n4
MATCH (s5:State) WHERE s5.id = n4.id AND s5.slot IN $slots AND s5.from <= $t AND s5.to > $t
RETURN s5 {.seq, .json, .tables} AS found, s0 {.seq, .json, .tables} AS check0, r2 {.seq, .json, .tables} AS check1

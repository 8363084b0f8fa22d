// G.At(10).V().Has('Type', 'veth').OutE('RelationType', 'layer2').OutV().Ascendants(1)
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.from <= $t AND r2.to > $t AND r2.RelationType IN [$p1, $marker]
WITH collect(DISTINCT n3) AS ring4, max(CASE WHEN s0.Type = $marker OR r2.RelationType = $marker THEN true ELSE false END) AS doubt
UNWIND CASE WHEN size(ring4) = 0 THEN [null] ELSE ring4 END AS n5
OPTIONAL MATCH (n5)<-[r6:EDGE]-(n7:El) WHERE r6.from <= $t AND r6.to > $t AND r6.RelationType IN [$p2, $marker]
WITH ring4, collect(DISTINCT n7) AS ring8, max(CASE WHEN doubt OR r6.RelationType = $marker THEN true ELSE false END) AS doubt
UNWIND ring4 + ring8 AS n9
WITH DISTINCT n9, doubt
MATCH (s10:State) WHERE s10.id = n9.id AND s10.slot IN $slots AND s10.from <= $t AND s10.to > $t
RETURN s10 {.seq, .json, .tables} AS found, doubt AS doubt

// parameters: {"p0":"veth","p1":"layer2","p2":"ownership","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 4 steps of 5:
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.from <= $t AND r2.to > $t AND r2.RelationType IN [$p1, $marker]
MATCH (s4:State) WHERE s4.id = n3.id AND s4.slot IN $slots AND s4.from <= $t AND s4.to > $t
RETURN s4 {.seq, .json, .tables} AS found, s0 {.seq, .json, .tables} AS check0, r2 {.seq, .json, .tables} AS check1

// G.V().Has('Type', 'bridge', 'MTU', Lte(1500)).OutE('RelationType', 'layer2').OutV('State', 'UP').Dedup().Count()
MATCH (s0:Current) WHERE (s0.Type IN [$p0, $marker] AND (s0.MTU <= $p1 OR s0.MTU = $marker))
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.slot = $p2 AND r2.RelationType IN [$p3, $marker]
MATCH (s4:Current) WHERE s4.id = n3.id AND s4.State IN [$p4, $marker]
WITH n3, s4, max(CASE WHEN s0.Type = $marker OR s0.MTU = $marker OR r2.RelationType = $marker OR s4.State = $marker THEN true ELSE false END) AS doubt
RETURN count(*) AS found, max(CASE WHEN doubt THEN true ELSE false END) AS doubt

// parameters: {"p0":"bridge","p1":1500,"p2":"open","p3":"layer2","p4":"UP","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 3 steps of 5:
MATCH (s0:Current) WHERE (s0.Type IN [$p0, $marker] AND (s0.MTU <= $p1 OR s0.MTU = $marker))
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.slot = $p2 AND r2.RelationType IN [$p3, $marker]
MATCH (s4:Current) WHERE s4.id = n3.id AND s4.State IN [$p4, $marker]
RETURN s4 {.seq, .json, .tables} AS found, s0 {.seq, .json, .tables} AS check0, r2 {.seq, .json, .tables} AS check1

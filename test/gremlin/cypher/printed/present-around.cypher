// G.V('va').Both().Descendants(1)
MATCH (s0:Current) WHERE s0.id = $p0
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]-(n3:El) WHERE r2.slot = $p1
WITH collect(DISTINCT n3) AS ring4
UNWIND CASE WHEN size(ring4) = 0 THEN [null] ELSE ring4 END AS n5
OPTIONAL MATCH (n5)-[r6:EDGE]->(n7:El) WHERE r6.slot = $p1 AND r6.RelationType IN [$p2, $marker]
WITH ring4, collect(DISTINCT n7) AS ring8, max(CASE WHEN r6.RelationType = $marker THEN true ELSE false END) AS doubt
UNWIND ring4 + ring8 AS n9
WITH DISTINCT n9, doubt
MATCH (s10:Current) WHERE s10.id = n9.id
RETURN s10 {.seq, .json, .tables} AS found, doubt AS doubt

// parameters: {"p0":"va","p1":"open","p2":"ownership","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 3:
MATCH (s0:Current) WHERE s0.id = $p0
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]-(n3:El) WHERE r2.slot = $p1
MATCH (s4:Current) WHERE s4.id = n3.id
RETURN s4 {.seq, .json, .tables} AS found

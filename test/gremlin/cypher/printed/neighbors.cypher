// G.At(10).V('va').Neighbors('RelationType', 'layer2', 'RelationType', 'ownership', 1).Count()
MATCH (s0:State) WHERE s0.id = $p0 AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
WITH collect(DISTINCT n1) AS ring2
UNWIND CASE WHEN size(ring2) = 0 THEN [null] ELSE ring2 END AS n3
OPTIONAL MATCH (n3)-[r4:EDGE]-(n5:El) WHERE r4.from <= $t AND r4.to > $t AND (r4.RelationType IN [$p1, $marker] OR r4.RelationType IN [$p2, $marker])
WITH ring2, collect(DISTINCT n5) AS ring6, max(CASE WHEN r4.RelationType = $marker THEN true ELSE false END) AS doubt
UNWIND ring2 + ring6 AS n7
WITH DISTINCT n7, doubt
RETURN count(*) AS found, max(CASE WHEN doubt THEN true ELSE false END) AS doubt

// parameters: {"p0":"va","p1":"layer2","p2":"ownership","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 4:
MATCH (s0:State) WHERE s0.id = $p0 AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

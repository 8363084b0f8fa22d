// G.At(10).E().Has('RelationType', 'layer2').Count()
MATCH (n0:El)-[r1:EDGE]->(n2:El) WHERE r1.RelationType IN [$p0, $marker] AND r1.slot IN $slots AND r1.from <= $t AND r1.to > $t
RETURN count(*) AS found, max(CASE WHEN r1.RelationType = $marker THEN true ELSE false END) AS doubt

// parameters: {"p0":"layer2","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 3:
MATCH (n0:El)-[r1:EDGE]->(n2:El) WHERE r1.RelationType IN [$p0, $marker] AND r1.slot IN $slots AND r1.from <= $t AND r1.to > $t
RETURN r1 {.seq, .json, .tables} AS found

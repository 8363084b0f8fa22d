// G.At(10).E('e').OutV()
MATCH (n0:El)-[r1:EDGE]->(n2:El) WHERE r1.id = $p0 AND r1.slot IN $slots AND r1.from <= $t AND r1.to > $t
MATCH (s3:State) WHERE s3.id = n2.id AND s3.slot IN $slots AND s3.from <= $t AND s3.to > $t
RETURN s3 {.seq, .json, .tables} AS found

// parameters: {"p0":"e"}

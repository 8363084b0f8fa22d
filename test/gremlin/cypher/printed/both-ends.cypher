// G.At(10).V('va').InE().BothV('Type', 'veth')
MATCH (s0:State) WHERE s0.id = $p0 AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)<-[r2:EDGE]-(n3:El) WHERE r2.from <= $t AND r2.to > $t
UNWIND [n3, n1] AS n4
MATCH (s5:State) WHERE s5.id = n4.id AND s5.slot IN $slots AND s5.from <= $t AND s5.to > $t AND s5.Type IN [$p1, $marker]
RETURN s5 {.seq, .json, .tables} AS found, s5.Type = $marker AS doubt

// parameters: {"p0":"va","p1":"veth","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 4 steps of 4:
MATCH (s0:State) WHERE s0.id = $p0 AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)<-[r2:EDGE]-(n3:El) WHERE r2.from <= $t AND r2.to > $t
UNWIND [n3, n1] AS n4
MATCH (s5:State) WHERE s5.id = n4.id AND s5.slot IN $slots AND s5.from <= $t AND s5.to > $t AND s5.Type IN [$p1, $marker]
RETURN s5 {.seq, .json, .tables} AS found

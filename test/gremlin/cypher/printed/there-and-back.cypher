// G.At(10).V().Has('Name', 'br0').Both().Both().Count()
MATCH (s0:State) WHERE s0.Name IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]-(n3:El) WHERE r2.from <= $t AND r2.to > $t
MATCH (n3)-[r4:EDGE]-(n5:El) WHERE r4.from <= $t AND r4.to > $t
RETURN count(*) AS found, max(CASE WHEN s0.Name = $marker THEN true ELSE false END) AS doubt

// parameters: {"p0":"br0","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 4 steps of 5:
MATCH (s0:State) WHERE s0.Name IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]-(n3:El) WHERE r2.from <= $t AND r2.to > $t
MATCH (n3)-[r4:EDGE]-(n5:El) WHERE r4.from <= $t AND r4.to > $t
MATCH (s6:State) WHERE s6.id = n5.id AND s6.slot IN $slots AND s6.from <= $t AND s6.to > $t
RETURN s6 {.seq, .json, .tables} AS found, s0 {.seq, .json, .tables} AS check0

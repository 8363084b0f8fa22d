// G.At(10).V('va').Has('Type', 'veth')
MATCH (s0:State) WHERE s0.id = $p0 AND s0.Type IN [$p1, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found, s0.Type = $marker AS doubt

// parameters: {"p0":"va","p1":"veth","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 2:
MATCH (s0:State) WHERE s0.id = $p0 AND s0.Type IN [$p1, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

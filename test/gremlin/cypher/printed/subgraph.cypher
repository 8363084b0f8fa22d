// G.At(10).V().Has('Type', 'veth').SubGraph()
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found, s0.Type = $marker AS doubt

// parameters: {"p0":"veth","marker":"\u0000elsewhere"}
// then outside: SubGraph()

// where a value is not in the database, and the first 2 steps of 3:
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

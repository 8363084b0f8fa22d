// G.At(10).V().HasEither('Type', 'veth', 'MTU', Gte(9000))
MATCH (s0:State) WHERE (s0.Type IN [$p0, $marker] OR (s0.MTU >= $p1 OR s0.MTU = $marker)) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found, s0.Type = $marker OR s0.MTU = $marker AS doubt

// parameters: {"p0":"veth","p1":9000,"marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 2:
MATCH (s0:State) WHERE (s0.Type IN [$p0, $marker] OR (s0.MTU >= $p1 OR s0.MTU = $marker)) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// G.At(10).V().Has('Name', 'eth0', '@Host', Within('a', 'b'))
MATCH (s0:State) WHERE (s0.Name IN [$p0, $marker] AND s0.host IN $p1) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found, s0.Name = $marker AS doubt

// parameters: {"p0":"eth0","p1":["a","b"],"marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 2:
MATCH (s0:State) WHERE (s0.Name IN [$p0, $marker] AND s0.host IN $p1) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

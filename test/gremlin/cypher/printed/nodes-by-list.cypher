// G.At(10).V().Has('IPV4', '10.0.0.1/24')
MATCH (s0:State) WHERE (any(text IN s0.IPV4 WHERE text = $p0) OR $marker IN s0.IPV4) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found, $marker IN s0.IPV4 AS doubt

// parameters: {"p0":"10.0.0.1/24","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 2:
MATCH (s0:State) WHERE (any(text IN s0.IPV4 WHERE text = $p0) OR $marker IN s0.IPV4) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

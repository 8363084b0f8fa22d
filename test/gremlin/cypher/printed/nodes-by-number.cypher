// G.At(10).V().Has('MTU', Between(1500, 9000)).Has('IfIndex', 3)
MATCH (s0:State) WHERE ((s0.MTU >= $p0 AND s0.MTU <= $p1 OR s0.MTU = $marker) AND (s0.IfIndex = $p2 OR s0.IfIndex = $marker)) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found, s0.MTU = $marker OR s0.IfIndex = $marker AS doubt

// parameters: {"p0":1500,"p1":8999,"p2":3,"marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 2:
MATCH (s0:State) WHERE ((s0.MTU >= $p0 AND s0.MTU <= $p1 OR s0.MTU = $marker) AND (s0.IfIndex = $p2 OR s0.IfIndex = $marker)) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

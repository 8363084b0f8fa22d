// G.At(10).V().Has('Name', Regex('eth[0-9]+')).Count()
MATCH (s0:State) WHERE (s0.Name STARTS WITH $p0 OR s0.Name = $marker) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// parameters: {"p0":"eth","marker":"\u0000elsewhere"}
// asked again in memory: found
// then outside: Count()

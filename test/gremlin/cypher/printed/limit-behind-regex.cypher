// G.At(10).V().Has('Name', Regex('.*0')).Limit(5)
MATCH (s0:State) WHERE s0.Name IS NOT NULL AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// parameters: {}
// asked again in memory: found
// then outside: Limit(5)

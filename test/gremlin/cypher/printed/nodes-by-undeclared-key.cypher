// G.At(10).V().Has('Rack', 'b7').Values('Name')
MATCH (s0:State) WHERE s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// parameters: {}
// asked again in memory: found
// then outside: Values('Name')

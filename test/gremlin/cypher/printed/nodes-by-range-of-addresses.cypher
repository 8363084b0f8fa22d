// G.At(10).V().Has('IPV4', IPV4Range('10.0.0.0/8'))
MATCH (s0:State) WHERE s0.IPV4 IS NOT NULL AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// parameters: {}
// asked again in memory: found

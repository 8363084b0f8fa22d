// G.At(10).V().HasNot('MAC').HasKey('Driver')
MATCH (s0:State) WHERE (s0.MAC IS NULL AND s0.Driver IS NOT NULL) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// parameters: {}

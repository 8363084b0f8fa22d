// G.At(10).V().Has('State', true)
MATCH (s0:State) WHERE s0.State = $marker AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found, s0.State = $marker AS doubt

// parameters: {"marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 2:
MATCH (s0:State) WHERE s0.State = $marker AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

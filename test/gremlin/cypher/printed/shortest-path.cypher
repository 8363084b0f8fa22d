// G.At(10).V('va').ShortestPathTo(Metadata('Type', 'host'))
MATCH (s0:State) WHERE s0.id = $p0 AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// parameters: {"p0":"va"}
// then outside: ShortestPathTo(Metadata('Type', 'host'))

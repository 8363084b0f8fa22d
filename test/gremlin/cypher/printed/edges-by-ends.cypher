// G.At(10).E().Has('Parent', Without('h'), 'Child', Regex('v.*'), 'Child', Ne('va'))
MATCH (n0:El)-[r1:EDGE]->(n2:El) WHERE false AND r1.slot IN $slots AND r1.from <= $t AND r1.to > $t
RETURN r1 {.seq, .json, .tables} AS found

// parameters: {}
// asked again in memory: found

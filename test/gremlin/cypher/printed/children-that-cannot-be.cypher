// G.At(10).V().Out('@Revision', 'DOWN')
MATCH (s0:State) WHERE s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
MATCH (n1)-[r2:EDGE]->(n3:El) WHERE r2.from <= $t AND r2.to > $t
MATCH (s4:State) WHERE s4.id = n3.id AND s4.slot IN $slots AND s4.from <= $t AND s4.to > $t AND false
RETURN s4 {.seq, .json, .tables} AS found

// parameters: {}

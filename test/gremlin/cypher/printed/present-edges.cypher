// G.E().Has('Child', 'va')
MATCH (n0:El)-[r1:EDGE]->(n2:El) WHERE r1.dstSlotKey = $p0 + '|' + $p1 AND endNode(r1).id = $p0 AND r1.slot = $p1
RETURN r1 {.seq, .json, .tables} AS found

// parameters: {"p0":"va","p1":"open"}

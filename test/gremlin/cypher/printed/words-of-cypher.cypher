// G.At(10).V().Has('Name', '`}) DETACH DELETE (n) //', 'x` OR true //', '$t').Has('Type', Within('$slots', 'MATCH', '{.json}'))
MATCH (s0:State) WHERE (s0.Name IN [$p0, $marker] AND s0.Type IN $p1 + [$marker]) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// parameters: {"p0":"`}) DETACH DELETE (n) //","p1":["$slots","MATCH","{.json}"],"marker":"\u0000elsewhere"}
// asked again in memory: found

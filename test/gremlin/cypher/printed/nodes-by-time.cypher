// G.At(10).V().Has('@CreatedAt', Lt(1700000000000), '@Revision', Gt(1))
MATCH (s0:State) WHERE (s0.createdAt <= $p0 AND s0.revision >= $p1) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// parameters: {"p0":1699999999999,"p1":2}

// G.At(10).V().Has('State', Ne('UP'), 'Type', Without('host', 'netns'), 'Driver', Nee('veth'))
MATCH (s0:State) WHERE ((s0.State IS NOT NULL AND NOT coalesce(s0.State = $p0, false)) AND NOT coalesce(s0.Type IN $p1, false) AND NOT coalesce(s0.Driver = $p2, false)) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found, s0.State = $marker OR s0.Type = $marker OR s0.Driver = $marker AS doubt

// parameters: {"p0":"UP","p1":["host","netns"],"p2":"veth","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 2:
MATCH (s0:State) WHERE ((s0.State IS NOT NULL AND NOT coalesce(s0.State = $p0, false)) AND NOT coalesce(s0.Type IN $p1, false) AND NOT coalesce(s0.Driver = $p2, false)) AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

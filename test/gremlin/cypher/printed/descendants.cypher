// G.At(10).V().Has('Type', 'host').Descendants(2).Has('Type', 'veth')
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
MATCH (n1:El {id: s0.id})
WITH collect(DISTINCT n1) AS ring2, max(CASE WHEN s0.Type = $marker THEN true ELSE false END) AS doubt
UNWIND CASE WHEN size(ring2) = 0 THEN [null] ELSE ring2 END AS n3
OPTIONAL MATCH (n3)-[r4:EDGE]->(n5:El) WHERE r4.from <= $t AND r4.to > $t AND r4.RelationType IN [$p1, $marker]
WITH ring2, collect(DISTINCT n5) AS ring6, max(CASE WHEN doubt OR r4.RelationType = $marker THEN true ELSE false END) AS doubt
UNWIND CASE WHEN size(ring6) = 0 THEN [null] ELSE ring6 END AS n7
OPTIONAL MATCH (n7)-[r8:EDGE]->(n9:El) WHERE r8.from <= $t AND r8.to > $t AND r8.RelationType IN [$p1, $marker]
WITH ring2, ring6, collect(DISTINCT n9) AS ring10, max(CASE WHEN doubt OR r8.RelationType = $marker THEN true ELSE false END) AS doubt
UNWIND ring2 + ring6 + ring10 AS n11
WITH DISTINCT n11, doubt
MATCH (s12:State) WHERE s12.id = n11.id AND s12.slot IN $slots AND s12.from <= $t AND s12.to > $t AND s12.Type IN [$p2, $marker]
RETURN s12 {.seq, .json, .tables} AS found, doubt OR s12.Type = $marker AS doubt

// parameters: {"p0":"host","p1":"ownership","p2":"veth","marker":"\u0000elsewhere"}

// where a value is not in the database, and the first 2 steps of 4:
MATCH (s0:State) WHERE s0.Type IN [$p0, $marker] AND s0.slot IN $slots AND s0.from <= $t AND s0.to > $t
RETURN s0 {.seq, .json, .tables} AS found

// Constraints and indexes of the model; src/history/neo4j/MODEL.md says why each is there.
// One statement ends at each semicolon at the end of a line. Every statement can run twice.

CREATE CONSTRAINT canopy_projection IF NOT EXISTS FOR (n:Projection) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT canopy_element IF NOT EXISTS FOR (n:El) REQUIRE n.id IS UNIQUE;

CREATE INDEX canopy_state_id IF NOT EXISTS FOR (n:State) ON (n.id, n.slot);
CREATE INDEX canopy_state_slot IF NOT EXISTS FOR (n:State) ON (n.slot);
CREATE INDEX canopy_state_name IF NOT EXISTS FOR (n:State) ON (n.Name, n.slot);
CREATE INDEX canopy_state_type IF NOT EXISTS FOR (n:State) ON (n.Type, n.slot);
CREATE INDEX canopy_state_tid IF NOT EXISTS FOR (n:State) ON (n.TID, n.slot);
CREATE INDEX canopy_state_mac IF NOT EXISTS FOR (n:State) ON (n.MAC, n.slot);
CREATE INDEX canopy_state_end IF NOT EXISTS FOR (n:State) ON (n.endSeq);

CREATE INDEX canopy_current_id IF NOT EXISTS FOR (n:Current) ON (n.id);
CREATE INDEX canopy_current_name IF NOT EXISTS FOR (n:Current) ON (n.Name);
CREATE INDEX canopy_current_type IF NOT EXISTS FOR (n:Current) ON (n.Type);
CREATE INDEX canopy_current_tid IF NOT EXISTS FOR (n:Current) ON (n.TID);
CREATE INDEX canopy_current_mac IF NOT EXISTS FOR (n:Current) ON (n.MAC);

CREATE INDEX canopy_edge_source IF NOT EXISTS FOR ()-[r:EDGE]-() ON (r.slotKey);
CREATE INDEX canopy_edge_target IF NOT EXISTS FOR ()-[r:EDGE]-() ON (r.dstSlotKey);
CREATE INDEX canopy_edge_id IF NOT EXISTS FOR ()-[r:EDGE]-() ON (r.id, r.slot);
CREATE INDEX canopy_edge_slot IF NOT EXISTS FOR ()-[r:EDGE]-() ON (r.slot);
CREATE INDEX canopy_edge_end IF NOT EXISTS FOR ()-[r:EDGE]-() ON (r.endSeq);

CREATE INDEX canopy_row_owner IF NOT EXISTS FOR (n:Row) ON (n.owner, n.slot);
CREATE INDEX canopy_row_open IF NOT EXISTS FOR (n:Row) ON (n.openKey);
CREATE INDEX canopy_row_end IF NOT EXISTS FOR (n:Row) ON (n.endSeq);

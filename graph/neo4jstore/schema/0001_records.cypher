// Keys of records.
CREATE CONSTRAINT company_id IF NOT EXISTS FOR (n:Company) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT chip_id IF NOT EXISTS FOR (n:Chip) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT deal_id IF NOT EXISTS FOR (n:Deal) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT source_id IF NOT EXISTS FOR (n:Source) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT leg_id IF NOT EXISTS FOR (n:Leg) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT outcome_id IF NOT EXISTS FOR (n:Outcome) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT metric_id IF NOT EXISTS FOR (n:Metric) REQUIRE n.id IS UNIQUE;
// What a change of one record asks of others.
CREATE INDEX company_parent IF NOT EXISTS FOR (n:Company) ON (n.parent_id);
CREATE INDEX leg_parent IF NOT EXISTS FOR (n:Leg) ON (n.parent_flow_id);
CREATE INDEX outcome_flow IF NOT EXISTS FOR (n:Outcome) ON (n.flow_id);
CREATE INDEX metric_company IF NOT EXISTS FOR (n:Metric) ON (n.company_id);
// Legs by id.
CREATE INDEX funds_id IF NOT EXISTS FOR ()-[r:FUNDS]-() ON (r.id);
CREATE INDEX pays_id IF NOT EXISTS FOR ()-[r:PAYS]-() ON (r.id);
CREATE INDEX acquires_id IF NOT EXISTS FOR ()-[r:ACQUIRES]-() ON (r.id);
CREATE INDEX grants_id IF NOT EXISTS FOR ()-[r:GRANTS]-() ON (r.id);
CREATE INDEX backs_id IF NOT EXISTS FOR ()-[r:BACKS]-() ON (r.id);
CREATE INDEX supplies_id IF NOT EXISTS FOR ()-[r:SUPPLIES]-() ON (r.id);
// The program's own nodes.
CREATE CONSTRAINT roundtrip_lease IF NOT EXISTS FOR (n:RoundtripLease) REQUIRE n.key IS UNIQUE;
CREATE CONSTRAINT roundtrip_batch IF NOT EXISTS FOR (n:RoundtripBatch) REQUIRE n.rev IS UNIQUE;
CREATE CONSTRAINT roundtrip_chunk IF NOT EXISTS FOR (n:RoundtripChunk) REQUIRE (n.rev, n.seq) IS UNIQUE;
CREATE CONSTRAINT roundtrip_change IF NOT EXISTS FOR (n:RoundtripChange) REQUIRE (n.kind, n.id, n.rev) IS UNIQUE;
CREATE CONSTRAINT roundtrip_place IF NOT EXISTS FOR (n:RoundtripPlace) REQUIRE n.id IS UNIQUE;
CREATE INDEX roundtrip_retired IF NOT EXISTS FOR (n:RoundtripChunk) ON (n.retired);

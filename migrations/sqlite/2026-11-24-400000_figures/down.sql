DROP INDEX company_evidence_unpacked;
ALTER TABLE company_evidence DROP COLUMN scores;

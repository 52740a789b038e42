ALTER TABLE company_evidence DROP COLUMN scores;

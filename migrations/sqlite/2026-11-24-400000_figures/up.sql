-- What a company's contacts come to on each need, packed into one value (needs/packed.rs): a figure over
-- all companies reads one row of each, not one for each need or each contact. Where it is missing, it is
-- worked out from those rows, until the worker has packed it.
ALTER TABLE company_evidence ADD COLUMN scores BLOB;
CREATE INDEX company_evidence_unpacked ON company_evidence (company_id) WHERE scores IS NULL;

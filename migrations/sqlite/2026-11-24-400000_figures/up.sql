-- What a company's contacts come to on each need, packed into one value (needs/packed.rs): a figure over
-- all companies reads one row of each, not one for each need or each contact. Where it is missing, it is
-- worked out from those rows.
ALTER TABLE company_evidence ADD COLUMN scores BLOB;

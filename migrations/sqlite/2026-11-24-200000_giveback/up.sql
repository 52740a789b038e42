-- What companies said, as it is told to respondents: sums over whole batches of companies, of which
-- none can be taken apart again. `kin` names the group; an item is a question's version, or a matrix row of it.
CREATE TABLE giveback_sums (
    version_id BIGINT NOT NULL REFERENCES question_versions (id),
    row_code TEXT NOT NULL,
    kin TEXT NOT NULL,
    companies BIGINT NOT NULL,
    respondents BIGINT NOT NULL,
    -- JSON: by option code, how many companies' voices it has; under '' the sum of the companies' means.
    voices TEXT NOT NULL,
    renewed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (version_id, row_code, kin)
) WITHOUT ROWID;

-- Which companies are in those sums. A company's voice on an item counts once and for good.
CREATE TABLE giveback_companies (
    company_id BIGINT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    version_id BIGINT NOT NULL REFERENCES question_versions (id),
    row_code TEXT NOT NULL,
    PRIMARY KEY (company_id, version_id, row_code)
) WITHOUT ROWID;

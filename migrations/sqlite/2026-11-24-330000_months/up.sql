-- A company's need scores at the ends of past months. `points` is JSON, a point for each month in which
-- it answered: between two points no score moves. What is missing, or was made by another rule or up to
-- another month, is worked out from the answers anew.
CREATE TABLE company_months (
    company_id BIGINT NOT NULL PRIMARY KEY REFERENCES companies (id) ON DELETE CASCADE,
    -- What of the framework the scores hang on.
    rule TEXT NOT NULL,
    -- The last month that is in: year · 12 + month, January 0.
    until INTEGER NOT NULL,
    points TEXT NOT NULL
);

-- Segments to be put in place of the framework's, once an admin has looked at what would change.
CREATE TABLE segment_drafts (
    id INTEGER PRIMARY KEY,
    -- JSON, as in the framework.
    segments TEXT NOT NULL,
    origin TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
);

-- How a company behaves as it was imported, and as the rules tell it from what it bought; `behaviour`
-- is the one in effect.
ALTER TABLE companies ADD COLUMN behaviour_given TEXT;
ALTER TABLE companies ADD COLUMN behaviour_found TEXT;
UPDATE companies SET behaviour_given = behaviour;

-- The rules by which behaviour is told. Each change is a row; the newest is in force.
CREATE TABLE behaviour_rules (
    id INTEGER PRIMARY KEY,
    -- JSON: the rules in order, and whether they or an imported behaviour come first.
    document TEXT NOT NULL,
    -- What it changed, in words, one a line.
    changes TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
);

-- All companies gone through, some at a time: after new rules, when a day begins, when usage reaches further.
CREATE TABLE behaviour_runs (
    id INTEGER PRIMARY KEY,
    -- None: no rules were ever set.
    rules_id BIGINT REFERENCES behaviour_rules (id),
    on_day DATE NOT NULL,
    -- Up to when usage was known.
    usage_until TIMESTAMP,
    -- The last company gone through.
    after_id BIGINT NOT NULL,
    companies BIGINT NOT NULL,
    done BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    began_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);

-- Purchases are added up for many companies without a look at the rows.
CREATE INDEX transactions_figures ON transactions (company_id, occurred_at, amount);

-- How often a company used something, by the time to which the count belongs.
CREATE TABLE company_usage (
    company_id BIGINT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    feature TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    -- The other external id under which it came; '': the company's own. Rows go back by it when a merge
    -- is undone.
    given_as TEXT NOT NULL,
    uses BIGINT NOT NULL CHECK (uses >= 0),
    PRIMARY KEY (company_id, feature, at, given_as)
) WITHOUT ROWID;

-- Every feature that somebody used: few, so that attributes stay few.
CREATE TABLE usage_features (
    feature TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;

-- Attributes that are worked out, from usage, and are nobody's to import.
ALTER TABLE company_attributes ADD COLUMN worked_out BOOLEAN NOT NULL DEFAULT FALSE;

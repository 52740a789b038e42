-- What we can put before a company: the needs that it serves, and how much, from 0 to 100.
CREATE TABLE offers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    -- The name as it is looked up: no two offers in use have the same.
    name_key TEXT NOT NULL,
    note TEXT NOT NULL,
    -- JSON: the code of each need that it serves, with its weight.
    needs TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    -- It is offered no more, and can be put back.
    archived_at TIMESTAMP
);
CREATE UNIQUE INDEX offers_by_name ON offers (name_key) WHERE archived_at IS NULL;

-- The finder begins with the companies of one behaviour.
CREATE INDEX companies_by_behaviour ON companies (behaviour, id);

-- Conversations and coded deals of the last months are counted by company.
CREATE INDEX conversations_by_day ON conversations (held_on, company_id);
CREATE INDEX transactions_coded ON transactions (occurred_at, company_id) WHERE needs IS NOT NULL;

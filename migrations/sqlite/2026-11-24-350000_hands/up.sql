-- Who leads whom: a rep sees the companies of those whom it leads.
ALTER TABLE users ADD COLUMN lead_id BIGINT REFERENCES users (id);
CREATE INDEX users_of_lead ON users (lead_id) WHERE lead_id IS NOT NULL;
-- The rep for whom a token of sales stands, by folded address; none: for nobody.
ALTER TABLE api_tokens ADD COLUMN stands_for TEXT;

-- The group that a company belongs to.
ALTER TABLE companies ADD COLUMN parent_id BIGINT REFERENCES companies (id) ON DELETE SET NULL;
CREATE INDEX companies_of_parent ON companies (parent_id) WHERE parent_id IS NOT NULL;

-- How sure a rep was of its tag: 1 a guess, 2 rather sure, 3 certain; none: nobody asked.
ALTER TABLE sales_tags ADD COLUMN sureness INTEGER CHECK (sureness BETWEEN 1 AND 3);

-- One company merged into another. What the merged one was, beside what moved, stands in `before`
-- (JSON), so that it can be made again.
CREATE TABLE company_merges (
    id INTEGER PRIMARY KEY,
    -- The merged company, which is there no more, as it was: its key, its external id, its name.
    from_id BIGINT NOT NULL,
    external_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The other one; none: it was merged itself afterwards, by the merge that `within_id` names.
    into_id BIGINT REFERENCES companies (id),
    within_id BIGINT REFERENCES company_merges (id),
    into_name TEXT NOT NULL,
    before TEXT NOT NULL,
    merged_at TIMESTAMP NOT NULL,
    merged_by TEXT NOT NULL,
    undone_at TIMESTAMP,
    undone_by TEXT
);
CREATE INDEX company_merges_into ON company_merges (into_id, id);
CREATE INDEX company_merges_within ON company_merges (within_id);
CREATE INDEX company_merges_from ON company_merges (from_id, id);

-- Other external ids under which a company is found.
CREATE TABLE company_aliases (
    external_id TEXT NOT NULL PRIMARY KEY,
    company_id BIGINT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    -- Where a merge made it.
    merge_id BIGINT REFERENCES company_merges (id),
    made_at TIMESTAMP NOT NULL,
    made_by TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX company_aliases_of_company ON company_aliases (company_id, external_id);
CREATE INDEX company_aliases_of_merge ON company_aliases (merge_id) WHERE merge_id IS NOT NULL;

-- A call, a mail or a meeting with a contact.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    company_id BIGINT NOT NULL REFERENCES companies (id),
    contact_id BIGINT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('call', 'mail', 'meeting')),
    held_on DATE NOT NULL,
    note TEXT NOT NULL,
    author TEXT NOT NULL,
    -- Scored or not, how many answers were taken from it.
    answers INTEGER NOT NULL,
    noted_at TIMESTAMP NOT NULL
);
CREATE INDEX conversations_of_company ON conversations (company_id, held_on, id);
CREATE INDEX conversations_of_contact ON conversations (contact_id, held_on, id);

-- What a merge moved, row by row: it goes back when the merge is undone, unless it has moved on.
CREATE TABLE merged_rows (
    id INTEGER PRIMARY KEY,
    merge_id BIGINT NOT NULL REFERENCES company_merges (id) ON DELETE CASCADE,
    contact_id BIGINT REFERENCES contacts (id) ON DELETE CASCADE,
    transaction_id BIGINT REFERENCES transactions (id) ON DELETE CASCADE,
    enrolment_id BIGINT REFERENCES enrolments (id) ON DELETE CASCADE,
    invitation_id BIGINT REFERENCES invitations (id) ON DELETE CASCADE,
    conversation_id BIGINT REFERENCES conversations (id) ON DELETE CASCADE,
    -- An enrolment that was stopped because the same address goes on in another one: how it stood (JSON).
    stood TEXT
);
CREATE INDEX merged_rows_of_merge ON merged_rows (merge_id, id);
CREATE INDEX merged_rows_of_contact ON merged_rows (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX merged_rows_of_transaction ON merged_rows (transaction_id) WHERE transaction_id IS NOT NULL;
CREATE INDEX merged_rows_of_enrolment ON merged_rows (enrolment_id) WHERE enrolment_id IS NOT NULL;
CREATE INDEX merged_rows_of_invitation ON merged_rows (invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX merged_rows_of_conversation ON merged_rows (conversation_id) WHERE conversation_id IS NOT NULL;

-- The answers that a merge moved. The key follows the answer wherever it goes, and goes with it.
CREATE TABLE merged_answers (
    merge_id BIGINT NOT NULL REFERENCES company_merges (id) ON DELETE CASCADE,
    company_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    question TEXT NOT NULL,
    row_code TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    seq INTEGER NOT NULL,
    -- Its place before: two companies may hold answers of one contact of the same instant.
    seq_before INTEGER NOT NULL,
    PRIMARY KEY (company_id, contact_id, question, row_code, at, seq, merge_id),
    FOREIGN KEY (company_id, contact_id, question, row_code, at, seq)
        REFERENCES answers (company_id, contact_id, question, row_code, at, seq) ON DELETE CASCADE ON UPDATE CASCADE
) WITHOUT ROWID;
CREATE INDEX merged_answers_of_merge ON merged_answers (merge_id);

-- The framework as applied, newest last. `fingerprint` names its content in every process's memory.
CREATE TABLE frameworks (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    applied_at TIMESTAMP NOT NULL,
    applied_by TEXT NOT NULL
);

-- A question's meaning never changes within a version; its wording may.
CREATE TABLE question_versions (
    id INTEGER PRIMARY KEY,
    question TEXT NOT NULL,
    version INTEGER NOT NULL,
    definition TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    UNIQUE (question, version)
);

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'analyst', 'sales')),
    password_hash TEXT NOT NULL,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    created_at TIMESTAMP NOT NULL
);

-- Only the token's SHA-256 is kept.
CREATE TABLE sessions (
    token_hash TEXT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('admin', 'analyst', 'sales')),
    token_hash TEXT NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);

CREATE TABLE audit_entries (
    id INTEGER PRIMARY KEY,
    at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_entries_by_time ON audit_entries (at, id);

CREATE TABLE companies (
    id INTEGER PRIMARY KEY,
    external_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The name folded for searching.
    name_key TEXT NOT NULL,
    customer_since DATE,
    industry TEXT,
    country TEXT,
    region TEXT,
    employees BIGINT,
    annual_revenue DOUBLE PRECISION,
    customer_type TEXT,
    journey_stage TEXT,
    behaviour TEXT,
    technology_level TEXT,
    time_zone TEXT,
    owner_email TEXT,
    tier TEXT NOT NULL DEFAULT 'unknown' CHECK (tier IN ('A', 'B', 'C', 'unknown')),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX companies_by_name ON companies (name_key, id);
CREATE INDEX companies_by_owner ON companies (owner_email);
CREATE INDEX companies_by_revenue ON companies (annual_revenue, id);

-- Any imported column that the contract does not name.
CREATE TABLE company_attributes (
    company_id BIGINT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (company_id, name)
);
CREATE INDEX company_attributes_by_value ON company_attributes (name, value);

CREATE TABLE company_domains (
    domain TEXT NOT NULL,
    company_id BIGINT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    PRIMARY KEY (domain, company_id)
);
CREATE INDEX company_domains_of_company ON company_domains (company_id);

CREATE TABLE contacts (
    id INTEGER PRIMARY KEY,
    external_id TEXT NOT NULL UNIQUE,
    company_id BIGINT REFERENCES companies (id),
    email TEXT NOT NULL,
    -- The address folded: the key of suppression.
    email_key TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    -- Both names folded for searching.
    name_key TEXT NOT NULL,
    role TEXT,
    language TEXT,
    time_zone TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX contacts_of_company ON contacts (company_id, id);
CREATE INDEX contacts_by_email ON contacts (email_key);

CREATE TABLE contact_attributes (
    contact_id BIGINT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (contact_id, name)
);
CREATE INDEX contact_attributes_by_value ON contact_attributes (name, value);

CREATE TABLE transactions (
    id INTEGER PRIMARY KEY,
    external_id TEXT NOT NULL UNIQUE,
    company_id BIGINT NOT NULL REFERENCES companies (id),
    contact_id BIGINT REFERENCES contacts (id) ON DELETE SET NULL,
    product TEXT,
    amount DOUBLE PRECISION,
    occurred_at TIMESTAMP NOT NULL,
    -- The needs behind the deal, joined by |; none: not coded.
    needs TEXT,
    -- Other imported columns, as one JSON object.
    attributes TEXT NOT NULL,
    arrived_at TIMESTAMP NOT NULL
);
CREATE INDEX transactions_of_company ON transactions (company_id, occurred_at, id);
CREATE INDEX transactions_of_contact ON transactions (contact_id);

-- Every answer ever given, a company's side by side, so that one pass in key order rescores all.
-- The newest of a question (and matrix row) counts; `seq` orders answers of the same instant.
CREATE TABLE answers (
    company_id BIGINT NOT NULL REFERENCES companies (id),
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    question TEXT NOT NULL,
    row_code TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    seq INTEGER NOT NULL,
    version_id BIGINT NOT NULL REFERENCES question_versions (id),
    -- JSON, as the contract's "value".
    value TEXT NOT NULL,
    channel TEXT NOT NULL,
    author TEXT,
    invitation_id BIGINT,
    suspect BOOLEAN NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (company_id, contact_id, question, row_code, at, seq)
) WITHOUT ROWID;
CREATE INDEX answers_of_contact ON answers (contact_id);

-- A contact's scored answers on one need, added up without its role's weight.
CREATE TABLE contact_needs (
    company_id BIGINT NOT NULL REFERENCES companies (id),
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    need TEXT NOT NULL,
    n INTEGER NOT NULL,
    mean DOUBLE PRECISION NOT NULL,
    squares DOUBLE PRECISION NOT NULL,
    exponent DOUBLE PRECISION NOT NULL,
    weight DOUBLE PRECISION NOT NULL,
    weighed DOUBLE PRECISION NOT NULL,
    weight_squares DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (company_id, contact_id, need)
) WITHOUT ROWID;
CREATE INDEX contact_needs_of_contact ON contact_needs (contact_id);

-- How many of a contact's newest answers are scored on some need.
CREATE TABLE contact_evidence (
    company_id BIGINT NOT NULL REFERENCES companies (id),
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    answers INTEGER NOT NULL,
    answered_at TIMESTAMP NOT NULL,
    PRIMARY KEY (company_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX contact_evidence_of_contact ON contact_evidence (contact_id);

CREATE TABLE company_needs (
    company_id BIGINT NOT NULL REFERENCES companies (id),
    need TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    n INTEGER NOT NULL,
    n_eff DOUBLE PRECISION NOT NULL,
    between_contacts DOUBLE PRECISION NOT NULL,
    se DOUBLE PRECISION NOT NULL,
    r_wg DOUBLE PRECISION,
    PRIMARY KEY (company_id, need)
) WITHOUT ROWID;

CREATE TABLE company_evidence (
    company_id BIGINT NOT NULL PRIMARY KEY REFERENCES companies (id),
    answers INTEGER NOT NULL,
    contacts_answered INTEGER NOT NULL,
    answered_at TIMESTAMP NOT NULL
);

CREATE TABLE calibrations (
    need TEXT NOT NULL PRIMARY KEY,
    sigma2 DOUBLE PRECISION NOT NULL,
    omega2 DOUBLE PRECISION NOT NULL,
    mu DOUBLE PRECISION NOT NULL,
    tau2 DOUBLE PRECISION NOT NULL,
    calibrated_at TIMESTAMP NOT NULL
);

-- The rungs of the evidence ladder, each kept when a higher one supersedes it.
CREATE TABLE overrides (
    company_id BIGINT NOT NULL PRIMARY KEY REFERENCES companies (id),
    segment TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
);
CREATE TABLE survey_segments (
    company_id BIGINT NOT NULL PRIMARY KEY REFERENCES companies (id),
    segment TEXT NOT NULL,
    -- JSON, by segment code; none with one segment only.
    fits TEXT,
    runner_up TEXT,
    margin DOUBLE PRECISION,
    confidence DOUBLE PRECISION
);
CREATE TABLE sales_tags (
    company_id BIGINT NOT NULL PRIMARY KEY REFERENCES companies (id),
    segment TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    blind BOOLEAN NOT NULL
);
CREATE TABLE deal_segments (
    company_id BIGINT NOT NULL PRIMARY KEY REFERENCES companies (id),
    segment TEXT NOT NULL
);

-- The one segment in effect: the key admits no second row for a company.
CREATE TABLE company_segments (
    company_id BIGINT NOT NULL PRIMARY KEY REFERENCES companies (id),
    segment TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('override', 'survey', 'sales_tag', 'deals')),
    since TIMESTAMP NOT NULL
);
CREATE INDEX company_segments_by_segment ON company_segments (segment, company_id);

CREATE TABLE segment_changes (
    id INTEGER PRIMARY KEY,
    company_id BIGINT NOT NULL REFERENCES companies (id),
    at TIMESTAMP NOT NULL,
    from_segment TEXT,
    to_segment TEXT,
    -- What the new segment rests on, or 'framework' where an applied framework moved it.
    source TEXT NOT NULL,
    made_by TEXT NOT NULL,
    why TEXT NOT NULL
);
CREATE INDEX segment_changes_of_company ON segment_changes (company_id, at, id);

-- How a drip stands now; what it does is in the framework.
CREATE TABLE drips (
    code TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('on', 'paused', 'stopped')),
    cause TEXT,
    changed_at TIMESTAMP NOT NULL
);

CREATE TABLE enrolments (
    id INTEGER PRIMARY KEY,
    drip TEXT NOT NULL,
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    company_id BIGINT NOT NULL REFERENCES companies (id),
    transaction_id BIGINT REFERENCES transactions (id),
    -- Once per contact, or per transaction: '' or the transaction's id.
    occasion TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'finished', 'stopped')),
    -- From 0: the step to be made next.
    next_step INTEGER NOT NULL,
    -- When it is due; none: it waits for the step before.
    next_at TIMESTAMP,
    cause TEXT,
    enrolled_at TIMESTAMP NOT NULL,
    UNIQUE (drip, contact_id, occasion)
);
CREATE INDEX enrolments_due ON enrolments (state, next_at, id);
CREATE INDEX enrolments_of_contact ON enrolments (contact_id);
CREATE INDEX enrolments_of_company ON enrolments (company_id);

-- One step for one contact: what a mailed link opens.
CREATE TABLE invitations (
    id INTEGER PRIMARY KEY,
    enrolment_id BIGINT NOT NULL REFERENCES enrolments (id),
    step INTEGER NOT NULL,
    drip TEXT NOT NULL,
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    company_id BIGINT NOT NULL REFERENCES companies (id),
    framework_id BIGINT NOT NULL REFERENCES frameworks (id),
    -- The seed of its tokens: without the secret key it opens nothing.
    nonce TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    first_sent_at TIMESTAMP,
    closes_at TIMESTAMP,
    opened_at TIMESTAMP,
    answered_at TIMESTAMP,
    -- Raised by every saved page: an older page is told so.
    rev INTEGER NOT NULL,
    UNIQUE (enrolment_id, step)
);
CREATE INDEX invitations_of_contact ON invitations (contact_id, id);
CREATE INDEX invitations_of_company ON invitations (company_id);

-- What a token opens: only its SHA-256 is kept. A token outlives its contact as a tombstone.
CREATE TABLE link_tokens (
    hash TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('respond', 'preferences', 'unsubscribe', 'view', 'bounce')),
    invitation_id BIGINT
);
CREATE INDEX link_tokens_of_invitation ON link_tokens (invitation_id);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    invitation_id BIGINT NOT NULL REFERENCES invitations (id),
    -- 0: the first mail of the step; then its reminders.
    nth INTEGER NOT NULL,
    drip TEXT NOT NULL,
    step INTEGER NOT NULL,
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    company_id BIGINT NOT NULL REFERENCES companies (id),
    to_address TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'deferred', 'sent', 'failed', 'cancelled')),
    -- When it is tried next.
    due_at TIMESTAMP NOT NULL,
    -- Why it waits, in words.
    waits_for TEXT,
    -- Fences every completion: only the attempt that claimed may finish.
    attempts INTEGER NOT NULL,
    owner TEXT,
    maybe_duplicate BOOLEAN NOT NULL,
    message_id TEXT,
    -- The whole message, frozen at the first claim.
    bytes BLOB,
    reply TEXT,
    made_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP,
    ended_at TIMESTAMP,
    UNIQUE (invitation_id, nth)
);
CREATE INDEX outbox_due ON outbox (state, due_at, id);
CREATE INDEX outbox_of_contact ON outbox (contact_id, sent_at);
CREATE INDEX outbox_of_company ON outbox (company_id, sent_at);
CREATE INDEX outbox_of_drip ON outbox (drip, state, id);

-- Mail that never leaves, where no SMTP server is set: read under /mailbox.
CREATE TABLE captured_mails (
    id INTEGER PRIMARY KEY,
    mail_id BIGINT,
    to_address TEXT NOT NULL,
    subject TEXT NOT NULL,
    bytes BLOB NOT NULL,
    at TIMESTAMP NOT NULL
);
CREATE INDEX captured_mails_by_time ON captured_mails (at, id);

CREATE TABLE suppressions (
    email_key TEXT NOT NULL,
    -- '' for all drips.
    drip TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    PRIMARY KEY (email_key, drip)
);

CREATE TABLE import_runs (
    id INTEGER PRIMARY KEY,
    what TEXT NOT NULL,
    file_name TEXT NOT NULL,
    made_by TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    unchanged BIGINT NOT NULL
);

-- Facts about this installation: `sending_paused`, `demo_seeded`, …
CREATE TABLE marks (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    at TIMESTAMP NOT NULL
);

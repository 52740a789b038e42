-- What is said of a segment beyond the framework file: the reason behind each line, the message, the
-- offer, the stance on price, channel and timing. Each saving is a row; the newest is in force.
CREATE TABLE playbooks (
    id INTEGER PRIMARY KEY,
    segment TEXT NOT NULL,
    -- JSON.
    document TEXT NOT NULL,
    -- What it changed, in words, one a line.
    changes TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
);
CREATE INDEX playbooks_of_segment ON playbooks (segment, id);

-- What is wanted of a company.
CREATE TABLE plans (
    company_id BIGINT NOT NULL PRIMARY KEY REFERENCES companies (id) ON DELETE CASCADE,
    goal TEXT NOT NULL CHECK (goal IN ('win', 'keep', 'grow')),
    set_by TEXT NOT NULL,
    set_at TIMESTAMP NOT NULL
);

CREATE TABLE plan_steps (
    id INTEGER PRIMARY KEY,
    company_id BIGINT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    action TEXT NOT NULL,
    -- The need that it serves, by its code.
    need TEXT,
    -- The address of the user who does it.
    owner TEXT NOT NULL,
    due_on DATE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'dropped')),
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    ended_by TEXT,
    ended_at TIMESTAMP
);
CREATE INDEX plan_steps_of_company ON plan_steps (company_id, due_on, id);
CREATE INDEX plan_steps_of_owner ON plan_steps (owner, due_on, id) WHERE state = 'open';

-- What happened to a company that whoever looks after it should know.
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    company_id BIGINT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('segment', 'need', 'silence')),
    -- What tells it from the company's others of its kind, so that nothing is told twice.
    occasion TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    from_segment TEXT,
    to_segment TEXT,
    need TEXT,
    from_score DOUBLE PRECISION,
    to_score DOUBLE PRECISION,
    -- How far the 95 % interval reaches that the score has left.
    reach DOUBLE PRECISION,
    -- The last answer of a company that fell silent.
    answered_at TIMESTAMP,
    UNIQUE (company_id, kind, occasion)
);
CREATE INDEX alerts_by_time ON alerts (at, id);

-- Which user has seen or put away which alert.
CREATE TABLE alert_looks (
    alert_id BIGINT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('seen', 'dismissed')),
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (alert_id, user_id)
) WITHOUT ROWID;
CREATE INDEX alert_looks_of_user ON alert_looks (user_id, alert_id, state);

-- The score that people know: where it stood when a shift was last told, or when it was first sure.
CREATE TABLE known_scores (
    company_id BIGINT NOT NULL REFERENCES companies (id) ON DELETE CASCADE,
    need TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    se DOUBLE PRECISION NOT NULL,
    at TIMESTAMP NOT NULL,
    PRIMARY KEY (company_id, need)
) WITHOUT ROWID;

-- What a merge of two companies moved from one plan to the other, so that it can be taken back.
CREATE TABLE merged_steps (
    merge_id BIGINT NOT NULL,
    step_id BIGINT NOT NULL REFERENCES plan_steps (id) ON DELETE CASCADE,
    PRIMARY KEY (merge_id, step_id)
) WITHOUT ROWID;
CREATE TABLE merged_goals (
    merge_id BIGINT NOT NULL PRIMARY KEY,
    goal TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at TIMESTAMP NOT NULL,
    -- The other company had none of its own, and took this one over.
    given BOOLEAN NOT NULL
);

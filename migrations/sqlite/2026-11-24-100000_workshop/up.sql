-- The contact's own words stand in it: a text, or the words beside an option that asks for them.
ALTER TABLE answers ADD COLUMN own_words BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE answers SET own_words = TRUE WHERE value LIKE '%"option":"%","text":"%';
UPDATE answers SET own_words = TRUE WHERE value LIKE '"%' AND version_id IN
    (SELECT id FROM question_versions WHERE definition LIKE '%"kind":"text"%');
CREATE INDEX answers_in_own_words ON answers (at, version_id, question, contact_id) WHERE own_words;

-- Companies whose answers speak for a need are counted with every list of needs.
CREATE INDEX company_needs_in_favour ON company_needs (need, n, score) WHERE score >= 50;

-- The team proposes needs and segments, and votes; an admin freezes the result as the next framework.
CREATE TABLE workshops (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    -- What the team is asked.
    question TEXT NOT NULL,
    votes_each INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'frozen', 'closed')),
    opened_by TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    ended_by TEXT,
    ended_at TIMESTAMP,
    -- What a frozen one was put in force as.
    framework_id BIGINT,
    -- JSON: the code under which each chosen proposal went into that framework, by its number.
    result TEXT
);
-- One is open at a time.
CREATE UNIQUE INDEX workshops_open ON workshops (state) WHERE state = 'open';

CREATE TABLE proposals (
    id INTEGER PRIMARY KEY,
    workshop_id BIGINT NOT NULL REFERENCES workshops (id),
    kind TEXT NOT NULL CHECK (kind IN ('need', 'segment')),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    -- A need's; '' for a segment.
    level TEXT NOT NULL CHECK (level IN ('', 'strategic', 'tactical', 'personal')),
    -- A segment's: JSON, by the number of the proposed need, from 0 to 100.
    profile TEXT NOT NULL,
    -- The need or segment of the framework that it stands for; none: a new one.
    code TEXT,
    author TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    merged_into BIGINT REFERENCES proposals (id),
    withdrawn_at TIMESTAMP
);
CREATE INDEX proposals_of_workshop ON proposals (workshop_id, id);
CREATE INDEX proposals_merged ON proposals (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE proposal_votes (
    proposal_id BIGINT NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
    voter TEXT NOT NULL,
    given_at TIMESTAMP NOT NULL,
    PRIMARY KEY (proposal_id, voter)
);

CREATE TABLE proposal_comments (
    id INTEGER PRIMARY KEY,
    proposal_id BIGINT NOT NULL REFERENCES proposals (id) ON DELETE CASCADE,
    author TEXT NOT NULL,
    words TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
);
CREATE INDEX proposal_comments_of ON proposal_comments (proposal_id, id);

-- One colleague's reading of an answer in own words; it goes with the answer.
CREATE TABLE answer_codings (
    id INTEGER PRIMARY KEY,
    company_id BIGINT NOT NULL,
    contact_id BIGINT NOT NULL,
    question TEXT NOT NULL,
    row_code TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    seq INTEGER NOT NULL,
    -- The first reading counts; a second one, blind to the first, says how far two agree.
    second BOOLEAN NOT NULL,
    coder TEXT NOT NULL,
    -- In hand: taken from the queue, and not read yet.
    state TEXT NOT NULL CHECK (state IN ('in_hand', 'coded', 'aside')),
    changed_at TIMESTAMP NOT NULL,
    UNIQUE (company_id, contact_id, question, row_code, at, seq, second),
    FOREIGN KEY (company_id, contact_id, question, row_code, at, seq)
        REFERENCES answers (company_id, contact_id, question, row_code, at, seq) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX answer_codings_of_coder ON answer_codings (coder, changed_at, id);

CREATE TABLE answer_codes (
    coding_id BIGINT NOT NULL REFERENCES answer_codings (id) ON DELETE CASCADE,
    -- Its code; or that of a proposal, `proposal:` and its number, which becomes one when it is frozen.
    need TEXT NOT NULL,
    PRIMARY KEY (coding_id, need)
);
CREATE INDEX answer_codes_of_need ON answer_codes (need, coding_id);

-- What each framework changed, so that a list of hundreds reads none of their documents. None: it was
-- applied before these were kept. `changes` holds the first sentences as a JSON list.
ALTER TABLE frameworks ADD COLUMN changes TEXT;
ALTER TABLE frameworks ADD COLUMN change_count INTEGER;
-- How much it holds, as one JSON object.
ALTER TABLE frameworks ADD COLUMN counts TEXT;

-- How many answers were given to a version, and when that was counted: once a day, because answers are
-- kept company by company and counting them by version reads them all.
ALTER TABLE question_versions ADD COLUMN answers BIGINT;
ALTER TABLE question_versions ADD COLUMN counted_at TIMESTAMP;

-- The words that a version had before, each until when.
CREATE TABLE question_wordings (
    id INTEGER PRIMARY KEY,
    version_id BIGINT NOT NULL REFERENCES question_versions (id),
    definition TEXT NOT NULL,
    until TIMESTAMP NOT NULL
);
CREATE INDEX question_wordings_of_version ON question_wordings (version_id, id);

-- What a framework left out and none has since taken up again, as it last was.
CREATE TABLE archived_parts (
    kind TEXT NOT NULL CHECK (kind IN ('need', 'segment', 'question_set')),
    code TEXT NOT NULL,
    definition TEXT NOT NULL,
    archived_at TIMESTAMP NOT NULL,
    -- The framework that left it out.
    framework_id BIGINT NOT NULL REFERENCES frameworks (id),
    PRIMARY KEY (kind, code)
) WITHOUT ROWID;

-- The recipient's domain, as its server is asked for: lower case, A-labels.
ALTER TABLE outbox ADD COLUMN domain TEXT NOT NULL DEFAULT '';
-- Attempts that count towards giving up; `attempts` goes on fencing.
ALTER TABLE outbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
-- Five days after it nobody tries any more.
ALTER TABLE outbox ADD COLUMN first_tried_at TIMESTAMP;
-- What the last refusal meant: 'hard', 'soft', 'policy', 'content', …; none where nothing was refused.
ALTER TABLE outbox ADD COLUMN outcome TEXT;
-- When the server took it by the machine's own clock, whatever `sent_at` was told.
ALTER TABLE outbox ADD COLUMN accepted_at TIMESTAMP;
-- False from the 250 on until what hangs on it (closing, reminder, next step) was dated.
ALTER TABLE outbox ADD COLUMN followed BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX outbox_to_follow ON outbox (id) WHERE NOT followed;

-- A mail's bytes stand apart from its row: they are written once, and the row several times.
CREATE TABLE frozen_mails (
    mail_id BIGINT NOT NULL PRIMARY KEY REFERENCES outbox (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
);
INSERT INTO frozen_mails (mail_id, bytes) SELECT id, bytes FROM outbox WHERE bytes IS NOT NULL;
UPDATE outbox SET bytes = NULL WHERE bytes IS NOT NULL;

-- What waits is listed drip by drip, so that a paused one's backlog slows nobody down, and is counted
-- by step and reason without a look at the mails; what is under way is little, whatever the size of
-- the outbox, and so is what was refused.
DROP INDEX outbox_due;
DROP INDEX outbox_of_drip;
CREATE INDEX outbox_of_drip ON outbox (drip, state, due_at, id, step, nth, waits_for);
CREATE INDEX outbox_under_way ON outbox (owner) WHERE owner IS NOT NULL;
CREATE INDEX outbox_refused ON outbox (drip, state, outcome, domain, invitation_id) WHERE outcome IS NOT NULL;

-- As with mails: those on their way drip by drip.
DROP INDEX enrolments_due;
CREATE INDEX enrolments_of_drip ON enrolments (drip, state, next_at, id);

-- Sent by who had opened the form before its closing, and after it.
ALTER TABLE answers ADD COLUMN late BOOLEAN NOT NULL DEFAULT FALSE;
-- The few that look like a program's: how many is asked with every dashboard.
CREATE INDEX answers_suspect ON answers (invitation_id) WHERE suspect;

-- The step's place in the framework that the invitation was made from: what its letter and its
-- form say. `step` is its place in the drip as it is now; below 0 once the step was taken out.
ALTER TABLE invitations ADD COLUMN framework_step INTEGER NOT NULL DEFAULT 0;
UPDATE invitations SET framework_step = step;
-- Its closing is still to be looked at: it may free the next step.
ALTER TABLE invitations ADD COLUMN awaited BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE invitations SET awaited = TRUE WHERE closes_at IS NOT NULL AND answered_at IS NULL;
CREATE INDEX invitations_awaited ON invitations (closes_at, id) WHERE awaited;
-- All that the figures of a drip need.
CREATE INDEX invitations_of_drip ON invitations (drip, step, company_id, first_sent_at, answered_at);

-- Since the drip was last switched on: what its breakers count.
ALTER TABLE drips ADD COLUMN sent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE drips ADD COLUMN hard_bounces BIGINT NOT NULL DEFAULT 0;
ALTER TABLE drips ADD COLUMN complaints BIGINT NOT NULL DEFAULT 0;

-- When each of a mail's links was last fetched, by whatever program: no answer, only a hit.
CREATE TABLE visits (
    invitation_id BIGINT NOT NULL PRIMARY KEY REFERENCES invitations (id),
    respond_at TIMESTAMP,
    preferences_at TIMESTAMP,
    unsubscribe_at TIMESTAMP,
    view_at TIMESTAMP,
    -- All of them within ten seconds: a program that looks at every link.
    swept_at TIMESTAMP,
    hits BIGINT NOT NULL
);

-- Links of test mails: they show what a contact would see, and record nothing.
CREATE TABLE test_links (
    hash TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('respond', 'preferences', 'unsubscribe', 'view')),
    drip TEXT NOT NULL,
    step INTEGER NOT NULL,
    contact_id BIGINT NOT NULL REFERENCES contacts (id),
    made_by TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
);
CREATE INDEX test_links_of_contact ON test_links (contact_id);

-- What a contact asked for itself, by its folded address: all of it waits, none of it is dropped.
CREATE TABLE mail_wishes (
    email_key TEXT NOT NULL PRIMARY KEY,
    -- Between two mails at least.
    gap_days INTEGER,
    paused_until TIMESTAMP,
    -- An out-of-office reply said so.
    away_until TIMESTAMP,
    changed_at TIMESTAMP NOT NULL
);

-- Soft bounces of an address, added up.
CREATE TABLE strikes (
    email_key TEXT NOT NULL PRIMARY KEY,
    score DOUBLE PRECISION NOT NULL,
    -- At most one counts a day.
    counted_on DATE NOT NULL,
    -- The first day of a refusal that is hard only when another day repeats it.
    doubtful_on DATE
);

-- A destination that does not take a drip's mail: its mails wait, the contacts are not to blame.
CREATE TABLE domain_holds (
    drip TEXT NOT NULL,
    domain TEXT NOT NULL,
    cause TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL,
    PRIMARY KEY (drip, domain)
);

-- A destination that asked for fewer mails.
CREATE TABLE domain_paces (
    domain TEXT NOT NULL PRIMARY KEY,
    per_minute INTEGER NOT NULL,
    halved_at TIMESTAMP NOT NULL,
    throttled_at TIMESTAMP NOT NULL
);

-- What came back to us: bounces, complaints, out-of-office replies, and what people wrote.
CREATE TABLE incoming_mails (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('bounce', 'delay', 'complaint', 'auto_reply', 'reply', 'ignored')),
    at TIMESTAMP NOT NULL,
    invitation_id BIGINT,
    contact_id BIGINT,
    drip TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- A reply's own words, or what a server said.
    words TEXT NOT NULL,
    -- SHA-256 of the whole: the same mail read twice counts once.
    fingerprint TEXT NOT NULL UNIQUE
);
CREATE INDEX incoming_mails_of_contact ON incoming_mails (contact_id, at, id);
CREATE INDEX incoming_mails_of_drip ON incoming_mails (drip, kind, id);
CREATE INDEX incoming_mails_of_invitation ON incoming_mails (invitation_id);

-- A letter as it would go to nobody in particular: what all mails of it have in common.
CREATE TABLE specimens (
    id INTEGER PRIMARY KEY,
    -- SHA-256 of its bytes.
    fingerprint TEXT NOT NULL UNIQUE,
    bytes BLOB NOT NULL
);

-- A mail's frozen bytes, told by what they have that its specimen has not: some hundred bytes for
-- some thousand. Mails that have no specimen stand whole in frozen_mails.
CREATE TABLE frozen_changes (
    mail_id BIGINT NOT NULL PRIMARY KEY REFERENCES outbox (id) ON DELETE CASCADE,
    specimen_id BIGINT NOT NULL REFERENCES specimens (id),
    changes BLOB NOT NULL
) WITHOUT ROWID;

-- Mails that a server has taken, written down before their connection hands the next one over. It
-- is a narrow row, because somebody waits for it; the outbox and all that hangs on a mail follow in
-- sets, and the row goes.
CREATE TABLE sent_marks (
    mail_id BIGINT NOT NULL PRIMARY KEY REFERENCES outbox (id) ON DELETE CASCADE,
    -- The attempt that was taken.
    attempts INTEGER NOT NULL,
    reply TEXT NOT NULL,
    sent_at TIMESTAMP NOT NULL,
    -- By the machine's own clock; none where nothing left the house.
    accepted_at TIMESTAMP
) WITHOUT ROWID;
INSERT INTO sent_marks (mail_id, attempts, reply, sent_at, accepted_at)
    SELECT id, attempts, coalesce(reply, ''), sent_at, accepted_at FROM outbox WHERE NOT followed AND sent_at IS NOT NULL;
UPDATE outbox SET followed = TRUE WHERE NOT followed;
DROP INDEX outbox_to_follow;

-- A contact has a few mails, and a company some more: when each was sent its row says, and these
-- indexes need no change when one is.
DROP INDEX outbox_of_contact;
DROP INDEX outbox_of_company;
CREATE INDEX outbox_of_contact ON outbox (contact_id, id);
CREATE INDEX outbox_of_company ON outbox (company_id, id);

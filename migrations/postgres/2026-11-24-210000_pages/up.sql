-- A form may have several pages, each kept as it is posted: the questions, by their codes, that were
-- asked and left blank. What was answered tells itself.
ALTER TABLE invitations ADD COLUMN passed TEXT NOT NULL DEFAULT '';

ALTER TABLE invitations DROP COLUMN passed;

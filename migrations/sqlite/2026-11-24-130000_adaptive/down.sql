ALTER TABLE invitations DROP COLUMN questions;

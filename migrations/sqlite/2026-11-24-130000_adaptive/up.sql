-- What an adaptive step asks, chosen once when its mail is made: a JSON list of question codes.
ALTER TABLE invitations ADD COLUMN questions TEXT;

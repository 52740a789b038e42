-- The list of contacts, half a million of them, begins where its page does.
CREATE INDEX contacts_by_name ON contacts (name_key, id);

-- Who wrote what in own words is counted without a look at the answers: all that is asked of them
-- stands in the index, the conditions too.
CREATE INDEX answers_written ON answers (version_id, question, contact_id, own_words, suspect) WHERE own_words AND NOT suspect;

DROP TABLE answer_codes;
DROP TABLE answer_codings;
DROP TABLE proposal_comments;
DROP TABLE proposal_votes;
DROP TABLE proposals;
DROP TABLE workshops;
DROP INDEX company_needs_in_favour;
DROP INDEX answers_in_own_words;
ALTER TABLE answers DROP COLUMN own_words;

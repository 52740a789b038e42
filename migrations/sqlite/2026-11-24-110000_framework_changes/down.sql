DROP TABLE archived_parts;
DROP TABLE question_wordings;
ALTER TABLE question_versions DROP COLUMN counted_at;
ALTER TABLE question_versions DROP COLUMN answers;
ALTER TABLE frameworks DROP COLUMN counts;
ALTER TABLE frameworks DROP COLUMN change_count;
ALTER TABLE frameworks DROP COLUMN changes;

-- A merge moves the steps of a company's plan, and what was told of it, too.
ALTER TABLE merged_rows ADD COLUMN step_id BIGINT REFERENCES plan_steps (id) ON DELETE CASCADE;
ALTER TABLE merged_rows ADD COLUMN alert_id BIGINT REFERENCES alerts (id) ON DELETE CASCADE;
CREATE INDEX merged_rows_of_step ON merged_rows (step_id) WHERE step_id IS NOT NULL;
CREATE INDEX merged_rows_of_alert ON merged_rows (alert_id) WHERE alert_id IS NOT NULL;

DROP INDEX merged_rows_of_step;
DROP INDEX merged_rows_of_alert;
ALTER TABLE merged_rows DROP COLUMN step_id;
ALTER TABLE merged_rows DROP COLUMN alert_id;

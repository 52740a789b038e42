-- What rules told is not what was imported.
UPDATE companies SET behaviour = behaviour_given;
DELETE FROM marks WHERE name = 'usage_until';
DELETE FROM company_attributes WHERE worked_out;
ALTER TABLE company_attributes DROP COLUMN worked_out;
DROP TABLE usage_features;
DROP TABLE company_usage;
DROP INDEX transactions_figures;
DROP TABLE behaviour_runs;
DROP TABLE behaviour_rules;
ALTER TABLE companies DROP COLUMN behaviour_found;
ALTER TABLE companies DROP COLUMN behaviour_given;

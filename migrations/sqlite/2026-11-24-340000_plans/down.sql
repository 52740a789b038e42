DROP TABLE merged_goals;
DROP TABLE merged_steps;
DROP TABLE known_scores;
DROP TABLE alert_looks;
DROP TABLE alerts;
DROP TABLE plan_steps;
DROP TABLE plans;
DROP TABLE playbooks;

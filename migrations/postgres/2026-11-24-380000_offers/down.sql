DROP INDEX transactions_coded;
DROP INDEX conversations_by_day;
DROP INDEX companies_by_behaviour;
DROP TABLE offers;

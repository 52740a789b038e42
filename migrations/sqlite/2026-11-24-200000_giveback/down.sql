DROP TABLE giveback_companies;
DROP TABLE giveback_sums;

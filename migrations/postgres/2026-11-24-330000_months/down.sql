DROP TABLE segment_drafts;
DROP TABLE company_months;

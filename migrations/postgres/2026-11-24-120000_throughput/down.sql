DROP INDEX outbox_of_company;
DROP INDEX outbox_of_contact;
CREATE INDEX outbox_of_contact ON outbox (contact_id, sent_at);
CREATE INDEX outbox_of_company ON outbox (company_id, sent_at);
CREATE INDEX outbox_to_follow ON outbox (id) WHERE NOT followed;
UPDATE outbox SET followed = FALSE WHERE id IN (SELECT mail_id FROM sent_marks);
DROP TABLE sent_marks;
DROP TABLE frozen_changes;
DROP TABLE specimens;

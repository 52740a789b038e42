DROP INDEX answers_written;
DROP INDEX contacts_by_name;

DROP INDEX segment_changes_by_time;
DROP TABLE user_visits;
DROP TABLE saved_views;

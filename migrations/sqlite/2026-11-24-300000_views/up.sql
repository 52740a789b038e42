-- A page of figures with its filter, under a name; a removed one can be put back for a while.
CREATE TABLE saved_views (
    id INTEGER PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- The name folded: nobody has two views of one name.
    name_key TEXT NOT NULL,
    page TEXT NOT NULL,
    query TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    made_at TIMESTAMP NOT NULL,
    removed_at TIMESTAMP
);
CREATE UNIQUE INDEX saved_views_by_name ON saved_views (user_id, name_key) WHERE removed_at IS NULL;
CREATE INDEX saved_views_shared ON saved_views (name_key, id) WHERE shared;

-- When each user came this time, and the time before: what the dashboard counts news from.
CREATE TABLE user_visits (
    user_id BIGINT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    came_at TIMESTAMP NOT NULL,
    before_at TIMESTAMP
);

-- What changed since then.
CREATE INDEX segment_changes_by_time ON segment_changes (at, id);

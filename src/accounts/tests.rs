use chrono::{NaiveDateTime, TimeDelta};

use super::*;
use crate::store::{Db, Url, migrate};

/// A new database in a folder that goes with it, and a time to begin at.
fn database() -> (tempfile::TempDir, Db, NaiveDateTime) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("test.db").display());
    let db = Db::open(&Url::parse(&url).expect("a URL")).expect("a database");
    migrate::run(&db).expect("a schema");
    (folder, db, NaiveDateTime::default() + TimeDelta::days(20_000))
}

fn hashed() -> Hashed {
    Hashed::of_row("a hash".to_owned())
}

fn add(db: &Db, now: NaiveDateTime, email: &'static str, role: Role) -> UserId {
    db.write_now(move |conn| add_user(conn, now, "console", email, role, &hashed()))
        .expect("a user")
}

fn log_in(db: &Db, now: NaiveDateTime, id: UserId) -> Option<String> {
    db.write_now(move |conn| session::log_in(conn, now, id, None))
        .expect("an answer")
}

fn opens(db: &Db, now: NaiveDateTime, token: &str) -> bool {
    db.read_now(|conn| session::find(conn, now, token))
        .expect("an answer")
        .is_some()
}

#[test]
fn an_address_has_one_account_whatever_its_case() {
    let (_folder, db, now) = database();
    add(&db, now, "Ada@Example.com", Role::Admin);
    let again = db.write_now(move |conn| add_user(conn, now, "console", "ada@example.COM", Role::Sales, &hashed()));
    assert!(matches!(again, Err(Refusal::TakenEmail)), "{again:?}");
    let found = db.read_now(|conn| find_user_by_email(conn, "ADA@example.com"));
    assert_eq!(
        found.expect("an answer").map(|user| user.email).as_deref(),
        Some("Ada@example.com")
    );
    let unfit = db.write_now(move |conn| add_user(conn, now, "console", "ada", Role::Sales, &hashed()));
    assert!(matches!(unfit, Err(Refusal::UnfitEmail)));
}

#[test]
fn a_session_ends_after_half_an_hour_of_silence_and_after_twelve_hours() {
    let (_folder, db, begin) = database();
    let ada = add(&db, begin, "ada@example.com", Role::Admin);
    let token = log_in(&db, begin, ada).expect("a session");
    assert!(opens(&db, begin + TimeDelta::minutes(29), &token));
    assert!(!opens(&db, begin + TimeDelta::minutes(30), &token));
    let mut now = begin;
    while now < begin + TimeDelta::hours(12) {
        assert!(opens(&db, now, &token), "{now}");
        let touched = token.clone();
        db.write_now(move |conn| session::touch(conn, now, &touched))
            .expect("a touch");
        now += TimeDelta::minutes(20);
    }
    assert!(!opens(&db, now, &token));
}

#[test]
fn log_out_a_new_password_a_new_role_and_disabling_each_end_the_sessions() {
    type Deed = fn(&mut Conn, NaiveDateTime, UserId, &str) -> Result<(), Refusal>;
    let deeds: [Deed; 4] = [
        |conn, now, _, token| Ok(session::log_out(conn, now, token)?),
        |conn, now, id, _| change_password(conn, now, "console", id, &hashed()),
        |conn, now, id, _| change_role(conn, now, "console", id, Role::Analyst),
        |conn, now, id, _| disable_user(conn, now, "console", id),
    ];
    let (_folder, db, now) = database();
    add(&db, now, "ada@example.com", Role::Admin);
    let bob = add(&db, now, "bob@example.com", Role::Sales);
    for deed in deeds {
        let token = log_in(&db, now, bob).expect("a session");
        let spent = token.clone();
        assert!(opens(&db, now, &token));
        db.write_now(move |conn| deed(conn, now, bob, &spent)).expect("done");
        assert!(!opens(&db, now, &token));
    }
    assert_eq!(log_in(&db, now, bob), None, "a disabled user logs in");
}

#[test]
fn the_last_admin_stays() {
    let (_folder, db, now) = database();
    let ada = add(&db, now, "ada@example.com", Role::Admin);
    let bob = add(&db, now, "bob@example.com", Role::Admin);
    db.write_now(move |conn| disable_user(conn, now, "console", bob))
        .expect("another admin is left");
    let disabled = db.write_now(move |conn| disable_user(conn, now, "console", ada));
    assert!(matches!(disabled, Err(Refusal::LastAdmin)));
    let demoted = db.write_now(move |conn| change_role(conn, now, "console", ada, Role::Sales));
    assert!(matches!(demoted, Err(Refusal::LastAdmin)));
}

#[test]
fn a_token_opens_until_it_is_revoked_and_is_not_kept() {
    let (_folder, db, now) = database();
    let token = db
        .write_now(move |conn| token::add(conn, now, "console", "crm", Role::Analyst))
        .expect("a token");
    assert!(token.starts_with("drip_"));
    let found = db.read_now(|conn| token::find(conn, &token)).expect("an answer");
    let found = found.expect("the token");
    assert_eq!((found.name.as_str(), found.role), ("crm", Role::Analyst));
    let other = db.read_now(|conn| token::find(conn, "drip_other"));
    assert_eq!(other.expect("an answer"), None);
    db.write_now(move |conn| token::revoke(conn, now, "console", found.id))
        .expect("revoked");
    assert_eq!(db.read_now(|conn| token::find(conn, &token)).expect("an answer"), None);
}

#[test]
fn every_deed_is_in_the_audit_log_newest_first() {
    let (_folder, db, now) = database();
    let ada = add(&db, now, "ada@example.com", Role::Admin);
    log_in(&db, now, ada);
    let read = |before| db.read_now(move |conn| audit::list(conn, before, 1)).expect("the log");
    let newest = read(None);
    assert_eq!(newest.entries[0].action, "session.log_in");
    let oldest = read(newest.next);
    assert_eq!(oldest.entries[0].action, "user.add");
    assert_eq!(oldest.entries[0].actor, "console");
    assert_eq!(oldest.next, None);
}

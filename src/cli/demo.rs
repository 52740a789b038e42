//! `dripline demo`

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDateTime, TimeDelta};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::installation::{Installation, settings};
use super::progress::Progress;
use super::report::{Failure, Outcome, failed, say};
use super::serve;
use crate::accounts::{self, Passwords, Role};
use crate::behaviour;
use crate::clock::Clock;
use crate::companies::listing::{self, Viewer};
use crate::config::{Config, DatabaseUrl, MailFrom, SecretKey};
use crate::demo::{self, Asked, Cast, Person};
use crate::drip::send::Outgoing;
use crate::drip::{Who, enrol};
use crate::ids::CompanyId;
use crate::import::{self, What};
use crate::mail::letterhead::Letterhead;
use crate::mail::token;
use crate::needs::{self, Hand};
use crate::plan::rules::Typed;
use crate::plan::{self, Goal, offers, playbook};
use crate::store::{self, Db, marks};
use crate::text::csv::Limits;
use crate::{design, framework, method, reframe, respond, worker};

/// Try everything on a fictional installation; mail is captured, nothing leaves.
///
/// It has a database of its own, made on the first start: some weeks in the life of a maker of
/// factory software, its customers and their answers.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  dripline demo\n\nStart over by deleting the file.")]
pub struct Arguments {
    /// Where the demo's database is.
    #[arg(long, value_name = "FILE", default_value = "dripline-demo.db")]
    file: PathBuf,
}

/// Who does what in the demo's history.
const ACTOR: &str = "demo";
/// How many days of history there are.
const DAYS: u64 = 42;
/// On these days another part of the contacts is asked.
const WAVES: [u64; 4] = [0, 7, 14, 21];
/// When in the day mails go out and answers come in, in hours of UTC.
const SENDING_HOUR: i64 = 8;

const LOGINS: [(&str, Role); 3] = [
    ("admin@lindenwerk.example", Role::Admin),
    ("analyst@lindenwerk.example", Role::Analyst),
    ("sales@lindenwerk.example", Role::Sales),
];

pub fn run(Arguments { file }: Arguments) -> Outcome {
    let config = demo_settings(settings()?, &file);
    let mut installation = Installation::open_as(config.clone())?;
    let seeded = installation.db.read_now(|conn| marks::find(conn, marks::DEMO_SEEDED))?;
    let key = installation.config.secret_key_or_file()?;
    if seeded.is_none() {
        // What an interrupted first start left behind is of no use.
        drop(installation);
        remove(&file)?;
        installation = Installation::open_as(config)?;
        seed(&installation, &key)?;
    }
    serve::serve(installation, false, |address| {
        say(format_args!(
            "The demo is at {address}, its mail at {address}mailbox. Log in as"
        ));
        for (email, role) in LOGINS {
            say(format_args!(
                "  {:<8} {email:<28} {}",
                role.as_str(),
                password(&key, email)
            ));
        }
    })
}

fn demo_settings(mut config: Config, file: &Path) -> Config {
    config.database = DatabaseUrl::Sqlite(file.to_path_buf());
    config.smtp = None;
    config.mail_from = MailFrom {
        name: "Anna Berger, Lindenwerk".into(),
        address: "anna.berger@lindenwerk.example".into(),
    };
    config.postal_address = "Lindenwerk GmbH, Lindenstraße 1, 10969 Berlin".into();
    config
}

fn remove(file: &Path) -> Outcome {
    for ending in ["", "-wal", "-shm"] {
        let path = PathBuf::from(format!("{}{ending}", file.display()));
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(path.display(), error)),
            _ => {}
        }
    }
    Ok(())
}

/// The same on every start, and another for every demo.
fn password(key: &SecretKey, email: &str) -> String {
    token::seal(key, &["demo", email]).chars().take(12).collect()
}

fn seed(installation: &Installation, key: &SecretKey) -> Outcome {
    let Installation { config, db, clock } = installation;
    let progress = Progress::start("making a fictional installation");
    let today = clock.now().date();
    let begin = today - Days::new(DAYS);
    let cast = demo::cast(today);
    let history = History {
        db,
        outgoing: Outgoing::new(
            db.clone(),
            Clock::fixed(begin.and_time(chrono::NaiveTime::MIN)),
            config,
            key.clone(),
        ),
        letterhead: Letterhead::new(config, key.clone()),
        people: people(&cast),
    };
    history.set_up(&cast, key)?;
    for day in 0..=DAYS {
        let morning = (begin + Days::new(day)).and_time(chrono::NaiveTime::MIN) + TimeDelta::hours(SENDING_HOUR);
        if morning > clock.now() {
            break;
        }
        history.live(day, morning, clock.now())?;
        progress.note(format!("making a fictional installation: day {day} of {DAYS}"));
    }
    history.judge_by_hand(clock.now())?;
    history.plan(clock.now())?;
    history.offer(clock.now())?;
    history.look_back(&cast, key, clock.now())?;
    let now = clock.now();
    history.visit(now - TimeDelta::days(4))?;
    db.write_now(move |conn| needs::calibrate(conn, now))?;
    db.write_now(move |conn| marks::set(conn, now, marks::DEMO_SEEDED, "yes"))?;
    Ok(())
}

fn people(cast: &Cast) -> HashMap<String, Person> {
    let everybody = cast.customers.iter().flat_map(|customer| &customer.people);
    everybody
        .map(|person| (person.external_id.clone(), person.clone()))
        .collect()
}

/// Some weeks in the life of the installation.
struct History<'a> {
    db: &'a Db,
    /// Its clock is the history's.
    outgoing: Outgoing,
    letterhead: Letterhead,
    people: HashMap<String, Person>,
}

impl History<'_> {
    fn set_up(&self, cast: &Cast, key: &SecretKey) -> Outcome {
        let now = self.outgoing.clock.now();
        let framework = framework::read::toml(demo::FRAMEWORK)
            .map_err(|faults| Failure(faults.iter().map(ToString::to_string).collect()))?;
        self.db
            .write_now(move |conn| reframe::apply(conn, now, ACTOR, &framework))?;
        let files = [
            (What::Companies, cast.companies_csv()),
            (What::Contacts, cast.contacts_csv()),
            (What::Transactions, cast.transactions_csv(now.date())),
        ];
        for (what, csv) in files {
            self.take(now, key, what, csv)?;
        }
        for (email, role) in LOGINS {
            let hashed = Passwords::hash_now(&password(key, email)).map_err(|refusal| failed(email, refusal))?;
            self.db
                .write_now(move |conn| accounts::add_user(conn, now, ACTOR, email, role, &hashed))
                .map_err(|refusal| failed(email, refusal))?;
        }
        Ok(())
    }

    fn take(&self, now: NaiveDateTime, key: &SecretKey, what: What, csv: String) -> Outcome {
        let (name, key) = (format!("{what}.csv"), key.clone());
        self.db
            .write_now(move |conn| {
                let file = import::File {
                    what,
                    name: &name,
                    bytes: csv.as_bytes(),
                    limits: Limits::FILE,
                    dry_run: false,
                };
                import::csv(conn, now, ACTOR, &key, &file)
            })
            .map_err(|refusal| failed(what, refusal))?;
        Ok(())
    }

    /// What the customers bought and use, and the rules by which their behaviour is told.
    fn look_back(&self, cast: &Cast, key: &SecretKey, now: NaiveDateTime) -> Outcome {
        let today = now.date();
        self.take(now, key, What::Transactions, demo::purchases_csv(cast, today))?;
        self.take(now, key, What::Usage, demo::usage_csv(cast, today))?;
        let rules = method::behaviour::ready();
        self.db
            .write_now(move |conn| behaviour::apply(conn, now, LOGINS[0].0, 0, &rules))
            .map_err(|refusal| failed("behaviour", format!("{refusal:?}")))?;
        behaviour::keep_up(self.db, now, || false)?;
        Ok(())
    }

    /// Everybody has looked in before, so that the dashboard can tell what changed since.
    fn visit(&self, at: NaiveDateTime) -> Outcome {
        self.db.write_now(move |conn| {
            for user in accounts::list_users(conn)? {
                accounts::session::note_visit(conn, at, user.id)?;
            }
            Ok::<_, crate::store::Error>(())
        })?;
        Ok(())
    }

    /// One day: perhaps somebody is asked, mails go out, people answer. Nothing after `until`.
    fn live(&self, day: u64, morning: NaiveDateTime, until: NaiveDateTime) -> Outcome {
        self.outgoing.clock.set(morning);
        if let Some(wave) = WAVES.iter().position(|asked_on| *asked_on == day) {
            let mut asked: Vec<String> = self.people.keys().cloned().collect();
            asked.sort();
            let asked = asked
                .into_iter()
                .enumerate()
                .filter(|(n, _)| n % WAVES.len() == wave)
                .map(|(_, id)| id);
            let who = Who::Contacts(asked.collect());
            self.db
                .write_now(move |conn| enrol(conn, morning, demo::DRIP, &who))
                .map_err(|refusal| failed(demo::DRIP, refusal))?;
        }
        worker::run_due(&self.outgoing)?;
        for asked in self.db.read_now(demo::list_asked)? {
            let Some(person) = self.people.get(&asked.contact) else {
                continue;
            };
            let Some(days) = person.answers_after_days(asked.step) else {
                continue;
            };
            let at = morning + TimeDelta::minutes(37 + (asked.contact.len() as i64 + days * 83) % 480);
            if (morning.date() - asked.sent_at.date()).num_days() == days && at < until {
                self.answer(person, &asked, at)?;
            }
        }
        Ok(())
    }

    fn answer(&self, person: &Person, asked: &Asked, at: NaiveDateTime) -> Outcome {
        let seed = asked.contact.bytes().fold(asked.step as u64 + 1, |seed, byte| {
            seed.wrapping_mul(131).wrapping_add(u64::from(byte))
        });
        let mut rng = StdRng::seed_from_u64(seed);
        let design = self.db.read_now(design::current)?;
        let Some(drip) = design.framework.drip(demo::DRIP) else {
            return Ok(());
        };
        let step = usize::try_from(asked.step).ok().and_then(|step| drip.steps.get(step));
        let Some(framework::StepContent::Questions { question_set, .. }) = step.map(|step| &step.content) else {
            return Ok(());
        };
        let questions = design.questions_of(question_set);
        let fields: Vec<(String, String)> = questions
            .iter()
            .flat_map(|version| person.fills_in(&version.question, &mut rng))
            .collect();
        let token = token::make(self.letterhead.key(), token::Purpose::Respond, &asked.nonce);
        let letterhead = self.letterhead.clone();
        let recorded = self.db.write_now(move |conn| {
            respond::record(conn, at, &letterhead, &respond::Visits::default(), &token, &fields)
        });
        match recorded {
            Ok(_) | Err(respond::Refusal::Closed(..)) => Ok(()),
            Err(refusal) => Err(Failure(vec![format!("{}: {refusal:?}", asked.contact)])),
        }
    }

    /// What people know by themselves: a few tags by sales, one override.
    fn judge_by_hand(&self, now: NaiveDateTime) -> Outcome {
        let tags = [
            (3, "efficiency-seekers", "asks for the price first, every time"),
            (9, "customer-intimates", "wants to see me, not a portal"),
            (17, "innovators", "showed me the plans for the new line"),
            (29, "customer-intimates", "calls before it writes"),
            (35, "efficiency-seekers", "counts every hour of downtime"),
        ];
        self.db.write_now(move |conn| {
            for (company, segment, reason) in tags {
                let tag = Hand::SalesTag { blind: true };
                needs::set_by_hand(conn, now, CompanyId(company), tag, segment, reason, LOGINS[2].0)?;
            }
            let reason = "told us so at the fair, the answers came from a former team";
            needs::set_by_hand(
                conn,
                now,
                CompanyId(12),
                Hand::Override,
                "innovators",
                reason,
                LOGINS[1].0,
            )
        })?;
        Ok(())
    }

    /// What is said to each segment, and what sales has promised, some of it weeks ago.
    fn plan(&self, now: NaiveDateTime) -> Outcome {
        self.db.write_now(move |conn| {
            for (segment, playbook) in demo::playbooks() {
                playbook::save(conn, now, LOGINS[0].0, segment, &playbook)?;
            }
            let Some(sales) = accounts::find_user_by_email(conn, LOGINS[2].0)? else {
                return Ok(());
            };
            let (design, then) = (design::current(conn)?, now - TimeDelta::days(10));
            for promise in &demo::PROMISES {
                let Some(company) = listing::find(conn, &Viewer::All, promise.company)? else {
                    continue;
                };
                plan::set_goal(conn, then, &sales.email, &company, Some(Goal::Grow))?;
                let typed = Typed {
                    action: promise.action.to_owned(),
                    need: promise.need.to_owned(),
                    owner: sales.email.clone(),
                    due_on: (now.date() + TimeDelta::days(promise.due_in_days)).to_string(),
                };
                match plan::put_step(conn, then, &sales, &design, &company, None, &typed) {
                    Ok(()) | Err(plan::Refusal::Faulty(_) | plan::Refusal::Unknown) => {}
                    Err(plan::Refusal::Store(error)) => return Err(error),
                }
            }
            Ok::<_, store::Error>(())
        })?;
        Ok(())
    }

    /// What there is to put before customers, entered by sales one month after the other.
    fn offer(&self, now: NaiveDateTime) -> Outcome {
        self.db
            .write_now(move |conn| {
                let Some(sales) = accounts::find_user_by_email(conn, LOGINS[2].0)? else {
                    return Ok(());
                };
                let design = design::current(conn)?;
                for (months, novelty) in demo::OFFERS.iter().rev().enumerate() {
                    let weights = novelty.needs.iter();
                    let typed = offers::rules::Typed {
                        name: novelty.name.to_owned(),
                        note: novelty.note.to_owned(),
                        weights: weights
                            .map(|(need, weight)| ((*need).to_owned(), weight.to_string()))
                            .collect(),
                    };
                    offers::add(conn, now - TimeDelta::days(30 * months as i64), &sales, &design, &typed)?;
                }
                Ok::<_, offers::Refusal>(())
            })
            .map_err(|refusal| Failure(vec![format!("an offer of the demo is refused: {refusal:?}")]))
    }
}

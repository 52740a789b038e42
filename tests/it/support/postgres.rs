//! A PostgreSQL cluster of this process alone: made at its first use, gone when the process ends,
//! however it ends. It listens on a socket in its own folder, so there is no port to collide on.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use dripline::store::{Db, Url, migrate};

/// A running cluster; the migrated database `template` is what each test's database is copied from.
pub struct Cluster {
    folder: PathBuf,
    made: AtomicU32,
}

/// The cluster of this process, or `None` where PostgreSQL's programs are not to be found.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| programs().map(|programs| Cluster::start(&programs)))
        .as_ref()
}

impl Cluster {
    /// A new database as the migrations leave it: its name and its URL.
    pub fn create(&self) -> (String, Url) {
        let name = format!("t{}", self.made.fetch_add(1, Ordering::Relaxed));
        self.execute(&format!("CREATE DATABASE {name} TEMPLATE template STRATEGY wal_log"));
        let url = self.url(&name);
        (name, url)
    }

    pub fn drop(&self, name: &str) {
        self.execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
    }

    /// As if the server were down, for that database alone, until [`Cluster::admit`].
    pub fn lock_out(&self, name: &str) {
        self.execute(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"));
        self.execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
    }

    pub fn admit(&self, name: &str) {
        self.execute(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"));
    }

    fn start(programs: &Path) -> Cluster {
        let folder = make_folder();
        initdb(programs, &folder);
        let cluster = Cluster {
            folder,
            made: AtomicU32::new(1),
        };
        cluster.launch(programs);
        cluster.execute("CREATE DATABASE template");
        {
            let db = Db::open(&cluster.url("template")).expect("the new cluster answers");
            migrate::run(&db).expect("the migrations run");
        }
        cluster.wait_until_nobody_uses_the_template();
        cluster
    }

    /// The shell waits on a pipe whose other end this process holds: when the process ends, killed
    /// or not, the pipe closes, the server stops and its folder goes.
    fn launch(&self, programs: &Path) {
        const WATCH: &str = r#"
            "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=300 -c shared_buffers=64MB \
                -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off >"$2/log" 2>&1 &
            server=$!
            read _
            kill -INT $server
            wait $server
            rm -rf "$2""#;
        let mut shell = command("/bin/sh", &self.folder);
        shell.args(["-c", WATCH, "sh"]).arg(programs).arg(&self.folder);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = shell.process_group(0).spawn().expect("a shell starts");
        let pipe = child.stdin.take();
        std::mem::forget((child, pipe));
        let give_up = Instant::now() + Duration::from_secs(60);
        while let Err(error) = PgConnection::establish(&self.address("postgres")) {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(
                Instant::now() < give_up,
                "PostgreSQL does not start: {error}\n{}",
                log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A template that anybody is connected to cannot be copied, and a session ends a moment after its connection.
    fn wait_until_nobody_uses_the_template(&self) {
        for _ in 0..500 {
            let mut conn = PgConnection::establish(&self.address("postgres")).expect("the cluster answers");
            let copied = conn.batch_execute("CREATE DATABASE trial TEMPLATE template STRATEGY wal_log; ");
            if copied.is_ok() {
                return self.drop("trial");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the template database stays in use");
    }

    fn execute(&self, sql: &str) {
        let mut conn = PgConnection::establish(&self.address("postgres")).expect("the cluster answers");
        conn.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn url(&self, database: &str) -> Url {
        Url::parse(&self.address(database)).expect("a PostgreSQL URL")
    }

    /// libpq takes the socket's folder as a host once its slashes are percent-encoded.
    fn address(&self, database: &str) -> String {
        let folder = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://postgres@{folder}/{database}")
    }
}

/// The folder that holds both `initdb` and `postgres`: `$PG_BIN`, else on the path, else the newest
/// of Debian's versions, which do not stand on the path.
fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("PG_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let of_debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut of_debian: Vec<(u32, PathBuf)> = of_debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    of_debian.sort();
    named
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain(of_debian.into_iter().rev().map(|(_, folder)| folder))
        .filter(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .find_map(|folder| {
            folder
                .join("postgres")
                .canonicalize()
                .ok()?
                .parent()
                .map(Path::to_owned)
        })
}

/// Short, because a socket's path ends at 107 bytes, and open to the user that PostgreSQL runs as.
fn make_folder() -> PathBuf {
    let parent = if Path::new("/tmp").is_dir() {
        PathBuf::from("/tmp")
    } else {
        std::env::temp_dir()
    };
    let folder = tempfile::Builder::new().prefix("dripline-pg-").tempdir_in(parent);
    let folder = folder.expect("a temporary folder").keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("our own folder");
    if let Some((user, group)) = unprivileged() {
        chown(&folder, Some(user), Some(group)).expect("our own folder");
    }
    folder
}

fn initdb(programs: &Path, folder: &Path) {
    let mut initdb = command(programs.join("initdb"), folder);
    initdb.args([
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
        "-D",
    ]);
    let made = initdb
        .arg(folder.join("data"))
        .stdin(Stdio::null())
        .output()
        .expect("initdb starts");
    assert!(
        made.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&made.stderr)
    );
}

/// A program of PostgreSQL's: it refuses to run as root, and minds no setting of ours.
fn command(program: impl AsRef<std::ffi::OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir("/")
        .env_clear()
        .env("LC_ALL", "C")
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder);
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    command
}

/// For root: the user `postgres`, else `nobody`, and its group. Everybody else stays who they are.
fn unprivileged() -> Option<(u32, u32)> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    let users = root.then(|| std::fs::read_to_string("/etc/passwd").ok()).flatten()?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2);
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody"))
}

//! The built program, as a user starts it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Browser, SmtpServer, TestDb};

/// The program over one database, in an empty folder, with no setting but those given here.
pub struct Program {
    folder: TempDir,
    settings: Vec<(&'static str, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Program {
    pub fn over(db: &TestDb) -> Program {
        Program::at(&db.address())
    }

    /// Over a database that may not be there.
    pub fn at(address: &str) -> Program {
        let settings = vec![
            ("DATABASE_URL", address.to_owned()),
            ("DRIPLINE_LISTEN", "127.0.0.1:0".to_owned()),
            ("DRIPLINE_SECRET_KEY", "a key that is known to every test".to_owned()),
            ("DRIPLINE_MAIL_FROM", "Example Survey <survey@example.com>".to_owned()),
            (
                "DRIPLINE_POSTAL_ADDRESS",
                "Example Ltd, 1 Example Street, Exampleton".to_owned(),
            ),
        ];
        Program {
            folder: tempfile::tempdir().expect("a temporary folder"),
            settings,
        }
    }

    pub fn mailing(self, smtp: &SmtpServer) -> Program {
        self.with("DRIPLINE_SMTP_URL", &smtp.url())
    }

    pub fn with(mut self, setting: &'static str, value: &str) -> Program {
        self.settings.retain(|(name, _)| *name != setting);
        self.settings.push((setting, value.to_owned()));
        self
    }

    /// The folder that the program runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into that folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, text).expect("the file is written");
        path
    }

    /// Runs a command, whose words are separated by spaces, to its end.
    pub fn run(&self, command: &str) -> Ended {
        self.run_with(command, "")
    }

    /// As [`Program::run`], with `input` on standard input.
    pub fn run_with(&self, command: &str, input: &str) -> Ended {
        let mut child = self.start(command);
        let mut stdin = child.stdin.take().expect("a pipe");
        // A program that reads nothing may have gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let ended = child.wait_with_output().expect("the program ends");
        Ended {
            code: ended.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&ended.stdout).into_owned(),
            err: String::from_utf8_lossy(&ended.stderr).into_owned(),
        }
    }

    /// Runs a command that must succeed: what it answered.
    #[track_caller]
    pub fn answer(&self, command: &str) -> String {
        let ended = self.run(command);
        assert_eq!(ended.code, 0, "{command}\n{}{}", ended.out, ended.err);
        ended.out
    }

    /// Runs a command that must fail with exit code 1: what it said.
    #[track_caller]
    pub fn complaint(&self, command: &str) -> String {
        let ended = self.run(command);
        assert_eq!(ended.code, 1, "{command}\n{}{}", ended.out, ended.err);
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
        ended.err
    }

    /// `serve` with these words after it, once it answers.
    pub fn serve(&self, options: &str) -> Serving {
        let mut child = self.start(&format!("serve {options}"));
        drop(child.stdin.take());
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let line = lines.find_map(|line| Some(line.ok()?.split_once("Dripline is at ")?.1.to_owned()));
        // Read to its end, or the pipe would fill up.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(base) = line else {
            let ended = child.wait_with_output().expect("the program ends");
            panic!("serve: {}", String::from_utf8_lossy(&ended.stderr));
        };
        let mut errors = child.stderr.take().expect("a pipe");
        std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        Serving {
            base: base.trim_end_matches('/').to_owned(),
            child,
        }
    }

    /// `demo` over a file of its own, once it answers, and the password that it told for its admin.
    pub fn demo(&self) -> (Serving, String) {
        let mut child = self.start("demo --file demo.db");
        drop(child.stdin.take());
        let mut errors = child.stderr.take().expect("a pipe");
        std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut told = |before: &str| {
            let found = lines.find_map(|line| Some(line.ok()?.split_once(before)?.1.trim().to_owned()));
            found.unwrap_or_else(|| panic!("the demo does not say {before:?}"))
        };
        let base = told("The demo is at ");
        let base = base
            .split(',')
            .next()
            .unwrap_or_default()
            .trim_end_matches('/')
            .to_owned();
        let password = told("admin@lindenwerk.example");
        std::thread::spawn(move || lines.for_each(drop));
        (Serving { base, child }, password)
    }

    /// `worker`, which says nothing while all is well.
    pub fn worker(&self) -> Working {
        let mut child = self.start("worker");
        drop(child.stdin.take());
        for mut pipe in [
            child
                .stdout
                .take()
                .map(|pipe| Box::new(pipe) as Box<dyn std::io::Read + Send>),
            child
                .stderr
                .take()
                .map(|pipe| Box::new(pipe) as Box<dyn std::io::Read + Send>),
        ]
        .into_iter()
        .flatten()
        {
            std::thread::spawn(move || std::io::copy(&mut pipe, &mut std::io::sink()));
        }
        Working { child }
    }

    fn start(&self, command: &str) -> Child {
        let mut program = Command::new(env!("CARGO_BIN_EXE_dripline"));
        program
            .args(command.split_whitespace())
            .env_clear()
            .envs(self.settings.iter().cloned());
        program
            .current_dir(self.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        program.spawn().expect("the program starts")
    }
}

/// A running `worker`; it is killed when dropped.
pub struct Working {
    child: Child,
}

impl Working {
    /// As `kill -9`, or a power cut.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end as a supervisor does: its exit code.
    pub fn end(mut self) -> i32 {
        terminate(&self.child);
        self.child.wait().expect("the program ends").code().unwrap_or(-1)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn terminate(child: &Child) {
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(asked.is_ok_and(|status| status.success()), "`kill` runs");
}

/// A running `serve`; it is ended when dropped.
pub struct Serving {
    /// Scheme, host and port, without a slash at the end.
    pub base: String,
    child: Child,
}

impl Serving {
    pub fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    /// Asks it to end as a supervisor does: its exit code.
    pub fn end(mut self) -> i32 {
        terminate(&self.child);
        self.child.wait().expect("the program ends").code().unwrap_or(-1)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! The two kinds of servers: how each is made and run, from packages of Debian or from what is on the `PATH`.

use std::fs::{DirBuilder, write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A kind of database server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// PostgreSQL.
    Postgres,
    /// MariaDB, which stands for MySQL as well.
    MariaDb,
}

impl Kind {
    /// The variable that tells the URL of a server, without a database, which tests of several processes share.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "RPC_TEST_POSTGRES",
            Self::MariaDb => "RPC_TEST_MARIADB",
        }
    }

    pub(super) fn url(self, address: &str, database: &str) -> String {
        match self {
            Self::Postgres => format!("postgresql://conductor@{address}/{database}"),
            Self::MariaDb => format!("mysql://conductor:{PASSWORD}@{address}/{database}"),
        }
    }

    /// A database that is there from the start.
    pub(super) fn own(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mysql",
        }
    }

    /// The signals that end a server in order, and at once. PostgreSQL would leave its memory behind if it was killed.
    pub(super) fn signals(self) -> [&'static str; 2] {
        match self {
            Self::Postgres => ["INT", "QUIT"],
            Self::MariaDb => ["TERM", "KILL"],
        }
    }

    /// Makes the directory, and in it the scripts `run` and `ready`.
    pub(super) fn prepare(self, directory: &Path, port: u16) {
        DirBuilder::new()
            .mode(0o700)
            .create(directory)
            .expect("a directory");
        let scripts = match self {
            Self::Postgres => postgres(port),
            Self::MariaDb => mariadb(port),
        };
        if self == Self::MariaDb {
            write(directory.join("users.sql"), USERS).expect("a script");
        }
        for (name, script) in ["make", "run", "ready"].into_iter().zip(scripts) {
            write(directory.join(name), script).expect("a script");
        }
        let made = Command::new("sh").arg("./make").current_dir(directory).output();
        let made = made.expect("a shell");
        let words = || String::from_utf8_lossy(&made.stdout) + String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{self:?} cannot be made: {}", words());
    }
}

/// As a URL has it; it is `p@ss/word`.
const PASSWORD: &str = "p%40ss%2Fword";

/// What MariaDB runs when it starts: a statement a line.
const USERS: &str = "\
CREATE USER IF NOT EXISTS conductor@'127.0.0.1' IDENTIFIED BY 'p@ss/word';
GRANT ALL ON *.* TO conductor@'127.0.0.1';
";

/// Nothing is written for keeps, which would take most of the time.
fn postgres(port: u16) -> [String; 3] {
    let programs = debian("/usr/lib/postgresql", "bin");
    let programs = programs.map_or_else(String::new, |folder| format!("{}/", folder.display()));
    // It does not run as root.
    let user = if is_root() {
        "setpriv --reuid=postgres --regid=postgres --clear-groups "
    } else {
        ""
    };
    let own = if is_root() { "chown postgres ." } else { ":" };
    [
        format!(
            "{own} && exec {user}{programs}initdb -D data -U conductor -A trust --no-sync -E UTF8 --locale=C"
        ),
        format!(
            "exec {user}{programs}postgres -D data -c listen_addresses=127.0.0.1 -c port={port} \
             -c unix_socket_directories= -c fsync=off -c shared_buffers=16MB"
        ),
        format!("{programs}pg_isready -q -h 127.0.0.1 -p {port}"),
    ]
}

fn mariadb(port: u16) -> [String; 3] {
    const QUICK: &str = "--innodb-flush-log-at-trx-commit=0 --innodb-flush-method=O_DIRECT_NO_FSYNC --debug-no-sync \
                         --innodb-log-file-size=8M --innodb-doublewrite=OFF";
    // One that starts deletes the temporary tables it finds, those of other servers, too.
    const OWN: &str = "mkdir -p tmp && export TMPDIR=\"$PWD/tmp\"";
    let user = if is_root() { "--user=root" } else { "" };
    [
        format!(
            "{OWN} && mariadb-install-db --no-defaults --datadir=\"$PWD/data\" \
             --auth-root-authentication-method=normal --skip-test-db {user} {QUICK}"
        ),
        format!(
            "{OWN} && exec \"$(command -v mariadbd || echo /usr/sbin/mariadbd)\" --no-defaults {user} \
             --datadir=\"$PWD/data\" --socket=\"$PWD/socket\" --pid-file=\"$PWD/pid\" \
             --bind-address=127.0.0.1 --port={port} \
             --innodb-buffer-pool-size=32M --innodb-file-per-table=OFF --innodb-stats-persistent=OFF \
             --performance-schema=OFF --skip-name-resolve --init-file=\"$PWD/users.sql\" {QUICK}"
        ),
        "mariadb-admin --no-defaults --socket=./socket -uroot ping".to_owned(),
    ]
}

/// The newest of the versions in a folder of Debian's.
fn debian(folder: &str, name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir(folder).ok()?.flatten();
    versions
        .map(|version| version.path().join(name))
        .filter(|path| path.is_dir())
        .max()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

//! The directory, the ports and the environment of a throwaway broker.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::super::ports::free_ports;
use super::{BrokerError, control};

/// Where everything of a broker is.
#[derive(Clone, Debug)]
pub(super) struct Home {
    pub(super) directory: PathBuf,
    pub(super) programs: Programs,
    pub(super) amqp: u16,
    dist: u16,
    epmd: u16,
}

/// The programs of RabbitMQ and Erlang.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub(super) server: PathBuf,
    pub(super) ctl: PathBuf,
    pub(super) epmd: PathBuf,
}

impl Programs {
    /// Debian's programs on the PATH change the user, so the real ones come first.
    pub(super) fn find() -> Result<Self, BrokerError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders = vec![PathBuf::from("/usr/lib/rabbitmq/bin")];
        folders.extend(std::env::split_paths(&path));
        let find = |name: &str| {
            let found = folders
                .iter()
                .map(|folder| folder.join(name))
                .find(|f| f.is_file());
            found.ok_or_else(|| BrokerError::NotInstalled(name.to_owned()))
        };
        Ok(Self {
            server: find("rabbitmq-server")?,
            ctl: find("rabbitmqctl")?,
            epmd: find("epmd")?,
        })
    }
}

impl Home {
    /// Makes the directory and everything in it.
    pub(super) fn create(extra: &str) -> Result<Self, BrokerError> {
        let programs = Programs::find()?;
        let name = format!("rpc-broker-{}", uuid::Uuid::new_v4().simple());
        let directory = std::env::temp_dir().join(name);
        // The path stands unquoted in an argument that the broker's script splits into words, and a Unix socket's
        // path has at most 107 bytes.
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.+".contains(c);
        let path = directory.to_string_lossy();
        if !path.chars().all(plain) || path.len() > 95 {
            let complaint = format!("a broker cannot live in '{path}': set TMPDIR to a short, plain path");
            return Err(BrokerError::Failed(complaint));
        }
        let [amqp, dist, epmd] = free_ports().map_err(|error| BrokerError::Failed(error.to_string()))?;
        let home = Self {
            directory,
            programs,
            amqp,
            dist,
            epmd,
        };
        home.fill(extra)
            .map_err(|error| BrokerError::Failed(format!("{}: {error}", home.directory.display())))?;
        Ok(home)
    }

    fn fill(&self, extra: &str) -> io::Result<()> {
        let mut folder = fs::DirBuilder::new();
        folder.mode(0o700).create(&self.directory)?;
        folder.create(self.directory.join("home"))?;
        fs::write(self.directory.join("control.erl"), control::SCRIPT)?;
        fs::write(self.directory.join("plugins"), "[].\n")?;
        fs::write(self.directory.join("ports"), self.ports())?;
        // A machine that is short of disk should fail its tests for a better reason than an alarm.
        let amqp = self.amqp;
        let settings =
            format!("listeners.tcp.1 = 127.0.0.1:{amqp}\ndisk_free_limit.absolute = 10MB\n{extra}\n");
        fs::write(self.directory.join("rabbitmq.conf"), settings)?;
        let mut cookie = fs::OpenOptions::new();
        cookie.write(true).create_new(true).mode(0o400);
        let mut cookie = cookie.open(self.directory.join("home/.erlang.cookie"))?;
        io::Write::write_all(&mut cookie, uuid::Uuid::new_v4().simple().to_string().as_bytes())
    }

    fn ports(&self) -> String {
        format!("{} {} {}\n", self.amqp, self.dist, self.epmd)
    }

    /// The home of a broker that another process started.
    pub(super) fn open(directory: &Path) -> Result<Self, BrokerError> {
        let file = directory.join("ports");
        let text = fs::read_to_string(&file)
            .map_err(|error| BrokerError::Failed(format!("{}: {error}", file.display())))?;
        let ports: Vec<u16> = text.split_whitespace().flat_map(str::parse).collect();
        let [amqp, dist, epmd] = ports[..] else {
            return Err(BrokerError::Failed(format!(
                "{}: not three ports",
                file.display()
            )));
        };
        Ok(Self {
            directory: directory.to_owned(),
            programs: Programs::find()?,
            amqp,
            dist,
            epmd,
        })
    }

    pub(super) fn control(&self) -> control::Control {
        control::Control {
            path: self.directory.join("control"),
        }
    }

    /// The environment of the server and of `rabbitmqctl`.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        let at = |name: &str| self.directory.join(name).to_string_lossy().into_owned();
        let loopback = "-kernel inet_dist_use_interface {127,0,0,1}";
        let boot = format!("{loopback} -eval file:script('{}')", at("control.erl"));
        vec![
            ("HOME", at("home")),
            ("RABBITMQ_NODENAME", format!("rpc{}@localhost", self.amqp)),
            ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_NODE_PORT", self.amqp.to_string()),
            ("RABBITMQ_DIST_PORT", self.dist.to_string()),
            ("ERL_EPMD_PORT", self.epmd.to_string()),
            ("ERL_EPMD_ADDRESS", "127.0.0.1".to_owned()),
            ("RABBITMQ_MNESIA_BASE", at("db")),
            ("RABBITMQ_LOG_BASE", at("log")),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null".to_owned()),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", at("plugins")),
            ("RABBITMQ_CONFIG_FILE", at("rabbitmq.conf")),
            ("RABBITMQ_PID_FILE", at("rabbit.pid")),
            // The script then ends in exec: no shell between the keeper and the node.
            ("RABBITMQ_ALLOW_INPUT", "1".to_owned()),
            ("RABBITMQ_SERVER_START_ARGS", "-noinput".to_owned()),
            ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", boot),
            ("RABBITMQ_CTL_ERL_ARGS", loopback.to_owned()),
            // Any free port: the ten that it would try are too few for tests in parallel.
            ("RABBITMQ_CTL_DIST_PORT_MIN", "0".to_owned()),
            ("RABBITMQ_CTL_DIST_PORT_MAX", "0".to_owned()),
            ("RPC_TEST_CONTROL", at("control")),
        ]
    }

    /// The last lines that the broker printed and logged, for error messages.
    pub(super) fn last_words(&self) -> String {
        let mut words = String::new();
        let log = format!("log/rpc{}@localhost.log", self.amqp);
        for name in ["output", log.as_str()] {
            let text = fs::read(self.directory.join(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let lines: Vec<&str> = text.lines().collect();
            words.push_str(&format!("\n--- {name}"));
            for line in &lines[lines.len().saturating_sub(15)..] {
                words.push_str(&format!("\n{line}"));
            }
        }
        words
    }
}

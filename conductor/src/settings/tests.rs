//! Layers over each other, and what is said when one is wrong.

use super::values::Time;
use super::*;

/// A file that goes with the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("conductor-settings-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn load(toml: &str, nova: &str, variables: &[(&str, &str)]) -> Result<Loaded, String> {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let config = File::new(&format!("{number}.toml"), toml);
    let nova_conf = File::new(&format!("{number}.conf"), nova);
    let files = Files {
        config: Some(config.0.clone()),
        nova_conf: if nova.is_empty() {
            Vec::new()
        } else {
            vec![nova_conf.0.clone()]
        },
    };
    Settings::load(&files, &Environment::of(variables), &[]).map_err(|problems| problems.to_string())
}

#[test]
fn each_layer_goes_over_the_one_before() {
    let loaded = load(
        "[service]\nhost = \"toml\"\ntopic = \"toml\"\nworkers = 2\nreport_interval = 5\n",
        "[DEFAULT]\nhost = nova\nreport_interval = 6\n[conductor]\nworkers = 3\n",
        &[("CONDUCTOR__SERVICE__WORKERS", "4")],
    )
    .unwrap();
    let service = &loaded.settings.service;
    assert_eq!(service.topic, "toml");
    assert_eq!(service.host, "nova");
    assert_eq!(service.report_interval, Time::secs(6));
    assert_eq!(service.workers.map(|workers| workers.0), Some(4));
    assert_eq!(service.service_down_time, Time::secs(60));

    assert!(loaded.origin("service", "topic").ends_with(".toml:3"));
    assert!(
        loaded
            .origin("service", "host")
            .ends_with(".conf:2: [DEFAULT] host")
    );
    assert_eq!(
        loaded.origin("service", "workers"),
        "the variable CONDUCTOR__SERVICE__WORKERS"
    );
    assert!(loaded.is_default("service", "service_down_time"));
}

#[test]
fn the_command_line_has_the_last_word() {
    let environment = Environment::of(&[("CONDUCTOR__SERVICE__HOST", "variable")]);
    let option = Assignment::option("service", "host", "option", "--host");
    let loaded = Settings::load(&Files::default(), &environment, &[option]).unwrap();
    assert_eq!(loaded.settings.service.host, "option");
    assert_eq!(loaded.origin("service", "host"), "--host");
}

#[test]
fn the_short_variable_gives_way_to_the_long_one() {
    let url = |variables: &[(&str, &str)]| {
        load("", "", variables)
            .unwrap()
            .settings
            .transport_url()
            .unwrap()
            .unwrap()
            .to_string()
    };
    let short = ("CONDUCTOR_TRANSPORT_URL", "tcp://127.0.0.1:1");
    assert_eq!(url(&[short]), "tcp://127.0.0.1:1");
    assert_eq!(
        url(&[("CONDUCTOR__RPC__TRANSPORT_URL", "tcp://127.0.0.1:2"), short]),
        "tcp://127.0.0.1:2"
    );
}

#[test]
fn secrets_may_stand_in_files_of_their_own() {
    let file = File::new("secret", "tcp://127.0.0.1:3\n");
    let path = file.0.to_str().unwrap();
    let of_file = ("CONDUCTOR_TRANSPORT_URL_FILE", path);
    let loaded = load("", "", &[of_file]).unwrap();
    let url = loaded.settings.transport_url().unwrap().unwrap();
    assert_eq!(url.to_string(), "tcp://127.0.0.1:3");
    assert_eq!(
        loaded.origin("rpc", "transport_url"),
        "the variable CONDUCTOR_TRANSPORT_URL_FILE"
    );

    let problems = load(
        "",
        "",
        &[
            of_file,
            ("CONDUCTOR_TRANSPORT_URL", "tcp://127.0.0.1:1"),
            ("CONDUCTOR_DATABASE_URL_FILE", "/nonexistent/secret"),
        ],
    );
    let problems = problems.err().unwrap();
    for said in [
        "CONDUCTOR_TRANSPORT_URL and CONDUCTOR_TRANSPORT_URL_FILE: set one of them",
        "CONDUCTOR_DATABASE_URL_FILE: cannot read /nonexistent/secret: ",
    ] {
        assert!(problems.contains(said), "no {said:?} in {problems}");
    }
    assert_eq!(problems.lines().count(), 2, "{problems}");
}

#[test]
fn all_mistakes_are_told_with_their_place() {
    let problems = load(
        "[service]\nhots = \"a\"\nworkers = \"many\"\nreport_interval = [1]\n\n[servce]\nhost = \"a\"\n",
        "[DEFAULT]\nperiodic_enable = maybe\nrpc_response_timeout = soon\n[database]\nconnection = oracle://a:hunter2@b\npool_timeout = 0\n",
        &[
            ("CONDUCTOR__RPC__TRANSPORT_URL", "kafka://nova:hunter2@host"),
            ("CONDUCTOR__HOST", "a"),
        ],
    )
    .err()
    .unwrap();
    for said in [
        ".toml:2: [service] has no setting 'hots'; did you mean 'host'?",
        ".toml:3: [service] workers: write a whole number from 1 to 1024",
        ".toml:4: [service] report_interval: write a text, a number or a switch",
        ".toml:7: there is no section [servce]; did you mean 'service'?",
        ".conf:2: [DEFAULT] periodic_enable: write true or false",
        ".conf:3: [DEFAULT] rpc_response_timeout: write seconds",
        ".conf:5: [database] connection: 'oracle' is no database",
        ".conf:6: [database] pool_timeout: no time at all: write seconds",
        "the variable CONDUCTOR__RPC__TRANSPORT_URL: no transport is called 'kafka'",
        "the variable CONDUCTOR__HOST: write CONDUCTOR__SECTION__KEY",
    ] {
        assert!(problems.contains(said), "no {said:?} in\n{problems}");
    }
    assert!(!problems.contains("hunter2"), "{problems}");
    assert_eq!(problems.lines().count(), 10, "{problems}");
}

#[test]
fn toml_that_is_none_has_a_line_and_shows_nothing() {
    let problem = load("[rpc]\ntransport_url = rabbit://nova:hunter2@host\n", "", &[])
        .err()
        .unwrap();
    assert!(
        problem.contains(".toml:2: ") && !problem.contains("hunter2"),
        "{problem}"
    );
    let problem = load("host = \"a\"\n", "", &[]).err().unwrap();
    assert!(
        problem.contains(".toml:1: 'host' stands in no section"),
        "{problem}"
    );
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let files = Files {
        config: Some("/nonexistent/a.toml".into()),
        nova_conf: vec!["/nonexistent/nova.conf".into()],
    };
    let problems = Settings::load(&files, &Environment::of(&[]), &[])
        .err()
        .unwrap()
        .to_string();
    assert!(
        problems.contains("/nonexistent/a.toml: ") && problems.contains("/nonexistent/nova.conf: "),
        "{problems}"
    );
}

#[test]
fn options_of_the_broker_fill_in_what_the_url_leaves_open() {
    let toml = "[rpc]\ntransport_url = \"rabbit://h/?ssl=false\"\n[rabbit]\nssl = true\nrabbit_quorum_queue = true\n";
    let TransportUrl::Rabbit(url) = load(toml, "", &[])
        .unwrap()
        .settings
        .transport_url()
        .unwrap()
        .unwrap()
    else {
        panic!("another bus");
    };
    assert!(url.options.quorum_queue && !url.options.ssl);
    let problem = load("[rabbit]\nquorum = true\n", "", &[]).err().unwrap();
    assert!(
        problem.contains(".toml:2: ") && problem.contains("rabbit_quorum_queue"),
        "{problem}"
    );
}

#[test]
fn what_could_not_be_served_is_told_with_its_place() {
    let long = "x".repeat(300);
    for (toml, said) in [
        (
            "[service]\ntopic = \"\"\n",
            ":2: [service] topic: invalid target: a topic is required",
        ),
        (
            "[service]\nhost = \"\"\n",
            ":2: [service] host: invalid target: the server's name",
        ),
        (
            &format!("[service]\nhost = \"{long}\"\n"),
            ":2: [service] host: invalid target: ",
        ),
        (
            "[rpc]\ncontrol_exchange = \"amq.x\"\n",
            ":2: [rpc] control_exchange: invalid target: ",
        ),
        ("[log]\nfilter = \"a=b=c\"\n", ":2: [log] filter: "),
    ] {
        let problems = load(toml, "", &[]).err().unwrap();
        assert!(problems.contains(said), "no {said:?} in {problems}");
        assert_eq!(problems.lines().count(), 1, "{problems}");
    }
    assert_eq!(
        load(
            "[service]\ntopic = \"\"\nhost = \"\"\n[log]\nfilter = \"a=b=c\"\n",
            "",
            &[]
        )
        .err()
        .unwrap()
        .lines()
        .count(),
        2
    );
}

#[test]
fn services_do_not_count_as_down_between_signs_of_life() {
    let loaded = load("", "[DEFAULT]\nreport_interval = 60\n", &[]).unwrap();
    assert_eq!(loaded.settings.service.service_down_time, Time::secs(150));
    assert_eq!(
        loaded.origin("service", "service_down_time"),
        "2.5 times report_interval"
    );
    assert!(
        loaded
            .hints
            .concat()
            .contains("[service] service_down_time: 60s is no longer than report_interval (60s)"),
        "{:?}",
        loaded.hints
    );
    for fine in [
        "report_interval = 59",
        "report_interval = 0\nservice_down_time = 1",
    ] {
        let loaded = load("", &format!("[DEFAULT]\n{fine}\n"), &[]).unwrap();
        assert_eq!(loaded.hints, Vec::<String>::new());
        assert!(!loaded.origin("service", "service_down_time").starts_with("2.5"));
    }
}

#[test]
fn notifications_to_no_topic_are_hinted_at() {
    let load = |toml| load(toml, "", &[]).unwrap();
    let silent = load("[notifications]\ndriver = \"messaging\"\ntopics = \" , \"\n");
    assert!(
        silent.hints.concat().contains(":3: [notifications] topics: "),
        "{:?}",
        silent.hints
    );
    assert!(load("[notifications]\ntopics = \"\"\n").hints.is_empty());
}

#[test]
fn nothing_secret_is_shown() {
    let loaded = load(
        "",
        "[DEFAULT]\ntransport_url = rabbit://nova:hunter2@h/\n[database]\nconnection = mysql+pymysql://nova:hunter2@db/nova\n",
        &[],
    )
    .unwrap();
    let shown: String = loaded
        .effective()
        .iter()
        .map(|setting| format!("{} {}\n", setting.name, setting.value))
        .collect();
    assert!(
        shown.contains("rabbit://nova:***@h:5672/") && !shown.contains("hunter2"),
        "{shown}"
    );
    assert!(!format!("{:?}", loaded.settings).contains("hunter2"));
}

//! Files as operators have them, of 2013.2 and of today.

use super::*;

fn settings(text: &str) -> (Vec<(String, String)>, Vec<String>, Vec<String>) {
    let mut ini = Ini::default();
    ini.read("nova.conf", text).unwrap();
    let mut problems = Vec::new();
    let nova = translate(&ini, "nova.conf", &mut problems);
    let assignments = nova.assignments.into_iter();
    let pairs = assignments.map(|found| (format!("{}.{}", found.section, found.key), found.value));
    (pairs.collect(), nova.hints, problems)
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let (pairs, _, problems) = settings(text);
    assert_eq!(problems, Vec::<String>::new());
    for (name, value) in expected {
        // The last one counts.
        let found = pairs.iter().rfind(|(found, _)| found == name);
        assert_eq!(found.map(|(_, value)| value.as_str()), Some(*value), "{name}");
    }
}

#[test]
fn a_file_of_today() {
    check(
        "[DEFAULT]
transport_url = rabbit://nova:$secret@mq1,nova:$secret@mq2/cell1
secret = s3cret
debug = True
my_ip = 10.0.0.1
host = compute-$my_ip
[conductor]
workers = 4
[database]
connection = mysql+pymysql://nova:s3cret@db/nova?charset=utf8
max_pool_size = 5
[oslo_messaging_rabbit]
rabbit_quorum_queue = true
heartbeat_in_pthread = false
something_newer = 1
[upgrade_levels]
compute = auto
[neutron]
url = http://neutron
",
        &[
            (
                "rpc.transport_url",
                "rabbit://nova:s3cret@mq1,nova:s3cret@mq2/cell1",
            ),
            ("rpc.control_exchange", "nova"),
            ("log.filter", "debug"),
            ("service.host", "compute-10.0.0.1"),
            ("service.workers", "4"),
            (
                "database.connection",
                "mysql+pymysql://nova:s3cret@db/nova?charset=utf8",
            ),
            ("database.max_pool_size", "5"),
            ("rabbit.rabbit_quorum_queue", "true"),
            ("upgrade_levels.compute", "auto"),
        ],
    );
}

#[test]
fn a_file_of_2013() {
    check(
        "[DEFAULT]
rpc_backend = nova.openstack.common.rpc.impl_kombu
rabbit_hosts = $rabbit_host:$rabbit_port, mq2:5673,
rabbit_host = mq1
rabbit_userid = nova
rabbit_password = p@ss/word
rabbit_virtual_host = /prod
rabbit_use_ssl = True
kombu_ssl_ca_certs = /etc/ssl/ca.pem
sql_connection = postgresql://nova:s3cret@db/nova
rpc_thread_pool_size = 32
control_exchange = cell
",
        &[
            (
                "rpc.transport_url",
                "rabbit://nova:p%40ss%2Fword@mq1:5672,nova:p%40ss%2Fword@mq2:5673/%2Fprod",
            ),
            ("rabbit.ssl", "True"),
            ("rabbit.ssl_ca_file", "/etc/ssl/ca.pem"),
            ("database.connection", "postgresql://nova:s3cret@db/nova"),
            ("rpc.thread_pool_size", "32"),
            ("rpc.control_exchange", "cell"),
        ],
    );
    check(
        "rabbit_password = x",
        &[("rpc.transport_url", "rabbit://guest:x@localhost:5672/")],
    );
}

#[test]
fn what_cannot_be_served_is_told() {
    let (_, _, problems) = settings("[DEFAULT]\nrpc_backend = nova.openstack.common.rpc.impl_qpid\n");
    assert!(
        problems
            .concat()
            .contains("nova.conf:2: [DEFAULT] rpc_backend: only RabbitMQ"),
        "{problems:?}"
    );
    let (_, hints, _) = settings("[conductor]\nuse_local = yes\n");
    assert!(hints.concat().contains("use_local"));
}

#[test]
fn notifications_by_the_names_of_then_and_of_today() {
    check(
        "[DEFAULT]
notification_driver = nova.openstack.common.notifier.rpc_notifier
notification_topics = notifications,monitor
notify_on_state_change = vm_and_task_state
instance_usage_audit_period = hour
",
        &[
            ("notifications.driver", "messaging"),
            ("notifications.topics", "notifications,monitor"),
            ("notifications.state_changes", "vm_and_task_state"),
            ("notifications.audit_period", "hour"),
        ],
    );
    let driver = "[oslo_messaging_notifications]\ndriver = ";
    for (name, hints) in [("noop", 0), ("messaging", 0), ("log", 1)] {
        let (_, found, _) = settings(&format!("{driver}{name}\n"));
        assert_eq!(found.len(), hints, "{name}: {found:?}");
    }
}

#[test]
fn one_driver_of_notifications_among_several_is_enough() {
    for (text, hinted) in [
        ("driver = messagingv2\ndriver = log\n", ":3: "),
        ("driver = log\ndriver = messaging\n", ":2: "),
        (
            "driver = log\n[DEFAULT]\nnotification_driver = messaging\n",
            ":2: ",
        ),
    ] {
        let text = format!("[oslo_messaging_notifications]\n{text}");
        check(&text, &[("notifications.driver", "messaging")]);
        let (_, hints, _) = settings(&text);
        assert_eq!(hints.len(), 1, "{hints:?}");
        assert!(
            hints[0].contains(hinted) && hints[0].contains("log is not supported, notifications are sent"),
            "{hints:?}"
        );
    }
}

#[test]
fn that_notifications_go_elsewhere_is_told_if_they_do() {
    let text = |url| {
        format!(
            "[DEFAULT]\ntransport_url = rabbit://a/\n[oslo_messaging_notifications]\ndriver = messagingv2\ntransport_url = {url}\n"
        )
    };
    let (_, hints, _) = settings(&text("rabbit://nova:hunter2@b/"));
    assert!(
        hints[0].contains(":5: [oslo_messaging_notifications] transport_url: ")
            && !hints[0].contains("hunter2"),
        "{hints:?}"
    );
    assert_eq!(settings(&text("rabbit://a/")).1, Vec::<String>::new());
}

#[test]
fn what_libraries_of_python_read_in_their_own_way() {
    // oslo.db: no limit.
    check(
        "[database]\nmax_pool_size = 0\n",
        &[("database.max_pool_size", "10000")],
    );
    // SQLAlchemy.
    for (written, meant) in [
        ("sqlite:///nova.sqlite", "sqlite://nova.sqlite"),
        ("sqlite:////var/lib/nova.sqlite", "sqlite:///var/lib/nova.sqlite"),
        ("sqlite+pysqlite:///a/b", "sqlite+pysqlite://a/b"),
        ("mysql:///nova", "mysql:///nova"),
    ] {
        check(
            &format!("[database]\nconnection = {written}\n"),
            &[("database.connection", meant)],
        );
    }
}

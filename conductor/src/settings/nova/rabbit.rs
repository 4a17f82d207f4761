//! The broker as Nova describes it: group `oslo_messaging_rabbit`, and the options of before there was a
//! `transport_url`.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rpc_runtime::transport::url::RabbitOptions;

use super::super::layers::Assignment;
use super::{Nova, Reader, options};

/// Groups that the old options have been in.
const GROUPS: [&str; 2] = ["oslo_messaging_rabbit", "DEFAULT"];

/// Options of the transport that had other names.
const RENAMED: &[(&str, &str)] = &[
    ("rabbit_use_ssl", "ssl"),
    ("kombu_ssl_ca_certs", "ssl_ca_file"),
    ("kombu_ssl_certfile", "ssl_cert_file"),
    ("kombu_ssl_keyfile", "ssl_key_file"),
];

/// Options of the transport that 2013.2 has in DEFAULT.
const IN_DEFAULT: &[&str] = &[
    "amqp_auto_delete",
    "amqp_durable_queues",
    "rabbit_ha_queues",
    "rabbit_retry_backoff",
    "rabbit_retry_interval",
];

pub(super) fn read(reader: &mut Reader<'_>, nova: &mut Nova) {
    for (old, name) in RENAMED {
        take(reader, nova, &[(GROUPS[0], old), (GROUPS[1], old)], name);
    }
    for name in IN_DEFAULT {
        take(reader, nova, &[("DEFAULT", name)], name);
    }
    let names: Vec<String> = reader.ini.names(GROUPS[0]).map(str::to_owned).collect();
    for name in names.iter().filter(|name| RabbitOptions::knows(name)) {
        take(reader, nova, &[(GROUPS[0], name)], name);
    }
    if nova.value("rpc", "transport_url").is_none() {
        nova.assignments.extend(url(reader));
        if let Some(backend) = reader.first(&[("DEFAULT", "rpc_backend")])
            && !["rabbit", "kombu"]
                .iter()
                .any(|known| backend.value.contains(known))
        {
            reader.problems.push(format!(
                "{}: only RabbitMQ is spoken here; set transport_url = rabbit://..",
                backend.origin
            ));
        }
    }
}

fn take(reader: &mut Reader<'_>, nova: &mut Nova, names: &[(&str, &str)], key: &str) {
    if let Some(found) = reader.first(names).filter(|found| !found.value.is_empty()) {
        let value = found.value.clone();
        nova.assignments.push(found.becomes("rabbit", key, value));
    }
}

/// The URL of a broker that is described by options of its own. `None` if none of them is set.
fn url(reader: &mut Reader<'_>) -> Option<Assignment> {
    let mut option = |name: &str| reader.first(&GROUPS.map(|group| (group, name)));
    let hosts = option("rabbit_hosts");
    let host = option("rabbit_host");
    let port = option("rabbit_port");
    let user = option("rabbit_userid");
    let password = option("rabbit_password");
    let virtual_host = option("rabbit_virtual_host");

    let given = [&hosts, &host, &port, &user, &password, &virtual_host];
    let origin = given.into_iter().flatten().next()?.origin.clone();
    let text = |found: &Option<super::Found>, default: &str| {
        found
            .as_ref()
            .map_or_else(|| default.to_owned(), |found| found.value.clone())
    };
    let login = format!(
        "{}:{}@",
        escaped(&text(&user, "guest")),
        escaped(&text(&password, "guest"))
    );
    let hosts = match &hosts {
        Some(hosts) => hosts.value.clone(),
        None => format!("{}:{}", text(&host, "localhost"), text(&port, "5672")),
    };
    let hosts: Vec<String> = options::list(&hosts)
        .map(|host| format!("{login}{host}"))
        .collect();
    let virtual_host = text(&virtual_host, "/");
    let path = if virtual_host == "/" {
        String::new()
    } else {
        escaped(&virtual_host)
    };
    Some(Assignment {
        section: "rpc".to_owned(),
        key: "transport_url".to_owned(),
        value: format!("rabbit://{}/{path}", hosts.join(",")),
        origin,
    })
}

/// All that a URL could read as something else, as `%XX`.
fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

//! Which option of Nova is which setting. One line an option.

use super::super::model::MOST_CONNECTIONS;
use super::super::values::Switch;

/// An option of Nova that is a setting of ours.
pub(super) struct NovaOption {
    /// Groups and names: today's first, then those it had.
    pub(super) names: &'static [(&'static str, &'static str)],
    pub(super) section: &'static str,
    pub(super) key: &'static str,
    /// Puts the value in our form; most have the same.
    pub(super) read: fn(&str) -> Result<String, String>,
}

const fn option(
    names: &'static [(&'static str, &'static str)],
    section: &'static str,
    key: &'static str,
) -> NovaOption {
    NovaOption {
        names,
        section,
        key,
        read: as_it_is,
    }
}

pub(super) const OPTIONS: &[NovaOption] = &[
    option(&[("DEFAULT", "host")], "service", "host"),
    option(&[("conductor", "topic")], "service", "topic"),
    option(&[("conductor", "workers")], "service", "workers"),
    option(&[("DEFAULT", "report_interval")], "service", "report_interval"),
    option(
        &[("DEFAULT", "service_down_time")],
        "service",
        "service_down_time",
    ),
    option(&[("DEFAULT", "periodic_enable")], "service", "periodic_enable"),
    option(
        &[("DEFAULT", "periodic_fuzzy_delay")],
        "service",
        "periodic_fuzzy_delay",
    ),
    option(
        &[("DEFAULT", "enable_new_services")],
        "service",
        "enable_new_services",
    ),
    option(
        &[("DEFAULT", "instance_name_template")],
        "service",
        "instance_name_template",
    ),
    option(
        &[("DEFAULT", "default_ephemeral_format")],
        "service",
        "default_ephemeral_format",
    ),
    option(
        &[("DEFAULT", "backdoor_socket"), ("DEFAULT", "backdoor_port")],
        "service",
        "backdoor",
    ),
    option(&[("DEFAULT", "transport_url")], "rpc", "transport_url"),
    option(&[("DEFAULT", "control_exchange")], "rpc", "control_exchange"),
    option(&[("DEFAULT", "rpc_response_timeout")], "rpc", "response_timeout"),
    option(&[("DEFAULT", "long_rpc_timeout")], "rpc", "long_timeout"),
    option(
        &[
            ("DEFAULT", "executor_thread_pool_size"),
            ("DEFAULT", "rpc_thread_pool_size"),
        ],
        "rpc",
        "thread_pool_size",
    ),
    NovaOption {
        names: &[
            ("database", "connection"),
            ("DEFAULT", "sql_connection"),
            ("DATABASE", "sql_connection"),
            ("sql", "connection"),
        ],
        section: "database",
        key: "connection",
        read: |value| Ok(of_sqlalchemy(value)),
    },
    NovaOption {
        names: &[
            ("database", "max_pool_size"),
            ("DEFAULT", "sql_max_pool_size"),
            ("DATABASE", "sql_max_pool_size"),
        ],
        section: "database",
        key: "max_pool_size",
        read: |value| match value.trim() {
            // No limit.
            "0" => Ok(MOST_CONNECTIONS.to_string()),
            other => as_it_is(other),
        },
    },
    option(
        &[
            ("database", "pool_timeout"),
            ("DATABASE", "sqlalchemy_pool_timeout"),
        ],
        "database",
        "timeout",
    ),
    option(
        &[
            ("oslo_messaging_notifications", "topics"),
            ("DEFAULT", "notification_topics"),
        ],
        "notifications",
        "topics",
    ),
    option(
        &[
            ("notifications", "notify_on_state_change"),
            ("DEFAULT", "notify_on_state_change"),
        ],
        "notifications",
        "state_changes",
    ),
    option(
        &[("DEFAULT", "instance_usage_audit_period")],
        "notifications",
        "audit_period",
    ),
    option(&[("upgrade_levels", "compute")], "upgrade_levels", "compute"),
    option(&[("upgrade_levels", "scheduler")], "upgrade_levels", "scheduler"),
    NovaOption {
        names: &[("DEFAULT", "debug")],
        section: "log",
        key: "filter",
        read: |value| match value.parse() {
            Ok(Switch(true)) => Ok("debug".to_owned()),
            Ok(Switch(false)) => Ok("info".to_owned()),
            Err(advice) => Err(advice.to_owned()),
        },
    },
];

/// Whether the value is one of the words for yes.
pub(super) fn is_on(value: &str) -> bool {
    value.parse() == Ok(Switch(true))
}

/// The parts of a list: between commas, and a last one may be empty.
pub(super) fn list(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// The address of a database as it is written here. To SQLAlchemy, the path of a file begins after the third slash: four
/// make it an absolute one.
fn of_sqlalchemy(url: &str) -> String {
    match url.split_once(":///") {
        Some((scheme, path)) if scheme.starts_with("sqlite") => format!("{scheme}://{path}"),
        _ => url.to_owned(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the form of all readers")]
fn as_it_is(value: &str) -> Result<String, String> {
    Ok(value.to_owned())
}

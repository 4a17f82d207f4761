//! How Nova sends notifications: drivers, of which it may have several. One of them is ours.

use super::super::layers::Assignment;
use super::{Nova, Reader};

const DRIVER: &[(&str, &str)] = &[
    ("oslo_messaging_notifications", "driver"),
    ("DEFAULT", "notification_driver"),
];

const URL: &[(&str, &str)] = &[
    ("oslo_messaging_notifications", "transport_url"),
    ("DEFAULT", "notification_transport_url"),
];

pub(super) fn read(reader: &mut Reader<'_>, nova: &mut Nova) {
    let drivers = reader.all(DRIVER);
    let messaging = drivers.iter().find(|driver| is_messaging(&driver.value));
    for driver in drivers.iter().filter(|driver| is_foreign(&driver.value)) {
        let rest = match messaging {
            Some(_) => "notifications are sent over the bus alone",
            None => "and no notifications are sent; messaging is",
        };
        nova.hints.push(format!(
            "{}: {} is not supported, {rest}",
            driver.origin, driver.value
        ));
    }
    let Some(deciding) = messaging.or(drivers.last()) else {
        return;
    };
    nova.assignments.push(Assignment {
        section: "notifications".to_owned(),
        key: "driver".to_owned(),
        value: if messaging.is_some() { "messaging" } else { "noop" }.to_owned(),
        origin: deciding.origin.clone(),
    });
    if messaging.is_some()
        && let Some(url) = reader.first(URL)
        && nova.value("rpc", "transport_url") != Some(&url.value)
    {
        nova.hints.push(format!(
            "{}: notifications have no bus of their own here, and are sent over that of [DEFAULT] transport_url",
            url.origin
        ));
    }
}

/// Whether a driver sends them over the bus, by its name of today or its class of then.
fn is_messaging(driver: &str) -> bool {
    driver.starts_with("messaging") || driver.contains("rpc_notifier")
}

/// Whether a driver does something that this conductor does not.
fn is_foreign(driver: &str) -> bool {
    !is_messaging(driver) && !matches!(driver, "" | "noop") && !driver.ends_with("no_op_notifier")
}

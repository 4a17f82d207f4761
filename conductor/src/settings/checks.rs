//! What no setting tells alone: those that cannot be used together, or that together mean something else than a reader
//! of the files would think.

use std::mem;

use rpc_runtime::transport::Route;

use super::layers::Assignment;
use super::values::Time;
use super::{Loaded, Settings};
use crate::notifier::Driver;

impl Loaded {
    /// Tells what cannot be used, and changes what would be used otherwise than it is meant, with a hint.
    pub(super) fn check(&mut self, problems: &mut Vec<String>) {
        if let Err(contradiction) = self.settings.transport_url() {
            let place = self.place("rpc", "transport_url");
            problems.push(format!("{place}: with the options of [rabbit]: {contradiction}"));
        }
        self.names(problems);
        self.signs_of_life();
        let told = &self.settings.notifications;
        if told.driver.0 == Driver::Messaging && told.topics.0.is_empty() {
            let place = self.place("notifications", "topics");
            self.hints.push(format!(
                "{place}: there is no topic, and no notifications are sent"
            ));
        }
    }

    /// Refuses names that no bus can carry.
    fn names(&self, problems: &mut Vec<String>) {
        let Settings { service, rpc, .. } = &self.settings;
        let mut is_good = |section: &str, key: &str, route: Route| match route.check() {
            Ok(()) => true,
            Err(error) => {
                problems.push(format!("{}: {error}", self.place(section, key)));
                false
            }
        };
        let exchange = Route::Topic {
            exchange: rpc.control_exchange.as_str().into(),
            topic: crate::service::TOPIC.into(),
            server: None,
        };
        is_good("rpc", "control_exchange", exchange);
        let topic = Route::Fanout {
            topic: service.topic.as_str().into(),
        };
        if is_good("service", "topic", topic) {
            let host = Route::Topic {
                exchange: "any".into(),
                topic: service.topic.as_str().into(),
                server: Some(service.host.as_str().into()),
            };
            is_good("service", "host", host);
        }
    }

    /// Services that give a sign of life as rarely as one is waited for would count as down time and again: it is then
    /// waited for as long as Nova's services wait.
    fn signs_of_life(&mut self) {
        let service = &mut self.settings.service;
        let (interval, wait) = (service.report_interval, service.service_down_time);
        if interval.0.is_zero() || wait.0 > interval.0 {
            return;
        }
        let longer = Time(interval.0 * 5 / 2);
        service.service_down_time = longer;
        let place = self.place("service", "service_down_time");
        self.hints.push(format!(
            "{place}: {wait} is no longer than report_interval ({interval}), and services would count as down; \
             {longer} is used"
        ));
        let instead = Assignment {
            section: "service".to_owned(),
            key: "service_down_time".to_owned(),
            value: longer.to_string(),
            origin: "2.5 times report_interval".to_owned(),
        };
        self.layers = mem::take(&mut self.layers).merge(&instead);
    }
}

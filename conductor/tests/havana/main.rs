//! Havana's interface as its callers see it: `conductor serve` over RabbitMQ and a database file, called by
//! oslo.messaging. One process of Python a test asks whatever its table says.
#![allow(clippy::unwrap_used)]

mod cloud;
mod errors;
mod instances;
mod notices;
mod objects;
mod services;
mod tasks;
mod versions;

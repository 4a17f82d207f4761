//! The conductor's API of Havana: version 1.58, without a namespace. nova-compute reads and writes the database
//! through it. One trait a theme; together they are [`ConductorApi`].
//!
//! Rows travel as maps from column to value, with the rows that are joined to them. Times are texts without a zone,
//! in UTC; `deleted` is 0, or the row's id.

mod actions;
mod aggregates;
mod block_devices;
mod compute_nodes;
mod errors;
mod instances;
mod migrations;
mod objects;
mod others;
mod quotas;
mod security_groups;
mod services;
mod usage;

use rpc_runtime::joined_api;
use serde_json::{Map, Value};

pub use actions::{Actions, ActionsApi, ActionsClient};
pub use aggregates::{Aggregates, AggregatesApi, AggregatesClient};
pub use block_devices::{BlockDevices, BlockDevicesApi, BlockDevicesClient};
pub use compute_nodes::{ComputeNodes, ComputeNodesApi, ComputeNodesClient};
pub use errors::{Code, NovaError};
pub use instances::{Instances, InstancesApi, InstancesClient};
pub use migrations::{Migrations, MigrationsApi, MigrationsClient};
pub use objects::{Objects, ObjectsApi, ObjectsClient};
pub use others::{Others, OthersApi, OthersClient};
pub use quotas::{Quotas, QuotasApi, QuotasClient};
pub use security_groups::{SecurityGroups, SecurityGroupsApi, SecurityGroupsClient};
pub use services::{Services, ServicesApi, ServicesClient};
pub use usage::{Usage, UsageApi, UsageClient};

/// A row of the database as it travels: column to value, and relation to row or rows.
pub type Row = Map<String, Value>;

joined_api! {
    /// All of Havana's conductor: what a server serves.
    pub struct ConductorApi = [
        ServicesApi,
        ComputeNodesApi,
        InstancesApi,
        BlockDevicesApi,
        MigrationsApi,
        AggregatesApi,
        ActionsApi,
        QuotasApi,
        UsageApi,
        SecurityGroupsApi,
        ObjectsApi,
        OthersApi,
    ];
}

#[cfg(test)]
mod tests {
    use rpc_runtime::{Api as _, Version};

    use super::ConductorApi;

    /// What the history of Nova's interface says of the versions.
    #[test]
    fn methods_and_arguments_are_of_the_versions_that_brought_them() {
        let method = |name: &str| {
            ConductorApi::SPEC
                .method(name)
                .unwrap_or_else(|| panic!("{name} is missing"))
        };
        for (name, thresholds) in [
            ("instance_update", &[0, 38][..]),
            ("migration_update", &[1]),
            ("instance_get_by_uuid", &[2, 49]),
            ("instance_get_all_by_host", &[2, 32, 47]),
            ("bw_usage_update", &[5, 54]),
            ("block_device_mapping_get_all_by_instance", &[13, 51]),
            ("service_get_all_by", &[21, 28]),
            ("quota_commit", &[41, 45]),
            ("object_action", &[50]),
            ("compute_reboot", &[53]),
        ] {
            let expected: Vec<Version> = thresholds.iter().map(|&minor| Version::new(1, minor)).collect();
            assert_eq!(method(name).thresholds(), expected, "{name}");
        }
        assert_eq!(ConductorApi::SPEC.version, Version::new(1, 58));
        assert_eq!(ConductorApi::SPEC.namespace, None);
        assert_eq!(ConductorApi::SPEC.methods.len(), 64);
    }
}

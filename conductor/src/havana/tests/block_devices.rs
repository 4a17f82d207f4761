//! Block devices: written in the old layout or the new one, read in either.

use conductor_api::havana::{BlockDevices as _, NovaError, Row as Sent};
use serde_json::{Value as Json, json};

use super::{Bench, UUID, error, instance, sent};
use crate::store::Query;

async fn of_one_instance() -> Bench {
    let bench = Bench::new().await;
    bench.put_instance(UUID, json!({})).await;
    bench
}

async fn write(bench: &Bench, values: Json, create: Option<bool>) -> Result<(), NovaError> {
    bench
        .havana
        .block_device_mapping_update_or_create(&bench.ctx, sent(values), create)
        .await
}

async fn list(bench: &Bench, legacy: bool) -> Vec<Sent> {
    let all = bench
        .havana
        .block_device_mapping_get_all_by_instance(&bench.ctx, instance(UUID), legacy);
    all.await.unwrap()
}

fn column<'r>(rows: &'r [Sent], key: &str) -> Vec<&'r Json> {
    rows.iter().map(|row| &row[key]).collect()
}

#[tokio::test]
async fn a_mapping_is_made_changed_or_whichever_is_due() {
    let bench = of_one_instance().await;
    let volume =
        json!({"instance_uuid": UUID, "device_name": "/dev/vdb", "volume_id": "v", "volume_size": ""});
    write(&bench, volume.clone(), Some(true)).await.unwrap();
    let made = list(&bench, false).await;
    assert_eq!(
        (
            &made[0]["source_type"],
            &made[0]["destination_type"],
            &made[0]["volume_size"]
        ),
        (&json!("volume"), &json!("volume"), &json!(null))
    );

    write(&bench, json!({"id": 1, "connection_info": "{}"}), Some(false))
        .await
        .unwrap();
    assert_eq!(list(&bench, false).await[0]["connection_info"], "{}");

    // The device is there: it is changed.
    let size = json!({"instance_uuid": UUID, "device_name": "/dev/vdb", "volume_size": 5});
    write(&bench, size, None).await.unwrap();
    let changed = list(&bench, false).await;
    assert_eq!((changed.len(), &changed[0]["volume_size"]), (1, &json!(5)));
    // Another is not, and is made.
    let other = json!({"instance_uuid": UUID, "device_name": "/dev/vdc", "snapshot_id": "s"});
    write(&bench, other, None).await.unwrap();
    assert_eq!(
        column(&list(&bench, false).await, "source_type"),
        ["volume", "snapshot"]
    );

    let odd = json!({"instance_uuid": UUID, "device_name": "/dev/vdd"});
    assert_eq!(error(write(&bench, odd, Some(true)).await).0, "InvalidBDMFormat");
    let nobody = json!({"device_name": "/dev/vdd", "no_device": true});
    assert_eq!(
        error(write(&bench, nobody, None).await),
        ("KeyError".into(), "instance_uuid".into())
    );
    assert_eq!(
        error(write(&bench, json!({}), Some(false)).await),
        ("KeyError".into(), "id".into())
    );
}

#[tokio::test]
async fn an_instance_has_one_swap() {
    let bench = of_one_instance().await;
    for (device, name) in [
        ("/dev/vdb", "swap"),
        ("/dev/vdc", "ephemeral0"),
        ("/dev/vdd", "swap"),
    ] {
        let values = json!({"instance_uuid": UUID, "device_name": device, "virtual_name": name});
        write(&bench, values, None).await.unwrap();
    }
    let legacy = list(&bench, true).await;
    assert_eq!(column(&legacy, "device_name"), ["/dev/vdc", "/dev/vdd"]);
    assert_eq!(column(&legacy, "virtual_name"), ["ephemeral0", "swap"]);
    assert!(!legacy[0].contains_key("source_type"));
}

#[tokio::test]
async fn mappings_are_forgotten_by_number_volume_or_device() {
    let bench = of_one_instance().await;
    for (device, volume) in [("a", "v1"), ("b", "v2"), ("c", "v3"), ("d", "v4")] {
        let values = json!({"instance_uuid": UUID, "device_name": device, "volume_id": volume});
        write(&bench, values, Some(true)).await.unwrap();
    }
    let destroy = async |bdms: Option<Json>, of: Option<Sent>, volume: Option<&str>, device: Option<&str>| {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let bdms = bdms.map(|bdms| serde_json::from_value(bdms).unwrap());
        let done = bench
            .havana
            .block_device_mapping_destroy(&bench.ctx, bdms, of, own(volume), own(device));
        done.await
    };
    let left = async || {
        let rows = bench.rows(Query::of("block_device_mapping")).await;
        rows.iter()
            .map(|row| row.text("device_name").unwrap().to_owned())
            .collect::<String>()
    };
    destroy(Some(json!([{"id": 1}])), None, None, None).await.unwrap();
    assert_eq!(left().await, "bcd");
    destroy(None, Some(instance(UUID)), Some("v2"), Some("c"))
        .await
        .unwrap();
    assert_eq!(left().await, "cd");
    destroy(None, Some(instance(UUID)), None, Some("c"))
        .await
        .unwrap();
    assert_eq!(left().await, "d");
    for (of, volume) in [(Some(instance(UUID)), None), (None, Some("v4")), (None, None)] {
        assert_eq!(
            error(destroy(None, of, volume, None).await),
            (
                "Invalid".into(),
                "Invalid block_device_mapping_destroy invocation".into()
            )
        );
    }
    assert_eq!(left().await, "d");
}

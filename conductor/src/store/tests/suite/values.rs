//! What a column takes, and what comes back of it.

use jiff::civil::{DateTime, date};

use crate::store::testing::{Lab, compute_node, compute_service, on_every_database};
use crate::store::{DatabaseUrl, Query, Row, Store, StoreError, Value};

on_every_database!(
    texts_are_kept_to_the_letter,
    numbers_are_kept_to_the_last_bit,
    times_are_utc_and_as_fine_as_the_database_has_them,
    addresses_are_kept_in_their_shortest_form,
    one_of_some_words,
    what_does_not_fit_is_refused,
);

async fn instance(store: &Store, values: Row) -> Result<Row, StoreError> {
    let uuid = uuid::Uuid::new_v4().to_string();
    store.insert("instances", &values.with("uuid", uuid)).await
}

async fn texts_are_kept_to_the_letter(lab: Lab) {
    let store = lab.open().await;
    let long = "ä".repeat(100_000);
    // Nova's tables in MySQL have characters of three bytes at most.
    for text in [
        "",
        " x ",
        "'\"`\\%_?$1",
        "Zürich 東京",
        "{\"a\": \"\\n\"}\n",
        long.as_str(),
    ] {
        let stored = instance(&store, Row::new().with("user_data", text))
            .await
            .unwrap();
        assert_eq!(stored.text("user_data"), Some(text));
        let found = Query::of("instances").eq("user_data", text);
        assert_eq!(store.count(&found).await.unwrap(), 1, "{text:.20}");
    }
}

async fn numbers_are_kept_to_the_last_bit(lab: Lab) {
    let store = lab.open().await;
    for (column, number) in [
        ("vcpus", i64::from(i32::MAX)),
        ("vcpus", i64::from(i32::MIN)),
        ("compute_id", i64::MAX),
        ("compute_id", i64::MIN),
    ] {
        let stored = instance(&store, Row::new().with(column, number)).await.unwrap();
        assert_eq!(stored.int(column), Some(number));
    }
    // MySQL has floats of single precision.
    for (number, host) in [(0.1, "a"), (16.0, "b"), (1.5, "c"), (0.0, "d")] {
        let node = compute_node(host).with("cpu_allocation_ratio", number);
        let stored = store.insert("compute_nodes", &node).await.unwrap();
        assert_eq!(stored.float("cpu_allocation_ratio"), Some(number));
    }
}

async fn times_are_utc_and_as_fine_as_the_database_has_them(lab: Lab) {
    let store = lab.open().await;
    let moment = |second, nanos| date(2013, 10, 17).at(23, 59, second, nanos);
    for (number, time) in [
        (1, moment(58, 0)),
        (2, moment(59, 123_456_000)),
        (3, date(1, 1, 1).at(0, 0, 0, 0)),
    ] {
        // Zero and the years before 1000 are no times for MySQL in its strict mode.
        if matches!(lab.url, DatabaseUrl::MySql(_)) && time.year() < 1000 {
            continue;
        }
        let row = compute_service(&number.to_string()).with("last_seen_up", time);
        let stored = store.insert("services", &row).await.unwrap();
        assert_eq!(stored.time("last_seen_up"), Some(kept(&lab, time)));
        let same = Query::of("services").eq("last_seen_up", kept(&lab, time));
        assert_eq!(store.count(&same).await.unwrap(), 1);
    }
    let between = Query::of("services")
        .ge("last_seen_up", moment(58, 0))
        .lt("last_seen_up", date(2013, 10, 18).at(0, 0, 1, 0));
    assert_eq!(store.count(&between).await.unwrap(), 2);
    let texts = Query::of("services").eq("last_seen_up", "2013-10-17");
    assert!(matches!(
        store.count(&texts).await,
        Err(StoreError::Invalid { .. })
    ));
}

/// The time that is left of one: whole seconds in MySQL, as Nova makes its tables.
fn kept(lab: &Lab, time: DateTime) -> DateTime {
    match lab.url {
        DatabaseUrl::MySql(_) => time.round(jiff::Unit::Second).unwrap(),
        _ => time,
    }
}

async fn addresses_are_kept_in_their_shortest_form(lab: Lab) {
    let store = lab.open().await;
    for (address, kept) in [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
    ] {
        let stored = instance(&store, Row::new().with("access_ip_v6", address))
            .await
            .unwrap();
        assert_eq!(stored.text("access_ip_v6"), Some(kept));
        for same in [address, kept] {
            let found = Query::of("instances").eq("access_ip_v6", same);
            assert_eq!(store.count(&found).await.unwrap(), 1, "{same}");
        }
    }
    let odd = Query::of("instances").eq("access_ip_v6", "no address");
    assert_eq!(store.count(&odd).await.unwrap(), 0);
    let rule = Row::new().with("protocol", "tcp").with("cidr", "192.0.2.0/24");
    let rule = store.insert("provider_fw_rules", &rule).await.unwrap();
    assert_eq!(rule.text("cidr"), Some("192.0.2.0/24"));
}

async fn one_of_some_words(lab: Lab) {
    let store = lab.open().await;
    let stored = instance(&store, Row::new().with("locked_by", "owner"))
        .await
        .unwrap();
    assert_eq!(stored.text("locked_by"), Some("owner"));
    let by = |who: &str| Query::of("instances").eq("locked_by", who);
    assert_eq!(store.count(&by("owner")).await.unwrap(), 1);
    assert_eq!(store.count(&by("nobody")).await.unwrap(), 0);
    let refused = instance(&store, Row::new().with("locked_by", "nobody")).await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
}

async fn what_does_not_fit_is_refused(lab: Lab) {
    let store = lab.open().await;
    let full = "é".repeat(255);
    store.insert("services", &compute_service(&full)).await.unwrap();
    let cases: [(&str, Value, &str); 8] = [
        (
            "host",
            format!("{full}x").into(),
            "256 characters is longer than 255",
        ),
        ("host", "a\0b".into(), "U+0000"),
        ("host", 1.into(), "it takes a text, not an integer"),
        ("report_count", (1_i64 << 31).into(), "beyond 32 bits"),
        ("report_count", "1".into(), "it takes an integer, not a text"),
        ("report_count", Value::Null, "it cannot be null"),
        ("disabled", 2.into(), "it takes a boolean, not an integer"),
        ("last_seen_up", "now".into(), "it takes a time, not a text"),
    ];
    for (column, value, problem) in cases {
        match store
            .insert("services", &compute_service("a").with(column, value))
            .await
        {
            Err(error @ StoreError::Invalid { .. }) => {
                let told = error.to_string();
                assert!(told.starts_with(&format!("services.{column}: ")), "{told}");
                assert!(told.contains(problem), "{told}");
            }
            other => panic!("{column}: {other:?}"),
        }
    }
    let missing = store.insert("instance_faults", &Row::new()).await.unwrap_err();
    assert_eq!(missing.to_string(), "instance_faults.code: it has to be given");
    // Switches may come as numbers, and counts as switches.
    let stored = store
        .insert(
            "services",
            &compute_service("a")
                .with("disabled", 1)
                .with("report_count", true),
        )
        .await
        .unwrap();
    assert_eq!(
        (stored.bool("disabled"), stored.int("report_count")),
        (Some(true), Some(1))
    );
}

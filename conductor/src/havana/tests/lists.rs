//! Which instances a list has, and who sees them.

use conductor_api::havana::{Instances as _, NovaError, Row as Sent};
use jiff::SignedDuration;
use rpc_runtime::Context;
use serde_json::{Value as Json, json};

use super::{Bench, error, sent, texts};
use crate::store::now;

fn uuid(number: u8) -> String {
    format!("5cea5e2c-1bb2-4d6e-8f8b-0000000000{number:02}")
}

/// Four instances that differ in what is asked for; the third is deleted, the fourth soft-deleted.
async fn cloud() -> Bench {
    let bench = Bench::new().await;
    for (number, values) in [
        json!({
            "display_name": "a", "host": "one", "node": "n1", "vm_state": "active", "hostname": "web-1",
            "instance_type_id": 5, "launched_at": "2013-10-01T00:00:00.0",
            "terminated_at": "2013-10-05T00:00:00.0",
        }),
        json!({
            "display_name": "b", "host": "one", "node": "n2", "project_id": "q", "hostname": "db-1",
            "task_state": "rebooting", "updated_at": "2013-10-17T00:00:00.0", "cleaned": 1,
            "launched_at": "2013-10-10T00:00:00.0",
        }),
        json!({"display_name": "c", "host": "two", "deleted": 3, "vm_state": "deleted", "hostname": "web-2"}),
        json!({"display_name": "d", "host": "two", "vm_state": "soft-delete", "hostname": "db-22"}),
    ]
    .into_iter()
    .enumerate()
    {
        bench.put_instance(&uuid(number as u8 + 1), values).await;
    }
    for (number, key, value) in [(1, "role", "web"), (2, "role", "db"), (4, "tier", "web")] {
        let row = json!({"instance_uuid": uuid(number), "key": key, "value": value});
        bench.put("instance_metadata", row).await;
    }
    bench
}

async fn filter(bench: &Bench, ctx: &Context, filters: Json) -> Result<String, NovaError> {
    let filters = sent(filters);
    let (key, dir) = ("display_name".to_owned(), "asc".to_owned());
    let found = bench
        .havana
        .instance_get_all_by_filters(ctx, filters, key, dir, None)
        .await?;
    Ok(letters(&found))
}

fn letters(instances: &[Sent]) -> String {
    let mut letters = texts(instances, "display_name");
    letters.sort_unstable();
    letters.concat()
}

#[tokio::test]
async fn filters_choose_instances() {
    let bench = cloud().await;
    for (filters, expected) in [
        (json!({}), "abcd"),
        (json!({"host": "one"}), "ab"),
        (json!({"host": ["one", "two"], "project_id": "p"}), "acd"),
        (json!({"uuid": [uuid(2), uuid(3)]}), "bc"),
        (json!({"uuid": []}), ""),
        (json!({"vm_state": "active"}), "a"),
        (json!({"vm_state": null}), "b"),
        (json!({"task_state": "rebooting"}), "b"),
        (json!({"instance_type_id": 5}), "a"),
        (json!({"instance_type_id": "5"}), "a"),
        (json!({"user_id": "u", "image_ref": null}), "abcd"),
        // Deleted in two ways.
        (json!({"deleted": false}), "ab"),
        (json!({"deleted": 0, "soft_deleted": true}), "abd"),
        (json!({"deleted": true}), "cd"),
        (json!({"deleted": true, "soft_deleted": false}), "c"),
        (json!({"cleaned": true}), "b"),
        (json!({"cleaned": false, "host": "one"}), "a"),
        (json!({"changes-since": "2013-10-17T00:00:00Z"}), "b"),
        (json!({"changes-since": "2013-10-17T00:00:01Z"}), ""),
        // Keys with values, of one row.
        (json!({"metadata": {"role": "web"}}), "a"),
        (json!({"metadata": [{"role": "web"}, {"tier": "web"}]}), ""),
        (json!({"system_metadata": {"role": "web"}}), ""),
        // Everything else is an expression; what is no column does not matter.
        (json!({"hostname": "^web"}), "ac"),
        (json!({"hostname": "-\\d$", "deleted": false}), "ab"),
        (json!({"display_name": "[bd]"}), "bd"),
        (json!({"id": "^[12]$"}), "ab"),
        (json!({"node": "n"}), "ab"),
        (json!({"no_such_column": "x"}), "abcd"),
    ] {
        let found = filter(&bench, &bench.ctx, filters.clone()).await;
        assert_eq!(found.as_deref(), Ok(expected), "{filters}");
    }
    let user = Context::new().user("u").project("p");
    assert_eq!(
        filter(&bench, &user, json!({"project_id": "q"})).await.unwrap(),
        ""
    );
    assert_eq!(filter(&bench, &user, json!({})).await.unwrap(), "acd");
}

#[tokio::test]
async fn odd_filters_are_errors() {
    let bench = cloud().await;
    for (filters, class) in [
        (json!({"hostname": "["}), "ValueError"),
        (json!({"changes-since": "once"}), "ValueError"),
        (json!({"host": {"a": 1}}), "ValueError"),
        (
            json!({"filter": [{"name": "tag-key", "value": "x"}]}),
            "NotImplementedError",
        ),
    ] {
        let odd = filter(&bench, &bench.ctx, filters.clone()).await;
        assert_eq!(error(odd).0, class, "{filters}");
    }
    let sorted = async |key: &str, dir: &str| {
        let (key, dir) = (key.to_owned(), dir.to_owned());
        bench
            .havana
            .instance_get_all_by_filters(&bench.ctx, Sent::new(), key, dir, None)
            .await
    };
    assert_eq!(error(sorted("id", "up").await).0, "KeyError");
    assert_eq!(error(sorted("age", "asc").await).0, "DBError");
    let down = sorted("display_name", "desc").await.unwrap();
    assert_eq!(texts(&down, "display_name"), ["d", "c", "b", "a"]);
}

#[tokio::test]
async fn joins_are_chosen() {
    let bench = cloud().await;
    let ask = async |columns: Option<&[&str]>| {
        let columns = columns.map(|columns| columns.iter().copied().map(str::to_owned).collect());
        let filters = sent(json!({"host": "one"}));
        let (key, dir) = ("id".to_owned(), "asc".to_owned());
        let found = bench
            .havana
            .instance_get_all_by_filters(&bench.ctx, filters, key, dir, columns);
        found.await.unwrap().swap_remove(0)
    };
    let all = ask(None).await;
    assert_eq!(all["metadata"][0]["value"], "web");
    assert!(all.contains_key("info_cache") && all.contains_key("security_groups"));
    let few = ask(Some(&["info_cache"])).await;
    assert_eq!(
        (&few["metadata"], few.contains_key("security_groups")),
        (&json!([]), false)
    );
    assert!(few.contains_key("info_cache"));
}

#[tokio::test]
async fn the_instances_of_a_host_and_of_its_nodes() {
    let bench = cloud().await;
    // Whoever asks: it runs with the rights of an administrator.
    let user = Context::new().user("u").project("p");
    let of = async |host: &str, node: Option<&str>, columns: Option<&str>| {
        let node = node.map(str::to_owned);
        let columns = columns.map(|column| vec![column.to_owned()]);
        bench
            .havana
            .instance_get_all_by_host(&user, host.to_owned(), node, columns)
            .await
            .unwrap()
    };
    let one = of("one", None, None).await;
    assert_eq!(letters(&one), "ab");
    assert_eq!(one[0]["metadata"][0]["value"], "web");
    let system = of("one", None, Some("system_metadata")).await;
    assert!(system[0]["metadata"] == json!([]) && system[0].contains_key("info_cache"));
    let node = of("one", Some("n2"), None).await;
    assert_eq!(letters(&node), "b");
    assert!(!node[0].contains_key("info_cache") && node[0]["metadata"] == json!([]));
    assert_eq!(letters(&of("three", None, None).await), "");
}

#[tokio::test]
async fn those_that_ran_in_a_period() {
    let bench = cloud().await;
    let active = async |begin: &str, end: Option<&str>, project: Option<&str>, host: Option<&str>| {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let (begin, end) = (begin.into(), end.map(Json::from));
        let found = bench.havana.instance_get_active_by_window_joined(
            &bench.ctx,
            begin,
            end,
            own(project),
            own(host),
        );
        letters(&found.await.unwrap())
    };
    assert_eq!(
        active("2013-10-04T00:00:00.0", Some("2013-10-09T00:00:00.0"), None, None).await,
        "a"
    );
    assert_eq!(
        active("2013-10-05T00:00:00.0", Some("2013-10-11T00:00:00.0"), None, None).await,
        "b"
    );
    // Without an end, those that were never launched as well; deleted or not.
    assert_eq!(active("2013-10-06T00:00:00.0", None, None, None).await, "bcd");
    assert_eq!(
        active("2013-10-01T00:00:00.0", None, Some("q"), Some("")).await,
        "b"
    );
    assert_eq!(
        active("2013-10-01T00:00:00.0", None, None, Some("two")).await,
        "cd"
    );

    let plain = bench.havana.instance_get_active_by_window(
        &bench.ctx,
        "2013-10-01T00:00:00.0".into(),
        None,
        Some("q".to_owned()),
        None,
    );
    assert!(!plain.await.unwrap()[0].contains_key("info_cache"));
    let odd = bench
        .havana
        .instance_get_active_by_window(&bench.ctx, json!(7), None, None, None);
    assert_eq!(error(odd.await).0, "ValueError");
}

#[tokio::test]
async fn those_that_hang_and_all() {
    let bench = cloud().await;
    let hung = async || {
        let hung = bench.havana.instance_get_all_hung_in_rebooting(&bench.ctx, 60);
        letters(&hung.await.unwrap())
    };
    assert_eq!(hung().await, "b");
    let row = json!({"task_state": "rebooting", "display_name": "e"});
    bench.put_instance(&uuid(5), row).await;
    let recent = (now() - SignedDuration::from_secs(5)).to_string();
    let updates = sent(json!({"task_state": "rebooting", "updated_at": recent}));
    let updates = bench
        .havana
        .instance_update(&bench.ctx, uuid(5), updates, None)
        .await;
    updates.unwrap();
    assert_eq!(hung().await, "b");

    let all = async |ctx: &Context| letters(&bench.havana.instance_get_all(ctx).await.unwrap());
    assert_eq!(all(&bench.ctx).await, "abde");
    assert_eq!(all(&Context::new().user("u").project("q")).await, "b");
    assert_eq!(all(&bench.ctx.clone().with("read_deleted", "only")).await, "c");
}

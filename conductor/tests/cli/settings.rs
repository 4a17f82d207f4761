//! Settings as an operator meets them: files and variables that commands follow, and `conductor config`.

use rpc_tests::program::Ran;
use serde_json::json;

use crate::program::{Ended as _, Home};

#[tokio::test]
async fn settings_are_shown_with_their_origin() {
    let home = Home::new();
    std::fs::create_dir(home.path("conductor")).unwrap();
    let toml = home.file("conductor/conductor.toml", "[service]\nworkers = 2\n");
    let nova = home.file(
        "nova.conf",
        "[DEFAULT]\ntransport_url = rabbit://nova:hunter2@mq/\n[conductor]\nuse_local = True\n",
    );
    let mut command = home.command(&["config", "--output", "json", "--nova-conf", &nova]);
    let shown = Ran::new(command.env("CONDUCTOR__RPC__RESPONSE_TIMEOUT", "5m")).await;
    let settings = shown.answer();
    assert_eq!(
        settings["service.workers"],
        json!({"value": 2, "origin": format!("{toml}:2")})
    );
    assert_eq!(
        settings["rpc.transport_url"],
        json!({"value": "rabbit://nova:***@mq:5672/", "origin": format!("{nova}:2: [DEFAULT] transport_url")})
    );
    assert_eq!(
        settings["rpc.response_timeout"],
        json!({"value": "300s", "origin": "the variable CONDUCTOR__RPC__RESPONSE_TIMEOUT"})
    );
    assert_eq!(settings["rpc.control_exchange"]["value"], "nova");
    assert_eq!(
        settings["service.report_interval"],
        json!({"value": "10s", "origin": "default"})
    );
    assert!(shown.err.contains("hint: [conductor] use_local"), "{shown:?}");

    let table = home.run(&["config"]).await;
    assert_eq!(table.code, Some(0), "{table:?}");
    let row = table
        .out
        .lines()
        .find(|line| line.contains("service.workers"))
        .unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(words, ["service.workers", "2", format!("{toml}:2").as_str()]);
}

#[tokio::test]
async fn a_check_tells_all_that_is_wrong_and_any_command_refuses_it() {
    let home = Home::new();
    let good = home.file("good.toml", "[service]\nhost = \"a\"\n");
    let checked = home.run(&["config", "--check", "--config", &good]).await;
    assert_eq!(
        (checked.code, checked.out.as_str()),
        (Some(0), "the settings can be used\n")
    );

    let bad = home.file("bad.toml", "[service]\nhots = \"a\"\nworkers = 0\n");
    for words in [
        &["config", "--check"][..],
        &["config"],
        &["ping"],
        &["serve"],
        &[],
    ] {
        let words = [words, &["--config", &bad]].concat();
        home.run(&words).await.failed(
            2,
            &[
                "bad.toml:2: [service] has no setting 'hots'; did you mean 'host'?",
                "bad.toml:3: [service] workers: write a whole number from 1 to 1024",
            ],
        );
    }
}

#[tokio::test]
async fn commands_follow_the_settings() {
    let home = Home::new();
    let url = format!("unix://{}/own.sock", home.path("").display());
    let toml = home.file(
        "own.toml",
        &format!(
            "[service]\nhost = \"seven\"\n[rpc]\ntransport_url = \"{url}\"\ncontrol_exchange = \"own\"\n"
        ),
    );
    let (_serving, line) = home.serve(&["--config", &toml]).await;
    assert!(
        line.starts_with(&format!("conductor 'seven' listens at {url}")),
        "{line}"
    );
    let ping = home.run(&["ping", "--config", &toml, "--server", "seven"]).await;
    assert_eq!(ping.code, Some(0), "{ping:?}");
    // An option goes over the file.
    home.run(&["ping", "--config", &toml, "--exchange", "other"])
        .await
        .failed(3, &["'other'"]);
}

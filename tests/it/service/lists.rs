//! Projects, iterations, tags and domains that cannot be read are named by every command that meets them.

use std::process::{Command, Output, Stdio};

use super::script::*;

fn listed(call: &str) -> String {
    let id = project();
    match call.split('?').next().unwrap_or_default() {
        "projects" => format!(r#"[{{"id":"{id}","name":"Forks","settings":{{}}}},{{"id":"no id","name":"Spoons"}}]"#),
        call if call == format!("projects/{id}") => {
            format!(r#"{{"id":"{id}","name":"Forks","description":7,"settings":{{}}}}"#)
        }
        "domains" => "[]".to_owned(),
        call if call.ends_with("/iterations") => r#"[{"id":7,"name":"Iteration 1"}]"#.to_owned(),
        call if call.ends_with("/tags") => format!(r#"[{{"id":"{}","name":"a"}},{{"id":"x","name":"fork"}}]"#, tag(0)),
        call if call.ends_with("/count") => "2".to_owned(),
        _ => "[]".to_owned(),
    }
}

/// A service whose lists have an entry each that cannot be read.
async fn service(domains: u16) -> Script {
    Script::start(move |request, _| {
        let call = request.call();
        match call {
            "domains" if domains != 200 => reply(domains, ""),
            call if call.contains("/images/tagged?") && request.number("skip") == 0 => reply(200, rows(0..2)),
            call => reply(200, listed(call)),
        }
    })
    .await
}

async fn run(script: &Script, arguments: &[&str]) -> (Option<i32>, String, String) {
    let home = tempfile::tempdir().expect("home");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
    command
        .args(arguments)
        .env("TAGSCOPE_HOME", home.path())
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .env("VISION_TRAINING_ENDPOINT", &script.origin)
        .env("VISION_TRAINING_KEY", KEY)
        .current_dir(home.path())
        .stdin(Stdio::null());
    let ran = tokio::task::spawn_blocking(move || command.output()).await.expect("run").expect("run");
    drop(home);
    let Output { status, stdout, stderr } = ran;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_cannot_be_read_is_named_by_every_command_that_meets_it() {
    let script = service(200).await;
    let (tags, projects) =
        ("Number 2 in the list of tags could not be read", "Number 2 in the list of projects could not");
    for arguments in [
        &["images", "--project", "Forks", "--query", "tag:a"][..],
        &["export", "--project", "Forks", "--format", "coco", "--images", "none", "--out", "out"],
        &["check", "--project", "Forks"],
    ] {
        let (status, _, said) = run(&script, arguments).await;
        assert_eq!(status, Some(5), "{arguments:?}: {said}");
        assert_eq!(said.matches(tags).count(), 1, "{arguments:?}: {said}");
        assert!(said.contains(projects), "{arguments:?}: {said}");
    }
    // What is not there may be what cannot be read.
    for (arguments, list) in [
        (&["images", "--project", "Spoons"][..], "tagscope projects"),
        (&["images", "--project", "Forks", "--tag", "fork"], "tagscope tags"),
        (&["images", "--project", "Forks", "--iteration", "Iteration 1"], "tagscope iterations"),
    ] {
        let (status, _, said) = run(&script, arguments).await;
        assert_eq!(status, Some(3), "{arguments:?}: {said}");
        assert!(said.contains("Some entries of the list could not be read") && said.contains(list), "{said}");
    }
    // The only project that can be read is not the only one.
    let (status, _, said) = run(&script, &["images"]).await;
    assert!(status == Some(2) && said.contains("--project"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_says_what_it_lacks_of_the_project_and_its_lists() {
    let script = service(404).await;
    let id = project().to_string();
    let (status, _, said) = run(&script, &["archive", "--project", &id, "--out", "out"]).await;
    assert_eq!(status, Some(5), "{said}");
    for words in [
        "Field description of the project",
        "Number 2 in the list of tags",
        "Number 1 in the list of iterations",
        "The domains cannot be listed",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

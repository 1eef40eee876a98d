//! `tagscope doctor`: it names what is wrong and how to fix it, prints no secret, and changes nothing.

use serde_json::Value;

use super::{Ran, Stage};

#[test]
fn what_is_wrong_is_named_with_the_way_out_and_no_secret() {
    let stage = Stage::empty();
    let config = stage.path("home/config");
    std::fs::create_dir_all(&config).expect("folder");
    std::fs::write(config.join("settings.json"), "{\"endpoint\": 7").expect("write");
    std::fs::create_dir_all(stage.path("home/state")).expect("folder");
    std::fs::write(stage.path("home/state/crash.txt"), "stopped at x.rs:1").expect("write");
    let ran = |arguments: &[&str]| {
        let mut command = stage.command(arguments);
        command.env("TAGSCOPE_HOME", stage.path("home")).env("VISION_TRAINING_KEY", "k0k0k0");
        command.env("HTTPS_PROXY", "http://me:s3cr3t@127.0.0.1:9").env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command
            .env("AWS_ACCESS_KEY_ID", "AKIAs3cr3t")
            .env("AWS_ENDPOINT_URL", "https://me:s3cr3t@h")
            .env_remove("AWS_PROFILE");
        command.env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent").env("AWS_CONFIG_FILE", "/nonexistent");
        command.env_remove("AWS_SECRET_ACCESS_KEY").env("GOOGLE_BEARER_TOKEN", "s3cr3t");
        command.env("AZURE_STORAGE_CONNECTION_STRING", "AccountName=a;AccountKey=s3cr3t");
        Ran::of(command.output().expect("run")).is(0)
    };
    let text = ran(&["doctor"]);
    let json = ran(&["doctor", "--json"]);
    for ran in [&text, &json] {
        assert!(
            !ran.out.contains("k0k0k0") && !ran.out.contains("s3cr3t") && ran.err.is_empty(),
            "{}{}",
            ran.out,
            ran.err
        );
    }
    let report = json.json();
    assert_eq!(report["version"], env!("CARGO_PKG_VERSION"));
    let proxies = report["proxyVariables"].as_array().expect("a list");
    assert!(report["environmentKey"] == true && proxies.iter().any(|name| name == "HTTPS_PROXY"), "{report}");
    let stores: Vec<_> = ["Amazon S3", "Google Cloud Storage", "Azure Blob Storage"]
        .iter()
        .zip(["AWS_ACCESS_KEY_ID", "GOOGLE_BEARER_TOKEN", "AZURE_STORAGE_CONNECTION_STRING"])
        .map(|(store, source)| (Value::from(*store), Value::from(source)))
        .collect();
    let told: Vec<_> = report["objectStores"].as_array().expect("a list").iter().collect();
    assert!(
        told.iter().zip(&stores).all(|(one, (store, source))| &one["store"] == store && &one["credentials"] == source)
    );
    assert_eq!(told[0]["variables"][0], "AWS_ENDPOINT_URL");
    assert!(
        text.out.contains("Amazon S3: credentials from AWS_ACCESS_KEY_ID; also set: AWS_ENDPOINT_URL"),
        "{}",
        text.out
    );
    for folder in report["folders"].as_array().expect("a list") {
        assert!(folder["isWritable"] == true && folder["freeBytes"].as_u64().is_some(), "{folder}");
    }
    let problems = report["problems"].as_array().expect("a list");
    assert!(problems.iter().all(|one| one["advice"].as_str().is_some_and(|advice| advice.ends_with('.'))), "{report}");
    let mut wanted = vec!["settings.json", "crash.txt", "AWS_SECRET_ACCESS_KEY is not"];
    if cfg!(all(unix, not(target_os = "macos"))) {
        wanted.push("no display");
    }
    for words in wanted {
        let is_it = |problem: &Value| problem["problem"].as_str().is_some_and(|text| text.contains(words));
        assert!(problems.iter().any(is_it) && text.out.contains(words), "{words}: {}", text.out);
    }
    // The window would keep the broken file under another name, and take the report away.
    assert!(config.join("settings.json").is_file() && stage.path("home/state/crash.txt").is_file());
    let left = std::fs::read_dir(&config).expect("folder").count();
    assert_eq!(left, 1, "nothing is left behind");
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_a_problem() {
    let stage = Stage::empty();
    // A file stands where the folder belongs.
    std::fs::create_dir_all(stage.path("home")).expect("folder");
    std::fs::write(stage.path("home/cache"), "").expect("write");
    let mut command = stage.command(&["doctor", "--json"]);
    let report = Ran::of(command.env("TAGSCOPE_HOME", stage.path("home")).output().expect("run")).is(0).json();
    let problems = report["problems"].to_string();
    assert!(problems.contains("home/cache is a file"), "{problems}");
}

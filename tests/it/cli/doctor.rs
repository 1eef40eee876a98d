//! `tagscope doctor`: it names what is wrong and how to fix it, prints no secret, and changes nothing.

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
    for folder in report["folders"].as_array().expect("a list") {
        assert!(folder["isWritable"] == true && folder["freeBytes"].as_u64().is_some(), "{folder}");
    }
    let problems = report["problems"].as_array().expect("a list");
    assert!(problems.iter().all(|one| one["advice"].as_str().is_some_and(|advice| advice.ends_with('.'))), "{report}");
    let mut wanted = vec!["settings.json", "crash.txt"];
    if cfg!(all(unix, not(target_os = "macos"))) {
        wanted.push("no display");
    }
    for words in wanted {
        let is_it = |problem: &serde_json::Value| problem["problem"].as_str().is_some_and(|text| text.contains(words));
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

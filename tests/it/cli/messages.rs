//! What the commands say to people: once, in words of the command line, with the way out.

use super::{Ran, Stage, archive, text};
use crate::remote::shelf::Shelf;

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn options_before_the_command_are_shown_in_their_right_order() {
    let stage = Stage::empty();
    let ran = stage.run(&["--format", "coco", "export", "--out", "x"]).is(2);
    assert_eq!(ran.err, "tagscope: options go after the command: tagscope export --format coco ...\n");
    let ran = stage.run(&["--json", "list"]).is(2);
    assert!(ran.err.contains("--json goes after a command: tagscope COMMAND --json"), "{}", ran.err);
    let ran = stage.run(&["--fromat", "coco", "export", "--out", "x"]).is(2);
    assert!(ran.err.contains("options go after the command: tagscope export --fromat"), "{}", ran.err);
    assert!(ran.err.contains("'--format'"), "what else is wrong is said too: {}", ran.err);
    assert!(stage.run(&["projects", "--bogus"]).is(2).err.starts_with("error: unexpected argument '--bogus'"));
}

#[test]
fn a_key_in_an_odd_place_is_not_repeated() {
    let stage = Stage::empty();
    let with_password = format!("https://me:{KEY}@h");
    let signed = format!("https://h/c?sig={KEY}");
    for arguments in [
        &["projects", KEY][..],
        &["projects", &format!("--key={KEY}")],
        &["projects", "--endpoint", KEY],
        &["projects", "--endpoint", &with_password],
        &["projects", "--source", &signed],
        &["--source", &signed, "tags"],
        &["verify", &signed],
        &["export", "--format", "coco", "--out", &signed],
        &["diff", &signed, "x"],
        &["images", "--take", KEY],
    ] {
        let ran = stage.run(arguments);
        assert!(ran.status != 0 && !ran.err.is_empty(), "{arguments:?}");
        assert!(!ran.err.contains(KEY) && !ran.out.contains(KEY), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn a_key_that_is_missing_or_refused_is_said_once_with_where_it_comes_from() {
    let stage = Stage::sample(&["--images", "3"]);
    let none = Ran::of(stage.command(&["projects"]).env_remove("VISION_TRAINING_KEY").output().expect("run")).is(3);
    assert!(none.err.contains("tagscope key set --endpoint URL, or set VISION_TRAINING_KEY"), "{}", none.err);
    assert!(!none.err.contains("Enter"), "{}", none.err);
    assert_eq!(none.err.to_lowercase().matches("no key for").count(), 1, "{}", none.err);
    let mut command = stage.command(&["projects"]);
    let wrong = Ran::of(command.env("VISION_TRAINING_KEY", KEY).output().expect("run")).is(3);
    assert!(wrong.err.contains("VISION_TRAINING_KEY") && wrong.err.contains("tagscope key set"), "{}", wrong.err);
    assert_eq!(wrong.err.matches("401").count(), 1, "{}", wrong.err);
    assert_eq!(wrong.err.matches("does not accept").count(), 1, "{}", wrong.err);
}

#[test]
fn a_list_with_nothing_in_it_says_so() {
    let stage = Stage::sample(&["--images", "12"]);
    for arguments in [
        &["images", "--query", "regions>9999"][..],
        &["images", "--query", "regions>9999", "--jsonl"],
        &["images", "--skip", "99"],
    ] {
        let ran = stage.run(arguments).is(0);
        assert!(ran.out.is_empty() && ran.err.ends_with("No images match.\n"), "{arguments:?}: {}", ran.err);
        let quiet = stage.run(&[arguments, &["--quiet"]].concat()).is(0);
        assert_eq!(quiet.err, "");
    }
    assert!(!stage.run(&["images"]).is(0).err.contains("No images"));
    let (folder, _) = archive(&stage);
    let source = ["--source", text(&folder)];
    let ran = stage.run(&[&["images", "--untagged"], &source[..]].concat()).is(0);
    assert!(ran.out.is_empty() && ran.err.contains("No images match."), "{}", ran.err);
    let ran = stage.run(&[&["iterations"], &source[..]].concat()).is(0);
    assert!(ran.out.is_empty() && ran.err.contains("There are no iterations."), "{}", ran.err);
}

#[test]
fn what_cannot_be_verified_is_named_once() {
    let stage = Stage::empty();
    let (empty, file, foreign) = (stage.path("empty"), stage.path("file"), stage.path("foreign"));
    std::fs::create_dir(&empty).expect("folder");
    std::fs::create_dir(&foreign).expect("folder");
    std::fs::write(&file, "text").expect("file");
    std::fs::write(foreign.join("manifest.json"), r#"{"format": "other"}"#).expect("file");
    for (place, reason) in
        [(&empty, "It is empty."), (&file, "It is a file."), (&foreign, "written by another program")]
    {
        let ran = stage.run(&["verify", text(place)]).is(1);
        assert!(ran.err.contains("is neither an archive nor an export") && ran.err.contains(reason), "{}", ran.err);
        assert_eq!((ran.err.lines().count(), ran.err.matches(text(place)).count()), (1, 1), "{}", ran.err);
    }
    let shelf = Shelf::start(&stage.path("none"));
    let mut command = stage.command(&["verify", "s3://shelf/forks"]);
    let ran = Ran::of(command.envs(shelf.variables()).output().expect("run")).is(3);
    assert!(ran.err.contains("s3://shelf/forks is neither an archive nor an export"), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

#[test]
fn what_is_no_archive_is_named_with_the_way_to_make_one() {
    let stage = Stage::empty();
    let (folder, _) = archive(&stage);
    let export = stage.path("export");
    stage.run(&["export", "--format", "coco", "--source", text(&folder), "--out", text(&export)]).is(0);
    let (empty, file) = (stage.path("empty"), stage.path("file"));
    std::fs::create_dir(&empty).expect("folder");
    std::fs::write(&file, "text").expect("file");
    for (place, reason) in [(&export, "It is an export."), (&empty, "It is empty."), (&file, "It is a file.")] {
        for command in [&["serve", text(place)][..], &["tags", "--source", text(place)]] {
            let ran = stage.run(command).is(1);
            let words = format!("{} is not an archive. {reason}", place.display());
            let way = format!("tagscope import auto {} --out DIR", place.display());
            assert!(ran.err.contains(&words) && ran.err.contains(&way), "{}", ran.err);
            assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
        }
    }
    // The way that it says.
    let made = stage.path("made");
    stage.run(&["import", "auto", text(&export), "--out", text(&made)]).is(0);
    stage.run(&["tags", "--source", text(&made)]).is(0);
    stage.run(&["diff", text(&export), text(&folder)]).is(0);
    for place in [&empty, &file] {
        let ran = stage.run(&["diff", "--quiet", text(place), text(&folder)]).is(1);
        assert_eq!((ran.err.lines().count(), ran.err.matches(text(place)).count()), (1, 1), "{}", ran.err);
    }
}

#[test]
fn what_is_given_in_the_place_of_something_else_is_named() {
    let stage = Stage::empty();
    let (folder, _) = archive(&stage);
    let (out, source) = (stage.path("out"), ["--source", text(&folder)]);
    let ran = stage.run(&["import", "auto", text(&folder), "--out", text(&out)]).is(1);
    assert!(
        ran.err.ends_with("is an archive already. Give it to --source, or open it in the window.\n"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("not an archive"), "{}", ran.err);
    let export = ["export", "--format", "coco", "--classes-from", text(&folder), "--out", text(&out)];
    let ran = stage.run(&[&export, &source[..]].concat()).is(1);
    assert!(ran.err.contains("is not an export: it is an archive.") && !ran.err.contains("damaged"), "{}", ran.err);
    let ran = stage.run(&["diff", text(&folder), ""]).is(2);
    assert!(ran.err.contains("a state is empty"), "{}", ran.err);
    assert!(!out.exists());
}

#[cfg(unix)]
#[test]
fn an_archive_does_not_follow_a_link_that_leads_nowhere() {
    let stage = Stage::sample(&["--images", "2"]);
    let out = stage.path("link");
    std::os::unix::fs::symlink(stage.path("gone"), &out).expect("link");
    let ran = stage.run(&["archive", "--out", text(&out)]).is(1);
    assert!(ran.err.contains("is a link that leads nowhere. Remove it"), "{}", ran.err);
    assert!(out.is_symlink() && !stage.path("gone").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_without_rights_is_named_as_such() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;

    let stage = Stage::empty();
    let (folder, _) = archive(&stage);
    let set_rights = |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).expect("rights");
    std::fs::set_permissions(stage.home.path(), std::fs::Permissions::from_mode(0o777)).expect("rights");
    set_rights(0);
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|facts| facts.uid() == 0);
    for command in [&["serve", text(&folder)][..], &["tags", "--source", text(&folder)], &["verify", text(&folder)]] {
        let mut command = stage.command(command);
        if is_root {
            // Nothing is forbidden to root.
            command.uid(65_534).env("TAGSCOPE_HOME", "/nonexistent");
        }
        let ran = Ran::of(command.output().expect("run")).is(1);
        assert!(ran.err.contains(&format!("{} cannot be read: permission denied.", folder.display())), "{}", ran.err);
        assert!(ran.err.contains("Ask its owner"), "{}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
    }
    set_rights(0o755);
}

//! The documentation: links lead somewhere, and the generated pages are current. `TAGSCOPE_BLESS=1` writes those again.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tagscope::app::action::ActionPlace;
use tagscope::app::{Action, KeyMap};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All pages: those at the top level and those below `docs`.
fn pages() -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut folders = vec![root().join("docs")];
    let top = fs::read_dir(root()).expect("readable").map(|entry| entry.expect("entry").path());
    pages.extend(top.filter(|path| is_page(path)));
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("readable") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if is_page(&path) {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// The lines of a page outside of code blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// What a heading can be linked by: lower case, spaces as dashes, no other signs (as on GitHub).
fn anchors(text: &str) -> HashSet<String> {
    let headings = prose(text).filter(|(_, line)| line.starts_with('#'));
    let anchor = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(|(_, line)| anchor(line)).collect()
}

/// The targets of the links in a line, `[words](target)` and `![words](target)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    let mut links = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).expect("readable page");
        for (number, line) in prose(&text) {
            for target in targets(line).filter(|target| !target.contains("://")) {
                links += 1;
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let path = if file.is_empty() { page.clone() } else { page.parent().expect("folder").join(file) };
                let has_anchor = || anchors(&fs::read_to_string(&path).unwrap_or_default()).contains(anchor);
                if !path.exists() || (!anchor.is_empty() && !has_anchor()) {
                    let page = page.strip_prefix(root()).expect("below the root");
                    broken.push(format!("{}:{}: {target}", page.display(), number + 1));
                }
            }
        }
    }
    assert!(links > 50, "only {links} links were found");
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn the_readme_is_short() {
    let readme = fs::read_to_string(root().join("README.md")).expect("README");
    assert!(readme.lines().count() <= 130);
}

#[test]
fn the_page_of_the_command_line_is_current() {
    is_current("docs/guide/command-line.md", &command_line());
}

#[test]
fn the_page_of_the_keyboard_is_current() {
    is_current("docs/guide/keyboard.md", &keyboard());
}

#[track_caller]
fn is_current(name: &str, text: &str) {
    let path = root().join(name);
    if std::env::var_os("TAGSCOPE_BLESS").is_some() {
        fs::write(&path, text).expect("writable page");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == text, "{name} is out of date. Run: TAGSCOPE_BLESS=1 cargo test --test it docs");
}

fn help_of(command: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tagscope")).args(command).arg("--help").output().expect("program");
    assert!(output.status.success(), "{command:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The commands that the help of `command` lists.
fn commands_in(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A description that needs several lines is indented further.
    let first_words = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let words = first_words.filter_map(|line| line.split_whitespace().next());
    words.filter(|word| *word != "help").map(str::to_owned).collect()
}

fn command_line() -> String {
    let mut page = "# Command line\n\nGenerated from `tagscope --help`. Data goes to standard output, messages to \
                    standard error.\n\nExit status: 0 done; 1 failed, nothing published; 2 wrong usage; 3 the service refused; 4 the \
                    network or the service failed, also after retries; 5 done, and skipped items are listed.\n"
        .to_owned();
    let main = help_of(&[]);
    let mut add = |title: &str, help: &str| {
        write!(page, "\n## {title}\n\n```text\n{}\n```\n", help.trim_end()).expect("a string takes everything");
    };
    add("tagscope", &main);
    for command in commands_in(&main) {
        let help = help_of(&[&command]);
        add(&format!("tagscope {command}"), &help);
        for part in commands_in(&help) {
            add(&format!("tagscope {command} {part}"), &help_of(&[&command, &part]));
        }
    }
    page
}

fn keyboard() -> String {
    let keys = KeyMap::default();
    let mut page = "# Keyboard\n\nGenerated from the program's own table. `?` shows these keys in the program, with your \
                    changes; **Change shortcuts...** there gives any action another key. `Ctrl+K` finds every action by name, \
                    with or without a key. On a Mac, `Ctrl` is Command.\n"
        .to_owned();
    let places = [
        (ActionPlace::Everywhere, "Everywhere"),
        (ActionPlace::Project, "In a project"),
        (ActionPlace::Cells, "Grid and region wall"),
        (ActionPlace::Grid, "Grid"),
        (ActionPlace::Wall, "Region wall"),
        (ActionPlace::Canvas, "Canvas"),
        (ActionPlace::Statistics, "Statistics"),
    ];
    for (place, title) in places {
        let actions = Action::ALL.iter().filter(|action| action.text().place == place);
        let rows: Vec<_> = actions
            .map(|action| {
                let text = action.text();
                let chords =
                    keys.of(*action).iter().map(|chord| format!("`{}`", chord.to_string().replace('|', "\\|")));
                format!("| {} | {} | {} |\n", chords.collect::<Vec<_>>().join(" "), text.label, text.tooltip)
            })
            .collect();
        assert!(!rows.is_empty(), "{title}");
        write!(page, "\n## {title}\n\n| key | action | |\n| --- | --- | --- |\n{}", rows.concat())
            .expect("a string takes everything");
    }
    page
}

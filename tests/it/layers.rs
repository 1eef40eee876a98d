//! The layers import only what the table in `src/lib.rs` allows: every `crate::layer` mention and every external crate
//! in `src/` is looked at, and a breach is named with file and line.

use std::fs;
use std::path::{Path, PathBuf};

/// A layer, the layers it may mention, and those external crates of [`GUARDED`] that it may use.
const RULES: &[(&str, &[&str], &[&str])] = &[
    ("domain", &[], &[]),
    ("service", &["domain"], &["reqwest", "tokio"]),
    ("storage", &["domain"], &["keyring"]),
    ("pixels", &["domain"], &["image", "image_hasher", "fast_image_resize", "jpeg_decoder", "tiny_skia", "zune_jpeg"]),
    ("formats", &["domain"], &[]),
    ("server", &["domain", "storage", "pixels"], &["axum", "tokio", "tiny_skia"]),
    ("app", &["domain", "formats"], &[]),
    ("engine", &["domain", "service", "storage", "pixels", "formats", "app"], &["tokio"]),
    ("ui", &["app", "domain", "formats"], &["egui", "egui_extras", "egui_material_icons", "egui_plot"]),
    ("desktop", &["ui", "app", "engine", "storage", "domain"], &["eframe", "egui", "rfd", "zbus"]),
    (
        "cli",
        &["domain", "service", "storage", "pixels", "formats", "server", "app", "engine", "desktop"],
        &["clap", "clap_complete", "clap_mangen", "indicatif", "rpassword", "tokio"],
    ),
];

/// External crates that belong to certain layers.
const GUARDED: &[&str] = &[
    "axum",
    "clap",
    "clap_complete",
    "clap_mangen",
    "eframe",
    "egui",
    "egui_extras",
    "egui_material_icons",
    "egui_plot",
    "fast_image_resize",
    "image",
    "image_hasher",
    "indicatif",
    "jpeg_decoder",
    "keyring",
    "reqwest",
    "rfd",
    "rpassword",
    "tiny_skia",
    "tokio",
    "zbus",
    "zune_jpeg",
];

/// What the pure layers may not do, wherever the crate comes from.
const IMPURE: &[&str] = &["std::fs", "std::net", "std::thread", "std::process", "SystemTime::now", "Instant::now"];
const PURE_LAYERS: &[&str] = &["domain", "app", "ui"];

#[test]
fn each_layer_imports_only_what_it_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut breaches = Vec::new();
    for (layer, layers, crates) in RULES {
        let files = rust_files(&src.join(layer));
        assert!(!files.is_empty(), "no file in src/{layer}");
        for file in files {
            let text = fs::read_to_string(&file).expect("readable source");
            for (number, line) in text.lines().enumerate() {
                let place = format!("{}:{}", file.strip_prefix(&src).expect("below src").display(), number + 1);
                breaches.extend(breaches_of(line, layer, layers, crates).map(|breach| format!("{place}: {breach}")));
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn the_rule_itself_finds_breaches() {
    let find = |line: &str, layer: &str| {
        let rule = RULES.iter().find(|rule| rule.0 == layer).expect("layer");
        breaches_of(line, layer, rule.1, rule.2).count()
    };
    assert_eq!(find("use crate::service::Client;", "ui"), 1);
    assert_eq!(find("    let client = reqwest::Client::builder();", "engine"), 1);
    assert_eq!(find("use reqwest::header;", "service"), 0);
    assert_eq!(find("use std::fs;", "domain"), 1);
    assert_eq!(find("use crate::domain::image::BlobUri;", "service"), 0);
    assert_eq!(find("/// See [`crate::service`].", "ui"), 0, "words in comments are free");
    assert_eq!(find("use {crate::ui, egui::Ui};", "app"), 2);
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("readable folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn breaches_of<'a>(
    line: &'a str,
    layer: &'a str,
    layers: &'a [&'a str],
    crates: &'a [&'a str],
) -> impl Iterator<Item = String> + 'a {
    let code = line.split("//").next().unwrap_or_default();
    let foreign_layers = paths_after(code, "crate::")
        .filter(move |name| *name != layer && RULES.iter().any(|rule| rule.0 == *name) && !layers.contains(name));
    let foreign_layers = foreign_layers.map(move |name| format!("`{layer}` may not import `{name}`"));
    let foreign_crates = GUARDED.iter().filter(move |name| !crates.contains(name) && mentions_crate(code, name));
    let foreign_crates = foreign_crates.map(move |name| format!("`{layer}` may not use the crate `{name}`"));
    let impure = IMPURE.iter().filter(move |name| PURE_LAYERS.contains(&layer) && code.contains(**name));
    let impure = impure.map(move |name| format!("`{layer}` is pure: no `{name}`"));
    foreign_layers.chain(foreign_crates).chain(impure)
}

/// The words that follow each `prefix`.
fn paths_after<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(prefix).map(move |(at, _)| {
        let rest = &code[at + prefix.len()..];
        rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
    })
}

/// Whether `name::` stands in the code as the first part of a path.
fn mentions_crate(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    code.match_indices(&path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

//! The layers import only what the table in `src/lib.rs` allows. The source is parsed as Rust, so that grouped
//! imports, macros and `super::` paths count, and comments and strings do not. A breach is reported with file and line.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};

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

/// What the pure layers may not do: pairs of neighboring path segments.
const IMPURE: &[(&str, &str)] =
    &[("std", "fs"), ("std", "net"), ("std", "process"), ("std", "thread"), ("Instant", "now"), ("SystemTime", "now")];
const PURE_LAYERS: &[&str] = &["domain", "app", "ui"];

#[test]
fn each_layer_imports_only_what_it_may() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut breaches = Vec::new();
    for rule in RULES {
        let files = rust_files(&src.join(rule.0));
        assert!(!files.is_empty(), "no file in src/{}", rule.0);
        for file in files {
            let name = file.strip_prefix(&src).expect("below src");
            let text = fs::read_to_string(&file).expect("readable source");
            let found = breaches_of(&text, rule, module_depth(name)).into_iter();
            breaches.extend(found.map(|(line, breach)| format!("{}:{line}: {breach}", name.display())));
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn breaches_are_found_in_every_form_of_path() {
    let find = |code: &str, layer: &str| {
        let rule = RULES.iter().find(|rule| rule.0 == layer).expect("layer");
        breaches_of(code, rule, 1).len()
    };
    assert_eq!(find("use crate::service::Client;", "ui"), 1);
    assert_eq!(find("use crate::{app::State, engine, service::{Client, Pager}};", "ui"), 3);
    assert_eq!(find("use {crate::ui, egui::Ui};", "app"), 2);
    assert_eq!(find("use crate::{self as root, domain};", "ui"), 1, "an alias of the crate would hide what follows");
    assert_eq!(find("use crate as root;", "ui"), 1);
    assert_eq!(find("use super::engine::Engine;", "ui"), 1);
    assert_eq!(find("mod tests { use super::super::engine::Engine; }", "ui"), 1);
    assert_eq!(find("mod tests { use super::engine; }", "ui"), 0, "a module of the same layer");
    assert_eq!(find("fn f() { log!(\"{}\", crate::engine::name()); }", "ui"), 1, "arguments of macros count");
    assert_eq!(find("fn f() { let a = \"https://x\"; let client = reqwest::Client::builder(); }", "engine"), 1);
    assert_eq!(find("use ::reqwest::header;", "ui"), 1);
    assert_eq!(find("use reqwest;", "ui"), 1);
    assert_eq!(find("extern crate reqwest;", "ui"), 1);
    assert_eq!(find("use reqwest::header;", "service"), 0);
    assert_eq!(find("fn f() { self.image::<u8>(); domain::image::f(); }", "domain"), 0, "names of our own");
    assert_eq!(find("use std::{collections, fs};", "domain"), 1);
    assert_eq!(find("fn f() { std::time::Instant::now(); }", "app"), 1);
    assert_eq!(find("use crate::domain::image::BlobUri;", "service"), 0);
    assert_eq!(find("/// See [`crate::service`].\nstruct A;", "ui"), 0, "comments are free");
    assert_eq!(find("const A: &str = \"crate::service std::fs\";", "ui"), 0, "so are strings");
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

/// How many modules the file at `name` (below `src`) lies deep: 1 for `ui/mod.rs`, 2 for `ui/grid.rs`.
fn module_depth(name: &Path) -> usize {
    name.components().count() - usize::from(name.file_name().is_some_and(|name| name == "mod.rs"))
}

type Rule = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Line and description of each breach of `rule` in the text of a module `depth` modules below the crate.
fn breaches_of(text: &str, rule: &'static Rule, depth: usize) -> Vec<(usize, String)> {
    let file = syn::parse_file(text).expect("Rust source");
    let mut paths = Paths { depth, rule, breaches: Vec::new() };
    paths.visit_file(&file);
    paths.breaches
}

/// Visits every path of a file: in imports, in code, and among the tokens that macros and attributes are given.
struct Paths {
    rule: &'static Rule,
    depth: usize,
    breaches: Vec<(usize, String)>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.depth += 1;
        visit::visit_item_mod(self, module);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &mut Vec::new());
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.path(std::slice::from_ref(&item.ident), true);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path.segments.iter().map(|segment| segment.ident.clone()).collect();
        self.path(&segments, false);
        visit::visit_path(self, path);
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        let mut path = Vec::new();
        // Colons that have come since the last segment; a path goes on after exactly two.
        let mut colons = 0;
        for token in tokens.clone() {
            match token {
                TokenTree::Punct(sign) if sign.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(word) if colons == 2 => path.push(word),
                TokenTree::Ident(word) => self.path(&std::mem::replace(&mut path, vec![word]), false),
                TokenTree::Group(group) => {
                    self.path(&std::mem::take(&mut path), false);
                    self.visit_token_stream(&group.stream());
                }
                _ => self.path(&std::mem::take(&mut path), false),
            }
            colons = 0;
        }
        self.path(&path, false);
    }
}

impl Paths {
    /// Visits each path of a tree of imports.
    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<Ident>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.clone());
                self.tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
            syn::UseTree::Glob(_) => self.path(before, true),
            syn::UseTree::Name(syn::UseName { ident }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                before.push(ident.clone());
                self.path(before, true);
                before.pop();
            }
        }
    }

    /// Looks at one path; `is_import` when a single segment can name a crate.
    fn path(&mut self, path: &[Ident], is_import: bool) {
        let (layer, layers, crates) = *self.rule;
        let Some(first) = path.first() else { return };
        let line = first.span().start().line;
        let name = first.to_string();
        if GUARDED.contains(&&*name) && !crates.contains(&&*name) && (is_import || path.len() > 1) {
            self.breaches.push((line, format!("`{layer}` may not use the crate `{name}`")));
        }
        if PURE_LAYERS.contains(&layer) {
            for pair in path.windows(2) {
                if IMPURE.iter().any(|impure| pair[0] == impure.0 && pair[1] == impure.1) {
                    self.breaches.push((line, format!("`{layer}` is pure: no `{}::{}`", pair[0], pair[1])));
                }
            }
        }
        let supers = path.iter().skip_while(|word| *word == "self").take_while(|word| *word == "super").count();
        let below_crate = match name.as_str() {
            "crate" => &path[1..],
            _ if supers > 0 && supers == self.depth => &path[path.len().min(supers + usize::from(name == "self"))..],
            _ => return,
        };
        match below_crate.first().map(ToString::to_string) {
            // An alias or a glob of the crate would hide what follows.
            None if is_import => self.breaches.push((line, format!("`{layer}` may not import the whole crate"))),
            Some(other) if other == "self" => {
                self.breaches.push((line, format!("`{layer}` may not import the whole crate")));
            }
            Some(other) if other != layer && !layers.contains(&&*other) && RULES.iter().any(|rule| rule.0 == other) => {
                self.breaches.push((line, format!("`{layer}` may not import `{other}`")));
            }
            _ => {}
        }
    }
}

//! `domain`, `app` and `ui` compute and nothing else: no files, no network, no processes, no threads, no clock. What a
//! layer may import is up to its Cargo.toml, so the compiler checks that; the standard library is open to everybody.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

/// Neighboring segments of a path that the pure layers may not contain.
const IMPURE: &[(&str, &str)] =
    &[("std", "fs"), ("std", "net"), ("std", "process"), ("std", "thread"), ("Instant", "now"), ("SystemTime", "now")];

#[test]
fn pure_layers_touch_nothing_outside() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut breaches = Vec::new();
    for layer in ["domain", "app", "ui"] {
        let files = rust_files(&src.join(layer));
        assert!(files.len() > 10, "src/{layer} has moved");
        for file in files {
            let text = fs::read_to_string(&file).expect("readable source");
            let found = breaches_of(&text).into_iter();
            breaches.extend(found.map(|(line, path)| format!("{}:{line}: {path}", file.display())));
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn every_form_of_path_is_found() {
    let count = |code: &str| breaches_of(code).len();
    assert_eq!(count("use std::{collections, fs};"), 1);
    assert_eq!(count("use std::{collections::{HashMap, HashSet}, io, net::TcpStream, fs};"), 2);
    assert_eq!(count("fn f() { log!(\"{}\", ::std::fs::read(path)); }"), 1, "arguments of macros count");
    assert_eq!(count("fn f() { std::time::Instant::now(); }"), 1);
    assert_eq!(count("/// See [`std::fs`].\nstruct A;"), 0, "comments are free");
    assert_eq!(count("const A: &str = \"std::fs\"; use std::io; mod fs {}"), 0, "so are strings and names of our own");
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

/// Line and path of each breach. The text is read as Rust's tokens, so comments and strings do not count.
fn breaches_of(text: &str) -> Vec<(usize, String)> {
    let mut breaches = Vec::new();
    visit(text.parse().expect("Rust source"), None, &mut breaches);
    breaches
}

/// Visits tokens; `parent` is the segment that a group of imports in braces belongs to.
fn visit(tokens: TokenStream, parent: Option<&str>, breaches: &mut Vec<(usize, String)>) {
    // The segment before the coming token, and the colons since.
    let (mut before, mut colons) = (parent.map(str::to_owned), 2);
    for token in tokens {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == ':' => colons += 1,
            // The next import of a group begins.
            TokenTree::Punct(sign) if sign.as_char() == ',' => (before, colons) = (parent.map(str::to_owned), 2),
            TokenTree::Ident(word) => {
                let name = word.to_string();
                if let Some(first) = before.filter(|_| colons == 2)
                    && IMPURE.contains(&(first.as_str(), name.as_str()))
                {
                    breaches.push((word.span().start().line, format!("{first}::{name}")));
                }
                (before, colons) = (Some(name), 0);
            }
            TokenTree::Group(group) => {
                visit(group.stream(), before.filter(|_| colons == 2).as_deref(), breaches);
                (before, colons) = (None, 0);
            }
            _ => (before, colons) = (None, 0),
        }
    }
}

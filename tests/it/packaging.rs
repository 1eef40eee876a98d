//! What is given away besides the program: the version is the same everywhere, the icons have their sizes, and the scripts
//! that pages and workflows name exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_newest_release_of_the_metainfo_is_this_version() {
    let metainfo = text("assets/tagscope.metainfo.xml");
    let newest = metainfo.split("<release version=\"").nth(1).and_then(|rest| rest.split('"').next());
    assert_eq!(newest, Some(env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_desktop_entry_names_the_program_the_icon_and_the_window() {
    let entry = text("assets/tagscope.desktop");
    let value = |key: &str| entry.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    assert_eq!((value("Exec="), value("Icon="), value("StartupWMClass=")), ("tagscope", "tagscope", "tagscope"));
}

/// Our packages as cargo builds them along these edges of the dependency graph, each with its features.
fn packages(edges: &str) -> Vec<String> {
    let mut tree = Command::new(env!("CARGO"));
    tree.current_dir(root()).args(["tree", "--locked", "--offline", "--package", "tagscope", "--prefix", "none"]);
    let output = tree.args(["--edges", edges, "--format", "{p} [{f}]"]).output().expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("text");
    lines.lines().filter(|line| line.starts_with("tagscope")).map(str::to_owned).collect()
}

#[test]
fn the_installed_program_has_no_faults() {
    let has = |packages: &[String], name: &str, feature: &str| {
        let (start, end) = (format!("{name} v"), format!("[{feature}]"));
        packages.iter().any(|line| line.starts_with(&start) && line.contains(&end))
    };
    let (installed, tested) = (packages("normal,build"), packages("all"));
    for (name, feature) in
        [("tagscope-server", "faults"), ("tagscope-storage", "testing"), ("tagscope-engine", "testing")]
    {
        assert!(has(&tested, name, feature), "the tests have {feature} of {name}: {tested:#?}");
        assert!(has(&installed, name, ""), "the program has no feature of {name}: {installed:#?}");
        assert!(!has(&installed, name, feature), "{installed:#?}");
    }
}

#[test]
fn each_icon_has_the_size_of_its_name() {
    for size in [16, 24, 32, 48, 64, 128, 256, 512] {
        let file = root().join(format!("assets/icons/{size}.png"));
        assert_eq!(image::image_dimensions(&file).expect("an icon"), (size, size));
    }
    let ico = fs::read(root().join("assets/icons/tagscope.ico")).expect("icon");
    let icns = fs::read(root().join("assets/icons/tagscope.icns")).expect("icon");
    assert!(ico.starts_with(&[0, 0, 1, 0, 6, 0]), "six icons for Windows");
    assert!(icns.starts_with(b"icns") && u32::try_from(icns.len()).is_ok_and(|len| icns[4..8] == len.to_be_bytes()));
}

#[test]
fn every_script_that_a_page_or_a_workflow_names_exists() {
    let mut files = vec![root().join("README.md"), root().join(".ci/run")];
    for folder in ["docs", "packaging", ".github/workflows"] {
        files_below(&root().join(folder), &mut files);
    }
    let mut named = BTreeSet::new();
    for file in &files {
        let Ok(text) = fs::read_to_string(file) else { continue };
        for part in text.split("packaging/").skip(1) {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && !"-_./".contains(c)).unwrap_or(part.len());
            let name = part[..end].trim_end_matches('.');
            if name.ends_with(".sh") || name.ends_with(".py") || name.ends_with(".nsi") {
                named.insert(name.to_owned());
            }
        }
    }
    assert!(named.len() > 10, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|name| !root().join("packaging").join(name).is_file()).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[test]
fn the_installers_files_are_those_that_are_staged_for_it_and_all_are_removed() {
    let installer = text("packaging/windows/installer.nsi");
    let after = |start: &str| -> BTreeSet<&str> {
        let lines = installer.lines().filter_map(|line| line.trim().strip_prefix(start));
        lines.filter_map(|rest| rest.strip_suffix('"')).filter(|name| !name.ends_with(".old")).collect()
    };
    let mut installed = after("File \"${STAGE}\\");
    installed.insert("uninstall.exe");
    assert_eq!(installed, after("Delete \"$INSTDIR\\"));
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            files_below(&path, files);
        } else {
            files.push(path);
        }
    }
}

//! Each format exactly. `TAGSCOPE_BLESS=1` writes the files of `golden/` again; what has changed then shows in the
//! difference to the last commit.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use tagscope::app::ExportJob;
use tagscope::domain::ProjectKind;
use tagscope::engine::export::ExportOptions;
use tagscope::formats::webdataset::tape::members;
use tagscope::formats::{BoxStyle, Format, FormatOptions};
use tempfile::tempdir;

use super::rig::{export_with, job, names_below, three, three_pictures};

/// All files of an export: the texts in full, pictures by name. The program's version is left open.
fn letter(folder: &Path) -> String {
    let mut letter = String::new();
    for name in names_below(folder) {
        let is_text =
            !matches!(name.rsplit('.').next(), Some("jpg" | "png" | "tar" | "parquet")) && name != "manifest.json";
        let _ = writeln!(letter, "=== {name}");
        if name.ends_with(".tar") {
            letter.push_str(&shard(&std::fs::read(folder.join(&name)).expect("shard")));
        }
        if is_text {
            let text = std::fs::read_to_string(folder.join(name)).expect("text");
            letter.push_str(&text.replace(env!("CARGO_PKG_VERSION"), "VERSION").replace('\r', "<CR>"));
        }
    }
    letter
}

/// The members of a shard, labels in full.
fn shard(tar: &[u8]) -> String {
    let mut letter = String::new();
    let read = members(Cursor::new(tar), tar.len() as u64, |member| {
        let _ = writeln!(letter, "--- {}", member.name);
        if member.name.ends_with(".json") {
            member.content.read_to_string(&mut letter).expect("text");
            letter.push('\n');
        }
        Ok(())
    });
    assert!(read.expect("a shard"), "it has its end");
    letter
}

#[test]
fn every_format_is_written_to_the_letter() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/formats/golden");
    let is_blessed = std::env::var_os("TAGSCOPE_BLESS").is_some();
    let home = tempdir().expect("folder");
    for (kind, word) in [
        (ProjectKind::Detection, "detection"),
        (ProjectKind::Multiclass, "multiclass"),
        (ProjectKind::Multilabel, "multilabel"),
    ] {
        for format in Format::ALL {
            let out = home.path().join(format!("{}-{word}", format.name()));
            // Which letters can be drawn depends on the fonts of the system.
            let box_style = BoxStyle { has_names: false, ..BoxStyle::default() };
            let options = FormatOptions { box_style, ..FormatOptions::default() };
            let job = ExportJob { formats: vec![format], kind, options, ..job(three(), &out) };
            export_with(job, three_pictures(), ExportOptions::default()).expect("export");
            let found = letter(&out);
            let file = golden.join(format!("{}-{word}.txt", format.name()));
            if is_blessed {
                std::fs::create_dir_all(&golden).expect("folder");
                std::fs::write(&file, &found).expect("write");
            }
            let expected = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert!(found == expected.replace("\r\n", "\n"), "{} differs:\n{found}", file.display());
        }
    }
}

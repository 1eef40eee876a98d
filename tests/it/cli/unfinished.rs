//! Unfinished jobs: who may continue with them, found out before the service is asked.

use std::path::Path;

use tagscope::engine::{archiving, export};
use tagscope::formats::{Format, FormatOptions, PixelChoice};
use tagscope::storage::staging::facts_of;
use tagscope::storage::{Purpose, Staging};

use super::{Stage, text};

/// An endpoint that nobody listens at: whoever asks it ends with 4.
const NOBODY: &str = "http://127.0.0.1:9";

/// What an export of these formats is for.
pub fn export_of(formats: &[Format]) -> Purpose {
    let options = FormatOptions::default();
    export::ExportSpec { formats, pixels: PixelChoice::Original, options: &options, query: None, tags: &[] }.purpose()
}

/// What an archive of the workspace is for.
pub fn archive_of() -> Purpose {
    let none = archiving::ArchiveSpec {
        has_thumbnails: true,
        has_iterations: false,
        has_predictions: false,
        has_models: false,
    };
    none.purpose()
}

/// Another job, and what is said of the unfinished one.
type Other<'a> = (&'a [&'a str], &'a str);

/// Leaves an unfinished job at a place.
fn left(out: &Path, purpose: &Purpose) {
    let (staging, _) = Staging::lasting(out, purpose, false, false).expect("begun");
    staging.write("whole.jpg", b"bytes").expect("written");
    staging.keep("whole.jpg", &facts_of(b"bytes")).expect("noted");
}

#[test]
fn only_the_same_choices_continue_with_an_unfinished_job() {
    let stage = Stage::sample(&["--images", "4", "--regions", "1"]);
    let jobs: [(&str, Purpose, &[&str], &[Other<'_>]); 2] = [
        (
            "export",
            export_of(&[Format::Coco]),
            &["export", "--format", "coco"],
            &[
                (&["export", "--format", "yolo"], "formats coco (not yolo)"),
                (&["export", "--format", "coco", "--images", "none"], "images original (not none)"),
                (&["export", "--format", "coco", "--tag", "fork"], "tags none (not fork)"),
                (&["export", "--format", "coco", "--query", "regions>1"], "query none (not regions>1)"),
                (&["export", "--format", "coco", "--edges", "drop"], "edges clamp (not drop)"),
                (&["archive"], "An export was begun for this place"),
            ],
        ),
        (
            "archive",
            archive_of(),
            &["archive"],
            &[
                (&["archive", "--iterations"], "iterations no (not yes)"),
                (&["export", "--format", "coco"], "An archive was begun for this place"),
            ],
        ),
    ];
    for (name, purpose, same, others) in jobs {
        let out = stage.path(name);
        left(&out, &purpose);
        let hidden = stage.path(&format!(".{name}.tagscope-unfinished"));
        let to = |command: &[&str], more: &[&str]| stage.run(&[command, &["--out", text(&out)], more].concat());
        for (command, words) in others {
            let ran = to(command, &["--resume", "--endpoint", NOBODY]).is(1);
            assert!(ran.err.contains(words) && ran.err.contains("--resume"), "{}", ran.err);
            assert_eq!(ran.err.matches(text(&hidden)).count(), 1, "{}", ran.err);
            assert!(hidden.join("whole.jpg").is_file() && !out.exists());
        }
        // Without --resume it is not even the same job's.
        let ran = to(same, &["--endpoint", NOBODY]).is(1);
        assert!(ran.err.contains("Resume it (--resume)"), "{}", ran.err);
        to(same, &["--resume"]).is(0);
        assert!(!hidden.exists());
    }
}

#[test]
fn what_another_program_works_on_is_not_called_unfinished() {
    let stage = Stage::empty();
    let out = stage.path("out");
    let staging = Staging::lasting(&out, &export_of(&[Format::Coco]), false, false).expect("begun");
    for more in [&[][..], &["--resume"]] {
        let arguments = ["export", "--format", "yolo", "--endpoint", NOBODY, "--out", text(&out)];
        let ran = stage.run(&[&arguments, more].concat()).is(1);
        assert!(ran.err.contains("Another program is writing to") && !ran.err.contains("remove"), "{}", ran.err);
    }
    drop(staging);
}

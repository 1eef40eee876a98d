//! What half a picture, no picture and a page become: never an original that counts. Through the program, from the wire
//! into archive and export, through later runs, and as `verify` tells it.

use std::path::{Path, PathBuf};

use tagscope::server::ServedProject;
use tagscope::storage::{Archive, ArchiveFacts, ArchiveWriter};

use super::program::{Home, files};
use super::range::{archive, picture, start};
use crate::watched::Watched;

const IMAGES: usize = 12;

/// A project of a few images, served with faults; started again it is the same project.
struct Project {
    home: Home,
}

impl Project {
    fn new() -> Self {
        let home = Home::new();
        archive(&home.path("service"), IMAGES);
        Self { home }
    }

    fn serve(&self, faults: &[&str]) -> Watched {
        start(ServedProject::Archive(Archive::open(&self.home.path("service")).expect("archive")), faults)
    }

    fn out(&self) -> PathBuf {
        self.home.path("out")
    }

    /// Archives it; what was said.
    #[track_caller]
    fn archived(&self, faults: &[&str], status: i32) -> String {
        let out = self.out();
        let ran = self.home.run(&self.serve(faults), &["archive", "--no-thumbnails", "--out", text(&out)]);
        ran.is(status).err
    }

    /// Verifies it; what was said, and the lines on standard output.
    #[track_caller]
    fn verified(&self, status: i32) -> (String, Vec<String>) {
        let ran = self.home.run_alone(&["verify", text(&self.out())]).is(status);
        (ran.err, ran.out.lines().map(str::to_owned).collect())
    }

    /// The originals that are there, sorted.
    fn originals(&self) -> Vec<Vec<u8>> {
        let folder = self.out().join("originals");
        let found = if folder.exists() { files(&folder) } else { Vec::new() };
        let mut bytes: Vec<_> = found.iter().map(|file| std::fs::read(file).expect("original")).collect();
        bytes.sort();
        bytes
    }

    #[track_caller]
    fn is_whole(&self) {
        let mut expected: Vec<_> = (0..IMAGES).map(picture).collect();
        expected.sort();
        assert!(self.originals() == expected, "every original is the service's");
        let (said, lines) = self.verified(0);
        assert!(said.contains("The archive is complete") && lines.is_empty(), "{said} {lines:?}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("path")
}

fn told(said: &str, words: &str) -> usize {
    said.lines().filter(|line| line.contains("image 00000000-0000-4000-8000-") && line.contains(words)).count()
}

#[test]
fn half_pictures_with_a_length_that_agrees_are_told_and_asked_for_until_they_are_whole() {
    let project = Project::new();
    for fault in ["picture=truncated", "short-blobs-every=1"] {
        let said = project.archived(&[fault], 5);
        assert_eq!(told(&said, "is incomplete: the PNG file ends too early"), IMAGES, "{said}");
        let (said, lines) = project.verified(5);
        assert!(said.contains("12 pictures are incomplete") && !said.contains("is complete"), "{said}");
        assert_eq!(lines.iter().filter(|line| line.contains("\tis incomplete: ")).count(), IMAGES, "{lines:?}");
        let report = std::fs::read_to_string(project.out().join("REPORT.md")).expect("report");
        assert!(report.contains("## Incomplete: 12"), "{report}");
    }
    let said = project.archived(&[], 0);
    assert!(said.contains("12 downloaded, 0 reused") && said.contains("12 pictures"), "{said}");
    project.is_whole();
    let said = project.archived(&[], 0);
    assert!(said.contains("0 downloaded, 12 reused"), "{said}");
}

/// Which request is cut short depends on their order; what must hold does not.
#[test]
fn a_picture_that_is_half_only_once_is_whole_in_the_archive() {
    let project = Project::new();
    for _ in 0..20 {
        let service = project.serve(&["short-blobs-every=3"]);
        let ran = project.home.run(&service, &["archive", "--no-thumbnails", "--out", text(&project.out())]);
        let half = project.originals().iter().filter(|bytes| !bytes.ends_with(b"IEND\xae\x42\x60\x82")).count();
        assert_eq!(told(&ran.err, "is incomplete"), half, "{}", ran.err);
        assert_eq!(ran.status, if half == 0 { 0 } else { 5 }, "{}", ran.err);
        if half == 0 {
            return project.is_whole();
        }
    }
    panic!("it never becomes whole");
}

#[test]
fn what_is_no_picture_is_never_an_original() {
    for (fault, words) in [("picture=text", "it is text or a web page"), ("picture=empty", "the file is empty")] {
        let project = Project::new();
        for _ in 0..2 {
            let said = project.archived(&[fault], 5);
            assert_eq!(told(&said, words), IMAGES, "{said}");
            assert!(project.originals().is_empty());
            let (said, lines) = project.verified(5);
            assert!(said.contains("12 images have no picture") && lines.len() == IMAGES, "{said}");
        }
        project.archived(&[], 0);
        project.is_whole();
    }
}

/// Earlier versions kept whatever came as `.bin`, and said so only once.
#[test]
fn what_an_earlier_version_kept_in_place_of_pictures_is_asked_for_again() {
    let project = Project::new();
    let service = Archive::open(&project.home.path("service")).expect("archive");
    let mut writer = ArchiveWriter::create(&project.out()).expect("writer");
    for (n, row) in service.rows().expect("rows").enumerate() {
        let row = row.expect("row");
        match n {
            0 => writer.add_original(row.id, "bin", b"This is not a picture.\n").expect("original"),
            1 => writer.add_original(row.id, "bin", b"").expect("original"),
            2 => writer.add_original(row.id, "png", &picture(n)[..60]).expect("original"),
            _ => writer.add_original(row.id, "png", &picture(n)).expect("original"),
        }
        writer.add_row(&row).expect("row");
    }
    let facts = ArchiveFacts {
        project: service.project().clone(),
        domains: service.domains().to_vec(),
        iterations: Vec::new(),
        tags: service.tags().to_vec(),
    };
    writer.finish(facts).expect("archive");
    let (said, lines) = project.verified(5);
    assert!(said.contains("3 pictures are incomplete or unreadable"), "{said}");
    assert!(lines.iter().any(|line| line.contains(".bin\tis incomplete: it is text")), "{lines:?}");

    // The service has no better ones now: the half picture is better than nothing, the others are nothing.
    let said = project.archived(&["missing-every=1"], 5);
    assert_eq!(
        (told(&said, "is missing"), told(&said, "is incomplete: the PNG file ends too early")),
        (3, 1),
        "{said}"
    );
    assert_eq!(project.originals().len(), IMAGES - 2);
    let said = project.archived(&[], 0);
    assert!(said.contains("3 downloaded, 9 reused"), "{said}");
    project.is_whole();
}

#[test]
fn an_image_without_a_picture_is_called_by_its_file_name() {
    let project = Project::new();
    let service = Archive::open(&project.home.path("service")).expect("archive");
    let named = project.home.path("named");
    let mut writer = ArchiveWriter::create(&named).expect("writer");
    for (n, row) in service.rows().expect("rows").enumerate() {
        let mut row = row.expect("row");
        row.metadata = vec![("name".to_owned(), format!("fork-{n}.png"))];
        writer.add_row(&row).expect("row");
    }
    let facts = ArchiveFacts {
        project: service.project().clone(),
        domains: service.domains().to_vec(),
        iterations: Vec::new(),
        tags: service.tags().to_vec(),
    };
    let running = start(ServedProject::Archive(writer.finish(facts).expect("archive")), &[]);
    let ran = project.home.run(&running, &["archive", "--no-thumbnails", "--out", text(&project.out())]).is(5);
    let report = std::fs::read_to_string(project.out().join("REPORT.md")).expect("report");
    let (_, lines) = project.verified(5);
    for n in 0..IMAGES {
        let name = format!(", fork-{n}.png");
        assert_eq!(told(&ran.err, &format!("{name}: Its original")), 1, "{}", ran.err);
        assert!(lines.iter().any(|line| line.ends_with(&format!("{name}\thas no picture"))), "{lines:?}");
        assert!(report.contains(&format!("{name} |")), "{report}");
    }
}

#[test]
fn an_export_tells_half_pictures_and_leaves_out_what_is_none() {
    let project = Project::new();
    let export = |faults: &[&str], name: &str, status: i32| {
        let out = project.home.path(name);
        let service = project.serve(faults);
        let ran = project.home.run(&service, &["export", "--format", "jsonl", "--out", text(&out)]);
        (ran.is(status).err, out)
    };
    let (said, out) = export(&["picture=truncated"], "half", 5);
    assert_eq!(told(&said, "is incomplete: the PNG file ends too early"), IMAGES, "{said}");
    let verified = project.home.run_alone(&["verify", text(&out)]).is(5);
    assert!(verified.err.contains("The export matches its manifest") && verified.err.contains("12 pictures"));
    let (said, out) = export(&["picture=text"], "none", 4);
    assert!(said.contains("is incomplete: it is text") && !out.exists(), "{said}");
    // Once wrong is requested once more.
    let (said, _) = export(&["picture=text", "picture-every=7"], "once", 0);
    assert_eq!(told(&said, ""), 0, "{said}");
}

#[test]
fn a_file_larger_than_any_picture_is_not_read_to_its_end() {
    let project = Project::new();
    project.archived(&[], 0);
    let original = files(&project.out().join("originals")).swap_remove(0);
    let (before, huge) = (std::fs::metadata(&original).expect("facts").len(), (1_u64 << 30) + 1);
    // A hole of the disk, as large as the manifest says.
    std::fs::File::options().write(true).open(&original).and_then(|file| file.set_len(huge)).expect("grow");
    let manifest = project.out().join("manifest.json");
    let mut facts: serde_json::Value = serde_json::from_slice(&read(&manifest)).expect("JSON");
    let name = original.strip_prefix(project.out()).expect("inside").to_str().expect("name").replace('\\', "/");
    let bytes = &mut facts["files"][name.as_str()]["bytes"];
    assert_eq!(bytes.as_u64(), Some(before));
    *bytes = huge.into();
    std::fs::write(&manifest, facts.to_string()).expect("write");
    let (_, lines) = project.verified(1);
    assert!(lines.iter().any(|line| line.contains("too large for a picture")), "{lines:?}");
    // It is fetched again like any other damaged file.
    project.archived(&[], 5);
    project.is_whole();
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("read")
}

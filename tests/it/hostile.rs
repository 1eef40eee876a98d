//! Archives and COCO files that somebody else has made to do harm: the real program refuses each with words that name
//! the thing and the way out, does not hang, and neither reads nor writes anything outside.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// So long that only a hang exceeds it.
const PATIENCE: Duration = Duration::from_secs(120);
const IMAGE: &str = "9aa8e448-cbfa-437d-9d5b-39a006846d74";
const OTHER: &str = "8bb8e448-cbfa-437d-9d5b-39a006846d74";

struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn is(self, status: i32, words: &str) -> Self {
        assert_eq!(self.status, status, "out: {}\nerr: {}", self.out, self.err);
        assert!(self.err.contains(words), "{}", self.err);
        let is_said = self.err.contains("stopped at") || self.err.contains("A task of Tagscope");
        assert!(!is_said, "a panic: {}", self.err);
        self
    }
}

/// Runs the program and ends it when it hangs.
fn run(arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tagscope"));
    command.args(arguments).env("TAGSCOPE_HOME", "/nonexistent/home").stdin(Stdio::null());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("start");
    let (done, ended) = sync_channel::<()>(1);
    let id = child.id().to_string();
    let watch = std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
        if ended.recv_timeout(PATIENCE).is_err() {
            let _ = Command::new("kill").arg(id).status();
        }
    });
    let output = child.wait_with_output().expect("end");
    let _ = done.send(());
    watch.expect("thread").join().expect("watch");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let status = output.status.code().unwrap_or_else(|| panic!("{arguments:?} hangs or crashes"));
    Ran { status, out: text(output.stdout), err: text(output.stderr) }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8 path")
}

/// A folder with an archive of one image, and a secret next to the archive.
fn archive() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("archive");
    std::fs::create_dir_all(folder.join("originals/9a")).expect("folder");
    std::fs::write(home.path().join("secret"), "SECRET").expect("secret");
    std::fs::write(folder.join(original()), picture()).expect("picture");
    let archive = (home, folder);
    manifest(&archive, |_| {});
    images(&archive, &format!("{}\n", row()));
    archive
}

fn original() -> String {
    format!("originals/9a/{IMAGE}.png")
}

fn picture() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(40, 30).write_to(&mut out, image::ImageFormat::Png).expect("encode");
    out.into_inner()
}

fn row() -> String {
    format!(r#"{{"id":"{IMAGE}","created":"2020-11-06T17:18:15","width":40,"height":30}}"#)
}

fn manifest(archive: &(TempDir, PathBuf), change: impl FnOnce(&mut Value)) {
    let mut manifest = json!({
        "format": "tagscope-archive", "version": 1,
        "project": {"id": "2f39bbf3-9674-4cec-b5b1-bc603b972a87", "name": "forks"},
        "tags": [], "counts": {"images": 1, "regions": 0, "tags": 0},
        "files": {original(): {"bytes": 1, "sha256": ""}},
    });
    change(&mut manifest);
    std::fs::write(archive.1.join("manifest.json"), manifest.to_string()).expect("manifest");
}

fn images(archive: &(TempDir, PathBuf), text: &str) {
    std::fs::write(archive.1.join("images.jsonl"), text).expect("images");
}

fn list(archive: &(TempDir, PathBuf)) -> Ran {
    run(&["images", "--jsonl", "--source", text(&archive.1)])
}

#[cfg(unix)]
fn export(archive: &(TempDir, PathBuf)) -> Ran {
    let out = archive.0.path().join("out");
    let _ = std::fs::remove_dir_all(&out);
    run(&["export", "--format", "coco", "--source", text(&archive.1), "--out", text(&out)])
}

/// All that is below a folder, with its content.
#[cfg(unix)]
fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder") {
        let entry = entry.expect("entry");
        let kind = entry.file_type().expect("kind");
        if kind.is_dir() {
            found.extend(everything(&entry.path()));
        } else if kind.is_file() {
            found.push((entry.path(), std::fs::read(entry.path()).expect("file")));
        }
    }
    found
}

#[test]
fn names_in_a_manifest_stay_inside() {
    let archive = archive();
    list(&archive).is(0, "");
    for name in [
        "../secret".to_owned(),
        "/etc/passwd".to_owned(),
        "C:\\windows\\x".to_owned(),
        "C:x".to_owned(),
        "\\\\server\\share\\x".to_owned(),
        format!("originals/9a/../../../{IMAGE}.png"),
        format!("originals/./{IMAGE}.png"),
        format!("originals//{IMAGE}.png"),
        format!("originals/9a/{IMAGE}\0.png"),
        "x".repeat(100_000) + "/../y",
    ] {
        manifest(&archive, |manifest| manifest["files"] = json!({ name: {"bytes": 1, "sha256": ""} }));
        let ran = list(&archive).is(1, "points outside the folder");
        assert!(ran.out.is_empty() && ran.err.contains("manifest.json") && ran.err.len() < 2_000, "{}", ran.err);
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_are_not_followed() {
    use std::os::unix::fs::symlink;
    let archive = archive();
    let (home, folder) = (archive.0.path(), &archive.1);
    // A picture.
    std::fs::remove_file(folder.join(original())).expect("remove");
    symlink(home.join("secret"), folder.join(original())).expect("link");
    let ran = export(&archive);
    assert!(ran.status != 0 && ran.err.contains("outside the folder"), "{} {}", ran.status, ran.err);
    // A folder of pictures.
    std::fs::remove_dir_all(folder.join("originals/9a")).expect("remove");
    std::fs::create_dir(home.join("elsewhere")).expect("folder");
    std::fs::write(home.join("elsewhere").join(format!("{IMAGE}.png")), picture()).expect("picture");
    symlink(home.join("elsewhere"), folder.join("originals/9a")).expect("link");
    let ran = export(&archive);
    assert!(ran.status != 0 && ran.err.contains("outside the folder"), "{} {}", ran.status, ran.err);
    // The rows, and the manifest.
    std::fs::write(home.join("rows"), row()).expect("rows");
    std::fs::remove_file(folder.join("images.jsonl")).expect("remove");
    symlink(home.join("rows"), folder.join("images.jsonl")).expect("link");
    assert!(list(&archive).is(1, "a link to a place outside the folder").out.is_empty());
    std::fs::rename(folder.join("manifest.json"), home.join("manifest.json")).expect("rename");
    symlink(home.join("manifest.json"), folder.join("manifest.json")).expect("link");
    list(&archive).is(1, "a link to a place outside the folder");
    let secrets: Vec<_> = everything(home).into_iter().filter(|(_, bytes)| bytes.starts_with(b"SECRET")).collect();
    assert_eq!(secrets.len(), 1, "no copy of it: {secrets:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn pipes_devices_and_folders_are_no_files() {
    let pipe = |path: &Path| {
        let _ = std::fs::remove_file(path);
        assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo").success());
    };
    let archive = archive();
    let folder = &archive.1;
    pipe(&folder.join(original()));
    assert_ne!(export(&archive).status, 0);
    pipe(&folder.join("images.jsonl"));
    list(&archive).is(1, "not a regular file");
    std::fs::remove_file(folder.join("images.jsonl")).expect("remove");
    std::fs::create_dir(folder.join("images.jsonl")).expect("folder");
    list(&archive).is(1, "not a regular file");
    pipe(&folder.join("manifest.json"));
    list(&archive).is(1, "not a regular file");
    // As a dataset.
    let out = archive.0.path().join("out");
    let import = |file: &str| run(&["import", "coco", file, "--out", text(&out)]);
    import(text(&folder.join("manifest.json"))).is(1, "not a regular file");
    import("/dev/zero").is(1, "not a regular file");
    import("/dev/stdin").is(1, "not a regular file");
    let file = archive.0.path().join("coco.json");
    let dataset = json!({"images": [{"id": 1, "width": 4, "height": 3, "file_name": "pipe.png"}], "annotations": [], "categories": []});
    std::fs::write(&file, dataset.to_string()).expect("dataset");
    pipe(&archive.0.path().join("pipe.png"));
    import(text(&file)).is(5, "not a regular file");
}

/// A file of 10 GB that takes no room: a beginning, then a hole.
#[cfg(unix)]
fn sparse(path: &Path, start: &str) {
    use std::io::{Seek as _, SeekFrom, Write as _};
    let mut file = std::fs::File::create(path).expect("create");
    file.write_all(start.as_bytes()).expect("write");
    file.seek(SeekFrom::Start(10 << 30)).expect("seek");
    file.write_all(b"\n").expect("write");
}

#[cfg(unix)]
#[test]
fn endless_lines_end() {
    let archive = archive();
    sparse(&archive.1.join("images.jsonl"), &format!("{}\n{{\"id\":\"", row()));
    let ran = list(&archive).is(1, "line 2 is longer than 256 MiB");
    assert!(ran.err.contains("images.jsonl"), "{}", ran.err);
    sparse(&archive.1.join("manifest.json"), "{\"format\":\"");
    list(&archive).is(1, "larger than 256 MiB");
    let file = archive.0.path().join("coco.json");
    sparse(&file, "{\"images\":[");
    run(&["import", "coco", text(&file), "--out", text(&archive.0.path().join("out"))]).is(1, "larger than 4 GiB");
    // A line that is merely too long is one problem, and the others are there.
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(17 << 20));
    images(&archive, &format!("{}\n{long}\n", row()));
    manifest(&archive, |_| {});
    let ran = list(&archive).is(5, "longer than 16 MiB");
    assert_eq!(ran.out.lines().count(), 1);
}

#[test]
fn depth_duplicates_and_odd_numbers_are_told() {
    let archive = archive();
    let deep = "[".repeat(100_000);
    let rows = [
        format!("{{\"id\":\"{IMAGE}\",\"metadata\":{deep}"),
        format!("{{\"id\":\"{OTHER}\",\"x\":{deep}{}}}", "]".repeat(100_000)),
        format!("{{\"id\":\"{IMAGE}\",\"id\":\"{IMAGE}\"}}"),
        format!("{{\"id\":\"{IMAGE}\",\"width\":NaN}}"),
        format!("{{\"id\":\"{IMAGE}\",\"width\":1e999}}"),
        format!("{{\"id\":\"{IMAGE}\",\"width\":\"\\u001b]0;x\\u0007\\u202e\"}}"),
        deep.clone(),
        row(),
    ];
    images(&archive, &rows.join("\n"));
    let ran = list(&archive).is(5, "could not be read");
    // What is in an unknown field does not matter, however deep it is.
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    assert!(ran.err.contains("duplicate field") && ran.err.len() < 10_000, "{}", ran.err);
    assert!(!ran.err.contains(|c: char| c.is_control() && c != '\n') && !ran.err.contains('\u{202e}'));
    for text in [deep.as_str(), "{\"format\":", "{\"format\":\"tagscope-archive\",\"version\":1e99}"] {
        std::fs::write(archive.1.join("manifest.json"), text).expect("manifest");
        list(&archive).is(1, "manifest.json");
    }
    let file = archive.0.path().join("coco.json");
    let out = archive.0.path().join("out");
    for (words, dataset) in [
        ("recursion limit", format!("{{\"images\":[{deep}")),
        ("coco.json", deep),
        ("two lists", "{\"images\":[],\"images\":[]}".to_owned()),
        ("coco.json", "{\"images\":[{\"id\":NaN}]}".to_owned()),
        ("number out of range", "{\"images\":[{\"id\":1e999}]}".to_owned()),
    ] {
        std::fs::write(&file, dataset).expect("dataset");
        run(&["import", "coco", text(&file), "--out", text(&out)]).is(1, words);
        assert!(!out.exists());
    }
}

#[test]
fn names_in_a_dataset_stay_inside() {
    let home = tempfile::tempdir().expect("folder");
    let folder = home.path().join("dataset");
    std::fs::create_dir(&folder).expect("folder");
    std::fs::write(home.path().join("outside.png"), picture()).expect("picture");
    let absolute = home.path().join("outside.png");
    let names = [
        "../outside.png",
        "..\\outside.png",
        text(&absolute),
        "C:\\outside.png",
        "a/../../outside.png",
        "%2e%2e/outside.png",
        "..%2foutside.png",
        "link.png",
        "folder/outside.png",
        "nul\0.png",
        "con",
        "",
        "\u{1b}[2J\u{202e}gnp.x",
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&absolute, folder.join("link.png")).expect("link");
        std::os::unix::fs::symlink(home.path(), folder.join("folder")).expect("link");
    }
    let images: Vec<Value> = (0..)
        .zip(names)
        .map(|(id, name): (u32, _)| json!({"id": id, "width": 40, "height": 30, "file_name": name}))
        .collect();
    let dataset =
        json!({"images": images, "annotations": [], "categories": [{"id": 1, "name": "\u{1b}]0;owned\u{7}"}]});
    let file = folder.join("coco.json");
    std::fs::write(&file, dataset.to_string()).expect("dataset");
    let out = home.path().join("out");
    let ran =
        run(&["import", "coco", text(&file), "--images", text(&folder), "--out", text(&out)]).is(5, "place outside");
    assert!(ran.err.contains("0 pictures copied"), "{}", ran.err);
    assert!(ran.err.contains("is a link to a place outside the folder; give the folder it points to with --images"));
    assert!(!ran.err.contains(|c: char| c.is_control() && c != '\n') && !ran.err.contains('\u{202e}'), "{}", ran.err);
    assert!(!out.join("originals").exists(), "no picture came in");
    // What is listed for people does not steer their terminal either.
    for arguments in [&["images"][..], &["tags"], &["projects"], &["tags", "--json"]] {
        let ran = run(&[arguments, &["--source", text(&out)]].concat()).is(0, "");
        assert!(!ran.out.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')), "{:?}", ran.out);
        assert!(!ran.out.contains('\u{202e}'), "{:?}", ran.out);
    }
    // A folder that is a link is followed where the person names it.
    #[cfg(unix)]
    {
        let named = home.path().join("named");
        std::fs::write(&file, json!({"images": [{"id": 1, "width": 40, "height": 30, "file_name": "outside.png"}], "annotations": [], "categories": []}).to_string()).expect("dataset");
        let linked = folder.join("folder");
        let ran = run(&["import", "coco", text(&file), "--images", text(&linked), "--out", text(&named)]).is(0, "");
        assert!(ran.err.contains("1 picture copied"), "{}", ran.err);
    }
}

/// An archive of one image that was made to look like millions is told by its number, not by running out of memory.
#[test]
fn millions_of_entries_are_refused() {
    let archive = archive();
    let mut input = Vec::new();
    std::io::repeat(b'\n').take(2_000_001).read_to_end(&mut input).expect("lines");
    std::fs::write(archive.1.join("images.jsonl"), &input).expect("write");
    list(&archive).is(1, "more than 2000000 lines");
    let bad = "0,".repeat(1_000_001);
    let file = archive.0.path().join("coco.json");
    std::fs::write(&file, format!("{{\"images\":[{bad}0]}}")).expect("dataset");
    let out = archive.0.path().join("out");
    run(&["import", "coco", text(&file), "--out", text(&out)]).is(1, "more than 1000000 of its elements");
    // Many categories cost no more than their number.
    let many: Vec<Value> =
        (0..30_000).map(|id| json!({"id": id, "name": format!("a rather long name {id}")})).collect();
    std::fs::write(archive.0.path().join("1.jpg"), include_bytes!("fuzz/corpus/image/gray.jpg")).expect("picture");
    let image = json!({"id": 1, "file_name": "1.jpg", "width": 48, "height": 32});
    let dataset = json!({"images": [image], "annotations": [], "categories": many});
    std::fs::write(&file, dataset.to_string()).expect("dataset");
    run(&["import", "coco", text(&file), "--out", text(&out)]).is(0, "");
}

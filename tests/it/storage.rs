//! Archives, the cache of pictures, settings and the keychain, on a real disk.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::{ExposeSecret as _, SecretString};
use tagscope::domain::{
    BlobKind, BlobUri, Domain, DomainId, ImageId, ImageRow, ImageUris, Problem, Project, ProjectId, ProjectKind,
    RegionId, RegionRow, Tag, TagId, TagMark, Timestamp, UnitRect,
};
use tagscope::storage::staging::measure;
use tagscope::storage::{
    Archive, ArchiveFacts, ArchiveWriter, BlobCache, KeyringVault, Paths, Staging, StorageError, Vault as _, load_json,
    save_json,
};
use tempfile::{TempDir, tempdir};
use uuid::Uuid;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x1111_2222_3333_4444_5555_0000_0000_0000 + number)
}

fn image(number: u128) -> ImageId {
    ImageId(id(number))
}

fn row(number: u128, regions: u128) -> ImageRow {
    let tag = TagId(id(900));
    let name: Arc<str> = "<>&\"'猫🙂".into();
    ImageRow {
        id: image(number),
        created: Timestamp::parse("2020-11-06T16:15:54.5237711"),
        width: 816,
        height: 612,
        uris: ImageUris { original: Some(BlobUri::new("https://h/x?sig=SECRET")), ..ImageUris::default() },
        tags: vec![TagMark { tag, name: Arc::clone(&name), created: None }],
        regions: (0..regions)
            .map(|at| RegionRow {
                id: RegionId(id(1_000_000 + number * 1_000 + at)),
                tag,
                tag_name: Arc::clone(&name),
                created: Timestamp::parse("2020-11-06T16:15:55"),
                rect: UnitRect::new(0.295_343_13, 0.145_833_33, 0.25, 0.5),
            })
            .collect(),
        metadata: vec![("name".to_owned(), format!("a {number}.jpg"))],
        verbatim: Vec::new(),
        problems: Vec::new(),
    }
}

fn facts() -> ArchiveFacts {
    let domain = DomainId(id(800));
    let project = format!(r#"{{"id":"{}","name":"Forks","settings":{{"domainId":"{domain}"}}}}"#, id(700));
    ArchiveFacts {
        project: serde_json::from_str::<Project>(&project).expect("project"),
        domains: vec![Domain {
            id: domain,
            name: "General".to_owned(),
            kind: "ObjectDetection".to_owned(),
            other: serde_json::Map::new(),
        }],
        iterations: Vec::new(),
        tags: vec![Tag {
            id: TagId(id(900)),
            name: "<>&\"'猫🙂".to_owned(),
            description: None,
            kind: "Regular".to_owned(),
            image_count: 3,
        }],
    }
}

/// An archive of `images` images with two regions each, and its folder.
fn archive(images: u128) -> (TempDir, std::path::PathBuf) {
    let home = tempdir().expect("folder");
    let path = home.path().join("forks");
    let mut writer = ArchiveWriter::create(&path).expect("create");
    for number in 0..images {
        writer.add_original(image(number), "jpg", format!("picture {number}").as_bytes()).expect("original");
        writer.add_row(&row(number, 2)).expect("row");
    }
    writer.finish(facts()).expect("finish");
    (home, path)
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("entry").file_name().into_string().expect("name")).collect();
    names.sort();
    names
}

#[test]
fn an_archive_gives_back_what_was_put_in() {
    let (home, path) = archive(3);
    let archive = Archive::open(&path).expect("open");
    assert_eq!((archive.project().name.as_str(), archive.kind()), ("Forks", ProjectKind::Detection));
    assert_eq!((archive.image_count(), archive.workspace().line_count().expect("lines")), (3, 3));
    assert_eq!(archive.tags(), facts().tags);
    let rows: Vec<_> = archive.rows().expect("rows").map(|row| row.expect("readable")).collect();
    for (number, found) in (0..).zip(&rows) {
        assert_eq!(*found, ImageRow { uris: ImageUris::default(), ..row(number, 2) }, "all but the addresses");
        let bytes = archive.read_blob(found.id, BlobKind::Original).expect("picture");
        assert_eq!(bytes, format!("picture {number}").as_bytes());
    }
    assert_eq!(archive.page(1, 1).expect("page").rows, rows[1..2]);
    assert!(archive.page(3, 10).expect("page").rows.is_empty());
    for file in ["manifest.json", "images.jsonl"] {
        let text = std::fs::read_to_string(path.join(file)).expect("text");
        assert!(!text.contains("sig=") && !text.contains("SECRET"), "{file}");
    }
    let listed = archive.original_facts(image(0)).expect("facts");
    assert_eq!(*listed, measure(&archive.blob_path(image(0), BlobKind::Original).expect("path")).expect("measure"));
    assert_eq!(names_in(home.path()), ["forks"], "nothing is left beside it");
}

#[test]
fn a_broken_line_is_a_problem_with_its_number_and_the_rest_goes_on() {
    let (_home, path) = archive(3);
    let images = path.join("images.jsonl");
    let text = std::fs::read_to_string(&images).expect("text");
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let half = lines[1].len() / 2;
    lines[1].truncate(half);
    lines.insert(1, String::new());
    std::fs::write(&images, lines.join("\n")).expect("write");
    let archive = Archive::open(&path).expect("open");
    let page = archive.page(0, 100).expect("page");
    assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [image(0), image(2)]);
    let [Problem::UnreadableRow { index, .. }] = &page.problems[..] else { panic!("{:?}", page.problems) };
    assert_eq!(*index, 3, "as an editor counts");
    assert_eq!(archive.image_count(), 3, "as the manifest counts");
}

#[test]
fn what_is_no_archive_is_told_apart() {
    let (home, path) = archive(1);
    let manifest = path.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).expect("text");
    let open = |text: &str| {
        std::fs::write(&manifest, text).expect("write");
        Archive::open(&path).expect_err("refused")
    };
    assert!(matches!(open(&text.replace("tagscope-archive", "other")), StorageError::NotAnArchive { .. }));
    let newer = open(&text.replace("\"version\": 4", "\"version\": 7"));
    assert!(matches!(newer, StorageError::NewerArchive { version: 7, .. }), "{newer}");
    assert!(matches!(open(&text[..text.len() / 2]), StorageError::Broken { .. }));
    let escaping = open(&text.replace("originals/11/", "../"));
    assert!(escaping.to_string().contains("points outside"), "{escaping}");
    std::fs::remove_file(&manifest).expect("remove");
    assert!(matches!(Archive::open(&path), Err(StorageError::NotAnArchive { .. })));
    assert!(matches!(Archive::open(&home.path().join("none")), Err(StorageError::Missing { .. })));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_archive_is_not_followed() {
    let (home, path) = archive(1);
    let archive = Archive::open(&path).expect("open");
    let secret = home.path().join("secret");
    std::fs::write(&secret, "secret").expect("write");
    let original = archive.blob_path(image(0), BlobKind::Original).expect("path");
    std::fs::remove_file(&original).expect("remove");
    assert!(matches!(archive.read_blob(image(0), BlobKind::Original), Err(StorageError::Missing { .. })));
    std::os::unix::fs::symlink(&secret, &original).expect("link");
    assert!(matches!(archive.read_blob(image(0), BlobKind::Original), Err(StorageError::Broken { .. })));
}

#[test]
fn nothing_is_overwritten_and_nothing_half_is_left() {
    let home = tempdir().expect("folder");
    let taken = home.path().join("taken");
    std::fs::write(&taken, "mine").expect("write");
    assert!(matches!(ArchiveWriter::create(&taken), Err(StorageError::AlreadyThere { .. })));
    assert_eq!(std::fs::read(&taken).expect("read"), b"mine");
    // A file where a folder should be.
    assert!(matches!(ArchiveWriter::create(&taken.join("a/b")), Err(StorageError::NotWritable { .. })));

    // A disk that is full half-way, in a folder that was made for it.
    let staging = Staging::beside(&home.path().join("deep/er/full")).expect("staging").with_byte_limit(30);
    let mut writer = ArchiveWriter::in_staging(Arc::new(staging)).expect("writer");
    writer.add_original(image(1), "jpg", b"twenty bytes of data").expect("fits");
    let error = writer.add_original(image(2), "jpg", b"twenty bytes of data").expect_err("full");
    assert!(matches!(error, StorageError::DiskFull { .. }), "{error}");
    drop(writer);
    assert_eq!(names_in(home.path()), ["taken"]);

    // Something appears at the place while it is built.
    let place = home.path().join("late");
    let staging = Staging::beside(&place).expect("staging");
    staging.write("a.txt", b"a").expect("write");
    std::fs::write(&place, "mine").expect("write");
    assert!(matches!(staging.publish(), Err(StorageError::AlreadyThere { .. })));
    assert_eq!(names_in(home.path()), ["late", "taken"]);
}

#[test]
fn staged_names_stay_inside() {
    let home = tempdir().expect("folder");
    let staging = Staging::beside(&home.path().join("x")).expect("staging");
    for name in ["../a", "a/../../b", "/etc/a", "a\\b", "", "a//b", "c:d", "."] {
        assert!(matches!(staging.create(name), Err(StorageError::Broken { .. })), "{name}");
    }
}

#[test]
fn the_cache_knows_pictures_by_id_and_kind() {
    let home = tempdir().expect("folder");
    let (first, second) = (ProjectId(id(1)), ProjectId(id(2)));
    let cache = BlobCache::open(home.path(), 1 << 20).expect("open");
    cache.put(image(1), BlobKind::Thumbnail, first, b"small");
    cache.put(image(1), BlobKind::Original, first, b"large");
    assert_eq!(cache.get(image(1), BlobKind::Thumbnail, first).as_deref(), Some(&b"small"[..]));
    assert_eq!(cache.get(image(1), BlobKind::Original, first).as_deref(), Some(&b"large"[..]));
    assert_eq!(cache.get(image(1), BlobKind::Resized, first), None);
    assert_eq!(cache.get(image(1), BlobKind::Thumbnail, second), None);
    drop(cache);
    let cache = BlobCache::open(home.path(), 1 << 20).expect("open again");
    assert_eq!(cache.get(image(1), BlobKind::Original, first).as_deref(), Some(&b"large"[..]));
    cache.wait_until_indexed();
    assert_eq!((cache.len(), cache.byte_count()), (2, 2 * (20 + 5)));
    cache.clear();
    assert_eq!((cache.get(image(1), BlobKind::Original, first), cache.byte_count()), (None, 0));
}

#[test]
fn the_cache_keeps_to_its_bound_and_drops_the_least_used() {
    let home = tempdir().expect("folder");
    let project = ProjectId(id(1));
    let cache = BlobCache::open(home.path(), 3 * 120).expect("open");
    cache.wait_until_indexed();
    for number in 0..3 {
        cache.put(image(number), BlobKind::Resized, project, &[7; 100]);
    }
    assert!(cache.get(image(0), BlobKind::Resized, project).is_some());
    cache.put(image(3), BlobKind::Resized, project, &[7; 100]);
    let there: Vec<_> = (0..4).filter(|&n| cache.get(image(n), BlobKind::Resized, project).is_some()).collect();
    assert_eq!(there, [0, 2, 3]);
    assert_eq!(cache.byte_count(), 3 * 120);
    cache.put(image(9), BlobKind::Resized, project, &[7; 10_000]);
    assert!(cache.get(image(9), BlobKind::Resized, project).is_none(), "larger than the bound");
    drop(cache);
    let cache = BlobCache::open(home.path(), 120).expect("open with less");
    cache.wait_until_indexed();
    assert_eq!((cache.len(), cache.byte_count()), (1, 120));
}

#[test]
fn a_damaged_entry_is_dropped() {
    let home = tempdir().expect("folder");
    let project = ProjectId(id(1));
    let cache = BlobCache::open(home.path(), 1 << 20).expect("open");
    let place = image(1).to_string();
    let file = home.path().join(project.to_string()).join(&place[..2]).join(format!("{place}.o"));
    for damage in [&b""[..], b"tagscop2", b"tagscop2\x05\x00\x00\x00\x00\x00\x00\x000123large"] {
        cache.put(image(1), BlobKind::Original, project, b"large");
        std::fs::write(&file, damage).expect("damage");
        assert_eq!(cache.get(image(1), BlobKind::Original, project), None);
        assert!(!file.exists());
    }
    assert_eq!(cache.byte_count(), 0);
    // Any bit, of the head as of the picture; the first ones make it an entry of another version.
    cache.put(image(1), BlobKind::Original, project, b"large");
    let whole = std::fs::read(&file).expect("read");
    for at in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        cache.put(image(1), BlobKind::Original, project, b"large");
        std::fs::write(&file, &flipped).expect("damage");
        assert_eq!(cache.get(image(1), BlobKind::Original, project), None, "bit {at}");
    }
}

#[test]
fn a_clock_that_jumps_costs_the_cache_nothing() {
    let (home, project) = (tempdir().expect("folder"), ProjectId(Uuid::from_u128(1)));
    let cache = BlobCache::open(home.path(), 1 << 20).expect("open");
    for number in 0..3 {
        cache.put(image(number), BlobKind::Original, project, b"bytes");
    }
    drop(cache);
    let year = Duration::from_secs(365 * 86_400);
    let now = SystemTime::now();
    let mut files = Vec::new();
    for entry in walk(home.path()) {
        let at = [now - year, now, now + year][files.len()];
        std::fs::File::options().append(true).open(&entry).and_then(|file| file.set_modified(at)).expect("time");
        files.push(entry);
    }
    let cache = BlobCache::open(home.path(), 1 << 20).expect("open again");
    cache.wait_until_indexed();
    assert_eq!(cache.len(), 3, "none is too old or too new");
    for number in 0..3 {
        assert!(cache.get(image(number), BlobKind::Original, project).is_some());
    }
    for file in files {
        let used = file.metadata().and_then(|facts| facts.modified()).expect("time");
        let off = used.duration_since(now).unwrap_or_else(|error| error.duration());
        assert!(off < Duration::from_secs(86_400), "{} was used now", file.display());
    }
}

/// The files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder").flatten() {
        match entry.path() {
            path if path.is_dir() => files.extend(walk(&path)),
            path => files.push(path),
        }
    }
    files
}

#[test]
fn a_cache_that_cannot_be_written_gives_up_quietly() {
    let home = tempdir().expect("folder");
    let project = ProjectId(id(1));
    let cache = BlobCache::open(home.path(), 1 << 20).expect("open");
    // A file where the project's folder should be: refuses even an administrator.
    std::fs::write(home.path().join(project.to_string()), "in the way").expect("write");
    assert_eq!(cache.problem(), None);
    for number in 0..8 {
        cache.put(image(number), BlobKind::Original, project, b"bytes");
        assert_eq!(cache.get(image(number), BlobKind::Original, project), None);
    }
    assert!(cache.problem().expect("said").contains("cannot be written"));
    // Somebody has made room: before long it is found out.
    std::fs::remove_file(home.path().join(project.to_string())).expect("remove");
    for number in 0..64 {
        cache.put(image(number), BlobKind::Original, project, b"bytes");
    }
    assert_eq!(cache.problem(), None);
    cache.put(image(100), BlobKind::Original, project, b"bytes");
    assert!(cache.get(image(100), BlobKind::Original, project).is_some());
}

#[test]
fn broken_settings_are_kept_aside() {
    let home = tempdir().expect("folder");
    let path = Paths::under(home.path()).settings_file();
    assert_eq!(load_json::<Vec<u32>>(&path).notice, None, "none yet");
    save_json(&path, &vec![1, 2]).expect("save");
    assert_eq!(load_json::<Vec<u32>>(&path).value, [1, 2]);
    for aside in ["settings.json.broken", "settings.json.broken-2"] {
        std::fs::write(&path, "[1, 2").expect("write");
        let loaded = load_json::<Vec<u32>>(&path);
        assert_eq!(loaded.value, [0; 0]);
        assert!(loaded.notice.expect("said").contains(aside));
        assert_eq!(std::fs::read(path.with_file_name(aside)).expect("kept"), b"[1, 2");
    }
    save_json(&path, &vec![3]).expect("save");
    assert_eq!(
        names_in(path.parent().expect("folder")),
        ["settings.json", "settings.json.broken", "settings.json.broken-2"]
    );
}

#[cfg(unix)]
#[test]
fn settings_are_for_one_person_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempdir().expect("folder");
    let path = Paths::under(home.path()).settings_file();
    save_json(&path, &1).expect("save");
    let mode = |path: &Path| path.metadata().expect("facts").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().expect("folder")), 0o700);
}

/// New ones whatever the umask, and loose ones of an earlier version or a restored backup.
#[cfg(unix)]
#[test]
fn cached_pictures_are_for_one_person_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| path.metadata().expect("facts").permissions().mode() & 0o777;
    let loosen = |path: &Path, bits| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(bits)).expect("permissions");
    };
    let home = tempdir().expect("folder");
    let paths = Paths::under(home.path());
    let project = ProjectId(id(1));
    let cache = BlobCache::open(&paths.blobs_dir(), 1 << 20).expect("open");
    cache.put(image(1), BlobKind::Original, project, b"picture");
    drop(cache);
    let name = image(1).to_string();
    let folder = paths.blobs_dir().join(project.to_string());
    let [inner, file] = [folder.join(&name[..2]), folder.join(&name[..2]).join(format!("{name}.o"))];
    let all = [home.path().join("cache"), paths.blobs_dir(), folder, inner, file];
    let modes = || all.each_ref().map(|path| mode(path));
    assert_eq!(modes(), [0o700, 0o700, 0o700, 0o700, 0o600]);
    all.iter().for_each(|path| loosen(path, if path.is_dir() { 0o755 } else { 0o644 }));
    paths.tighten();
    let cache = BlobCache::open(&paths.blobs_dir(), 1 << 20).expect("open again");
    cache.wait_until_indexed();
    assert_eq!(modes(), [0o700, 0o700, 0o700, 0o700, 0o600]);
    assert_eq!(cache.get(image(1), BlobKind::Original, project).as_deref(), Some(&b"picture"[..]));
    // A link in the cache is not followed to what it leads to.
    let other = home.path().join("other");
    std::fs::write(&other, "mine").expect("write");
    loosen(&other, 0o644);
    std::os::unix::fs::symlink(&other, home.path().join("cache/link")).expect("link");
    storage::paths::tighten_all(&home.path().join("cache"));
    assert_eq!(mode(&other), 0o644);
}

/// Against the real Secret Service; `packaging/test.sh` runs it inside `dbus-run-session` with an unlocked keyring.
#[test]
#[ignore = "needs a D-Bus session with a Secret Service"]
fn real_keychain() {
    let vault = KeyringVault::new();
    let endpoint = format!("https://{}.example", Uuid::from_u128(u128::from(std::process::id())));
    assert!(vault.get(&endpoint).expect("the keychain answers").is_none());
    assert!(!vault.remove(&endpoint).expect("the keychain answers"));
    for key in ["0123456789abcdef0123456789abcdef", "another"] {
        vault.set(&endpoint, &SecretString::from(key)).expect("set");
        assert_eq!(vault.get(&endpoint).expect("get").expect("key").expose_secret(), key);
    }
    assert!(vault.remove(&endpoint).expect("remove"));
    assert!(vault.get(&endpoint).expect("get").is_none());
}

/// A machine without D-Bus must say so; `packaging/test.sh` runs it with the session's address taken away.
#[test]
#[ignore = "needs a process without a D-Bus session"]
fn no_keychain_is_said() {
    let error = KeyringVault::new().get("https://a.example").expect_err("no keychain");
    let text = error.to_string();
    assert!(text.contains("keychain does not work") && text.contains("restart Tagscope"), "{text}");
}

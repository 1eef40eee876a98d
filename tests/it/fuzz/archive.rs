//! The archive reader. An input is a manifest, a line that says `--- images.jsonl ---`, and the images.

use tagscope::domain::{BlobKind, ImageRow};
use tagscope::storage::Archive;
use tempfile::tempdir;

use super::runner::Target;
use super::wire::comes_back;

const TARGET: Target = Target {
    name: "archive",
    cases: 400,
    tokens: &[
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b"\"",
        b"\n",
        b"null",
        b"\n--- images.jsonl ---\n",
        b"\"format\":\"tagscope-archive\",",
        b"\"version\":1,",
        b"\"files\":{",
        b"\"../../secret\":",
        b"\"originals/9a/../../../etc/passwd\":",
        b"\"/etc/passwd\":",
        b"\"C:\\\\x\":",
        b"\"originals/9a/9aa8e448-cbfa-437d-9d5b-39a006846d74.jpg\":",
        b"{\"bytes\":1,\"sha256\":\"\"}",
        b"\"counts\":{\"images\":18446744073709551615,\"regions\":0,\"tags\":0},",
        b"{\"id\":",
        b"\"project\":{",
        b"\"9aa8e448-cbfa-437d-9d5b-39a006846d74\"",
        b"\\u0000",
        b"\xff",
        b"\r\n",
        b"\n\n\n",
    ],
    heads: &[b"{\"format\":\"tagscope-archive\",\"version\":1,"],
};
const CUT: &[u8] = b"\n--- images.jsonl ---\n";

#[test]
fn folders() {
    let home = tempdir().expect("folder");
    let folder = home.path().join("archive");
    std::fs::create_dir_all(folder.join("originals/9a")).expect("folder");
    std::fs::write(folder.join("originals/9a/9aa8e448-cbfa-437d-9d5b-39a006846d74.jpg"), "inside").expect("picture");
    std::fs::write(home.path().join("secret"), "outside").expect("secret");
    TARGET.run(|input, rng| {
        let at = input.windows(CUT.len()).position(|part| part == CUT);
        let (manifest, images) = at.map_or((input, &b""[..]), |at| (&input[..at], &input[at + CUT.len()..]));
        std::fs::write(folder.join("manifest.json"), manifest).expect("manifest");
        std::fs::write(folder.join("images.jsonl"), images).expect("images");
        let archive = match Archive::open(&folder) {
            Ok(archive) => archive,
            Err(error) => {
                let words = error.to_string();
                assert!(words.contains("archive") && words.len() < 1_000, "{words}");
                return;
            }
        };
        let mut rows: Vec<ImageRow> = Vec::new();
        for row in archive.rows().expect("rows") {
            match row {
                Ok(row) => rows.push(row),
                Err(problem) => assert!(problem.to_string().len() < 1_000, "{problem}"),
            }
        }
        for row in &rows {
            comes_back(row);
            if let Ok(bytes) = archive.read_blob(row.id, BlobKind::Original) {
                assert_eq!(bytes, b"inside");
            }
        }
        let skip = rng.u64(..=archive.workspace().line_count().expect("lines"));
        let page = archive.page(skip, usize::MAX).expect("page");
        assert!(
            rows.ends_with(&page.rows)
                && page.rows.len() + page.problems.len()
                    == (archive.workspace().line_count().expect("lines") - skip) as usize
        );
    });
}

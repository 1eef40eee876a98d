//! The wire decoder: pages of images, lines of archives, and the service's other objects.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tagscope::domain::{
    BlobKind, Domain, ImageRow, Iteration, Project, RecordReader, Tag, Timestamp, UriForm, write_image,
};

use super::runner::Target;

const TARGET: Target = Target {
    name: "wire",
    cases: 1_500,
    tokens: &[
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b"\"",
        b"null",
        b"true",
        b"\\u0000",
        b"\\ud800",
        b"\\u202e",
        b"\\n",
        b"{\"id\":",
        b"\"9aa8e448-cbfa-437d-9d5b-39a006846d74\"",
        b"\"created\":\"2020-11-06T17:18:15.6703886\",",
        b"\"created\":null,",
        b"\"width\":",
        b"\"height\":1e9,",
        b"\"tags\":[",
        b"\"regions\":[",
        b"\"regions\":null,",
        b"\"metadata\":{",
        b"\"tagId\":",
        b"\"tagName\":\"a\",",
        b"\"regionId\":",
        b"\"left\":",
        b"1E-05",
        b"1e999",
        b"-0.0",
        b"\"NaN\"",
        b"\"resizedImageUri\":\"https://h/i?sig=s\",",
        b"\xff",
        b"\xef\xbb\xbf",
        b"  ",
        b"\"2020-02-30T25:61:61Z\"",
        b"\"-000001-01-01T00:00:00\"",
        b"\"9999-12-31T23:59:59.9999999\"",
    ],
    heads: &[b"[{\"id\":\"", b"[", b"{\"id\":\"9aa8e448-cbfa-437d-9d5b-39a006846d74\","],
};

#[test]
fn pages_and_objects() {
    TARGET.run(|input, _| {
        if let Ok(page) = RecordReader::new().page(input) {
            for row in &page.rows {
                comes_back(row);
            }
            for problem in &page.problems {
                assert!(!problem.to_string().is_empty());
            }
        }
        if let Ok(row) = RecordReader::new().line(input, 0) {
            comes_back(&row);
        }
        object::<Project>(input, |project| {
            project.settings.other.clear();
            project.thumbnail_uri = None;
        });
        object::<Domain>(input, |domain| domain.other.clear());
        object::<Iteration>(input, |iteration| iteration.other.clear());
        object::<Tag>(input, |_| {});
        for line in formats::jsonl::read_lines(input).flatten() {
            assert!(line.regions.iter().all(|region| !region.number_texts()[0].is_empty()));
        }
        if let Ok(text) = std::str::from_utf8(input)
            && let Some(stamp) = Timestamp::parse(text.trim_matches('"'))
        {
            assert_eq!(Timestamp::parse(&stamp.to_string()), Some(stamp), "{text}");
        }
    });
}

/// A row that was read is the same when it is written and read again, but for what was left out of it.
pub(super) fn comes_back(row: &ImageRow) {
    let text = written(row, UriForm::Signed);
    let again = RecordReader::new().line(&text, 0);
    let again = again.unwrap_or_else(|problem| panic!("{problem}: {}", String::from_utf8_lossy(&text)));
    let mut expected = row.clone();
    expected.problems.retain(|problem| !problem.is_loss());
    assert_eq!(again, expected, "{}", String::from_utf8_lossy(&text));
    assert_eq!(written(&again, UriForm::Signed), text);
    for (form, has_path) in [(UriForm::Absent, false), (UriForm::Unsigned, true)] {
        let row = RecordReader::new().line(&written(row, form), 0).expect("row");
        for kind in [BlobKind::Thumbnail, BlobKind::Resized, BlobKind::Original] {
            let uri = row.uris.get(kind);
            assert!(uri.is_none_or(|uri| has_path && uri.expose() == uri.unsigned()), "{uri:?}");
        }
    }
}

fn written(row: &ImageRow, form: UriForm) -> Vec<u8> {
    let mut text = Vec::new();
    write_image(row, form, &mut text);
    text
}

/// `tidy` takes away what is not written, and unknown fields: their numbers are kept but for the last of 17 digits.
fn object<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(input: &[u8], tidy: impl Fn(&mut T)) {
    let list = serde_json::from_slice::<Vec<T>>(input).unwrap_or_default();
    for mut object in list.into_iter().chain(serde_json::from_slice::<T>(input).ok()) {
        tidy(&mut object);
        let text = serde_json::to_vec(&object).expect("written");
        let mut again: T = serde_json::from_slice(&text).expect("read again");
        tidy(&mut again);
        assert_eq!(again, object);
    }
}

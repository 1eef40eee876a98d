use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn row() -> impl Strategy<Value = ReviewRow> {
    let review = prop_oneof![
        prop::sample::select(&Verdict::ALL[..]).prop_map(Review::Verdict),
        "['=+@\\-a-z\", \r\nß猫]{1,12}".prop_map(|text| Review::Comment(text.into())),
    ];
    (any::<u128>(), prop::option::of(any::<u128>()), "['=@A-Za-z ,\"猫]{0,8}x", 0_i64..4_000_000_000, review).prop_map(
        |(image, region, by, at, review)| ReviewRow {
            subject: Subject {
                image: ImageId(Uuid::from_u128(image)),
                region: region.map(|region| RegionId(Uuid::from_u128(region))),
            },
            by: by.as_str().into(),
            at,
            review,
        },
    )
}

/// What can be read comes back from a file of either form.
fn is_refused_or_same(bytes: &[u8]) -> Result<(), TestCaseError> {
    let Ok(rows) = read(bytes) else { return Ok(()) };
    for format in ReviewFormat::ALL {
        let mut written = Vec::new();
        format.write(&rows, Cells::Safe, &mut written).expect("memory");
        prop_assert_eq!(&read(&written).expect("own file"), &rows);
    }
    Ok(())
}

proptest! {
    #[test]
    fn both_forms_hold_everything(rows in proptest::collection::vec(row(), 0..20)) {
        for (format, cells) in ReviewFormat::ALL.into_iter().flat_map(|format| [(format, Cells::Safe), (format, Cells::Raw)]) {
            let mut bytes = Vec::new();
            format.write(&rows, cells, &mut bytes).expect("memory");
            prop_assert_eq!(&read(&bytes).expect("own file"), &rows);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&bytes).is_err(), "without the head of either form");
        let mut table = format!("{}\r\n", COLUMNS.join(",")).into_bytes();
        table.extend(&bytes);
        is_refused_or_same(&table)?;
    }

    /// Rows that are read nearly as often as not.
    #[test]
    fn a_byte_that_is_changed_is_refused_or_read(
        rows in proptest::collection::vec(row(), 1..4), at in any::<prop::sample::Index>(), byte in any::<u8>(), form in 0..2_usize,
    ) {
        let mut bytes = Vec::new();
        ReviewFormat::ALL[form].write(&rows, Cells::Raw, &mut bytes).expect("memory");
        let at = at.index(bytes.len());
        bytes[at] = byte;
        is_refused_or_same(&bytes)?;
    }
}

fn row_on(image: &str, time: &str) -> String {
    format!("{{\"imageId\":\"{image}\",\n\"reviewer\":\"ann\",\"time\":\"{time}\",\"verdict\":\"accepted\"}}")
}

fn json_rows(rows: &[&str]) -> String {
    format!("{{\"tagscopeReviews\":1,\"rows\":[\n{}\n\n]}}", rows.join(",\n"))
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let head = "imageId,regionId,reviewer,time,verdict,comment\n";
    let id = "879c5031-c23e-4452-8ad0-4f093d5f07d2";
    let table = [
        (format!("{head}{id},,ann,2026-01-01T00:00:00Z,accepted,\n{id},,ann,soon,accepted,\n"), 3, 4, "not a time"),
        (format!("{head}\n{id},x,ann,2026-01-01T00:00:00Z,accepted,\n"), 3, 2, "not a region id"),
        (format!("{head}{id},,ann,2026-01-01T00:00:00Z,fine,\n"), 2, 5, "the verdicts are accepted, rejected"),
        (format!("{head}{id},,ann,2026-01-01T00:00:00Z,accepted,and words\n"), 2, 6, "not both"),
        (format!("{head}{id},,ann\n"), 2, 3, "3 columns"),
        ("a,b\n".to_owned(), 1, 1, "header of the table"),
        ("{\"tagscopeReviews\":1,\n\"rows\":[{\"imageId\":\"x\"}]}".to_owned(), 2, 23, "reviewer"),
        ("{\"tagscopeReviews\":1,\n\"rows\":7}".to_owned(), 2, 8, "integer `7`"),
        // A row is named by the line it begins on, whatever follows it.
        (json_rows(&[&row_on(id, "soon"), &row_on(id, "2026-01-01T00:00:00Z")]), 2, 1, "not a time"),
        (json_rows(&[&row_on(id, "2026-01-01T00:00:00Z"), &row_on(id, "soon")]), 4, 1, "not a time"),
        (json_rows(&[&row_on(id, "2026-01-01T00:00:00Z"), "{\n\"imageId\": 7}"]), 5, 12, "expected"),
    ];
    for (text, line, column, words) in table {
        match read(text.as_bytes()) {
            Err(FormatError::Unreadable { reason, line: found, column: at }) => {
                assert!(reason.contains(words), "{reason}");
                assert_eq!((found, at), (line, column), "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    for (text, words) in [("", "empty"), ("{}", "not a reviews file"), ("{\"tagscopeReviews\":2}", "version 2")] {
        let error = read(text.as_bytes()).expect_err(text).to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn no_cell_of_the_table_runs_in_a_spreadsheet() {
    let subject = Subject { image: ImageId(Uuid::from_u128(1)), region: None };
    let row = |by: &str, review| ReviewRow { subject, by: by.into(), at: 0, review };
    let rows = [
        row("=HYPERLINK(\"http://127.0.0.1\")", Review::Verdict(Verdict::Accepted)),
        row("ann", Review::Comment("@SUM(1)".into())),
        row("ann", Review::Comment("two = one + one".into())),
    ];
    assert_eq!(formula_count(&rows), 2);
    let mut bytes = Vec::new();
    ReviewFormat::Csv.write(&rows, Cells::Safe, &mut bytes).expect("memory");
    let cells = ::csv::ReaderBuilder::new().from_reader(&bytes[..]).into_records();
    let cells: Vec<String> =
        cells.flat_map(|record| record.expect("row").iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])), "{cells:?}");
    assert!(cells.contains(&"'@SUM(1)".to_owned()) && cells.contains(&"two = one + one".to_owned()));
    assert_eq!(read(&bytes).expect("own file"), rows);
}

#[test]
fn a_table_that_a_spreadsheet_has_saved_with_semicolons_is_read() {
    let id = "879c5031-c23e-4452-8ad0-4f093d5f07d2";
    let head = "imageId;regionId;reviewer;time;verdict;comment";
    let text = format!("\u{feff}{head}\r\n{id};;ann;2026-01-01T00:00:00Z;;too wide, really\r\n");
    let rows = read(text.as_bytes()).expect("rows");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].review, Review::Comment("too wide, really".into()));
    // The same in UTF-16, with either byte first.
    let wide = |bytes_of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes_of).collect::<Vec<u8>>();
    assert_eq!(read(&wide(u16::to_le_bytes)).expect("rows"), rows);
    assert_eq!(read(&wide(u16::to_be_bytes)).expect("rows"), rows);
}

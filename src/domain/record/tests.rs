use super::*;
use crate::Problem;

const ROW: &str = r#"{"id":"9aa8e448-cbfa-437d-9d5b-39a006846d74","created":"2020-11-06T17:18:15.6703886","width":816,"height":612,"resizedImageUri":"https://h/c/i-1?sv=1&sig=S&se=2","thumbnailUri":"https://h/c/t-1?sv=1&sig=S&se=2","originalImageUri":"https://h/c/i-1?sv=1&sig=S&se=2","tags":[{"tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","tagName":"scis\"sors 猫","created":"2020-11-06T17:18:15.6809553"}],"regions":[{"regionId":"8ec444b8-03b6-434f-93a2-ce881ef72359","tagName":"scis\"sors 猫","created":"2020-11-06T17:18:15.6965933","tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","left":0.295343131,"top":0.259428144,"width":0.403186262,"height":0.4215686}],"metadata":{"camera":"c1","a":"b"}}"#;

fn write(row: &crate::ImageRow, form: UriForm) -> String {
    let mut out = Vec::new();
    write_image(row, form, &mut out);
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn a_row_comes_back_to_the_letter() {
    let page = RecordReader::new().page(format!("[{ROW}]").as_bytes()).expect("page");
    assert_eq!(page.problems, []);
    assert_eq!(page.rows[0].problems, []);
    assert_eq!(page.rows[0].verbatim, []);
    assert_eq!(write(&page.rows[0], UriForm::Signed), ROW);
    assert!(!write(&page.rows[0], UriForm::Unsigned).contains("sig="));
    assert!(!write(&page.rows[0], UriForm::Absent).contains("Uri"));
}

#[test]
fn odd_spellings_come_back_to_the_letter() {
    let odd = ROW
        .replace("0.295343131", "2.95343131e-1")
        .replace("0.4215686", "1")
        .replace("17:18:15.6809553", "17:18:15.680Z")
        .replace("2020-11-06T17:18:15.6965933", "long ago");
    let row = RecordReader::new().line(odd.as_bytes(), 0).expect("row");
    assert_eq!(write(&row, UriForm::Signed), odd);
    assert!(row.problems.iter().any(|problem| matches!(problem, Problem::OddDate(text) if text == "long ago")));
}

#[test]
fn absent_and_null_read_alike() {
    let id = "9aa8e448-cbfa-437d-9d5b-39a006846d74";
    let absent = RecordReader::new().line(format!(r#"{{"id":"{id}"}}"#).as_bytes(), 0).expect("row");
    let null = format!(
        r#"{{"id":"{id}","created":null,"width":null,"height":null,"resizedImageUri":null,"thumbnailUri":null,"originalImageUri":null,"tags":null,"regions":null,"metadata":null}}"#
    );
    assert_eq!(RecordReader::new().line(null.as_bytes(), 0).expect("row"), absent);
}

#[test]
fn one_bad_row_or_region_costs_only_itself() {
    let bad_region = ROW.replace(r#""left":0.295343131"#, r#""left":"x""#);
    let regionless = ROW.replace(r#""regionId":"8ec444b8-03b6-434f-93a2-ce881ef72359","#, "");
    let body = format!(r#"[{ROW},{{"id":"nobody"}},17,{bad_region},{regionless}]"#);
    let page = RecordReader::new().page(body.as_bytes()).expect("page");
    assert_eq!(page.rows.len(), 3);
    assert_eq!(page.problems.len(), 2);
    for row in &page.rows[1..] {
        assert!(row.regions.is_empty());
        assert!(row.problems.iter().any(|problem| matches!(problem, Problem::UnreadableRegion { index: 0, .. })));
    }
}

#[test]
fn what_is_no_list_is_said_so() {
    for body in ["", "{}", "<html>", "[", "nul"] {
        assert!(RecordReader::new().page(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn a_page_has_an_end() {
    let page = |count: usize| RecordReader::new().page(format!("[{}0]", "0,".repeat(count - 1)).as_bytes());
    assert_eq!(page(10_000).expect("page").problems.len(), 10_000);
    assert!(page(10_001).expect_err("too many").reason.contains("more than 10000 rows"));
}

#[test]
fn neither_signatures_nor_escape_sequences_get_into_problems() {
    let uri = "\"https://h/i?sv=1&sig=SECRET\"";
    let odd = "\"\\u001b[2J\\u202e\"";
    for (field, value) in [("\"2020-11-06T17:18:15.6703886\"", uri), ("816", uri), ("0.295343131", uri), ("816", odd)] {
        let text = ROW.replace(field, value);
        let problems = match RecordReader::new().line(text.as_bytes(), 0) {
            Ok(row) => row.problems,
            Err(problem) => vec![problem],
        };
        assert!(!problems.is_empty(), "{field}");
        for problem in problems {
            let words = format!("{problem} {problem:?}");
            assert!(!words.contains("sig=") && !words.contains(['\u{1b}', '\u{202e}']), "{words}");
        }
    }
    assert!(!RecordReader::new().page(uri.as_bytes()).expect_err("no list").reason.contains("SECRET"));
}

#[test]
fn regions_outside_or_empty_are_noted() {
    let row = RecordReader::new().line(ROW.replace("0.295343131", "0.9").as_bytes(), 0).expect("row");
    assert!(matches!(row.problems[..], [Problem::RegionOutside(_)]));
    let row = RecordReader::new().line(ROW.replace("0.403186262", "0.0").as_bytes(), 0).expect("row");
    assert!(matches!(row.problems[..], [Problem::RegionEmpty(_)]));
}

fn read(text: &str) -> crate::ImageRow {
    RecordReader::new().line(text.as_bytes(), 0).expect("row")
}

/// The names of the fields that are reported as odd.
fn odd_fields(row: &crate::ImageRow) -> Vec<&str> {
    row.problems
        .iter()
        .filter_map(|problem| if let Problem::OddField { field, .. } = problem { Some(&**field) } else { None })
        .collect()
}

#[test]
fn an_odd_field_costs_only_itself_and_is_told() {
    let metadata = r#"{"camera":"c1","a":"b"}"#;
    for (field, from, to) in [
        ("metadata", metadata, r#"{"camera":1,"a":"b"}"#),
        ("metadata", metadata, r#"{"camera":{"x":[1]},"a":"b"}"#),
        ("metadata", metadata, "[]"),
        ("metadata", metadata, "7"),
        ("width", "\"width\":816", "\"width\":\"816\""),
        ("width", "\"width\":816", "\"width\":true"),
        ("width", "\"width\":816", "\"width\":816.7"),
        ("height", "\"height\":612", "\"height\":{}"),
        ("thumbnailUri", "\"https://h/c/t-1?sv=1&sig=S&se=2\"", "7"),
        ("tagName", "\"tagName\":\"scis\\\"sors 猫\",\"created\":\"2020-11-06T17:18:15.6965933\"", "\"tagName\":7"),
        ("tags", "\"tags\":[", "\"tags\":[{\"tagId\":7},"),
        ("tags", "\"tags\":[", "\"tags\":[null,"),
        (
            "with text",
            "sors 猫\",\"created\":\"2020-11-06T17:18:15.6809553",
            "\\ud83d\",\"created\":\"2020-11-06T17:18:15.6809553",
        ),
    ] {
        let text = ROW.replacen(from, to, 1);
        assert_ne!(text, ROW, "{from}");
        let row = read(&text);
        assert_eq!(odd_fields(&row), [field], "{to}: {:?}", row.problems);
        assert_eq!((row.tags.len(), row.regions.len()), (1, 1), "{to}");
        assert!(row.problems.iter().all(|problem| !problem.to_string().contains("sig=")));
        let page = RecordReader::new().page(format!("[{ROW},{text}]").as_bytes()).expect("page");
        assert_eq!((page.rows.len(), page.problems.len()), (2, 0));
    }
    assert_eq!(
        read(&ROW.replace(metadata, r#"{"camera":{"x":[1]},"a":null}"#)).metadata,
        [("camera".to_owned(), r#"{"x":[1]}"#.to_owned()), ("a".to_owned(), String::new())]
    );
    assert_eq!(read(&ROW.replace("\"width\":816", "\"width\":\"816\"")).width, 816);
}

#[test]
fn a_date_that_is_a_number_is_kept_as_text_and_told() {
    for from in ["\"2020-11-06T17:18:15.6703886\"", "\"2020-11-06T17:18:15.6965933\""] {
        let row = read(&ROW.replace(from, "1700000000"));
        assert!(matches!(&row.problems[..], [Problem::OddDate(text)] if text == "1700000000"), "{:?}", row.problems);
        assert!(write(&row, UriForm::Signed).contains("\"created\":\"1700000000\""));
    }
}

#[test]
fn a_field_that_is_there_twice_makes_a_row_unreadable() {
    let text = ROW.replacen("\"width\":816", "\"width\":\"816\",\"width\":7", 1);
    assert!(RecordReader::new().line(text.as_bytes(), 0).is_err());
}

#[test]
fn dates_that_print_otherwise_come_back_to_the_letter() {
    for date in [
        "2024-06-30T23:59:60",
        "2024-06-30T23:59:60.5",
        "2020-11-06 17:18:15",
        "2020-11-06t17:18:15.5",
        "2020-11-06T17:18:15.50",
        "2020-11-06T17:18:15.0",
        "2020-11-06T17:18:15Z",
        "2020-11-06T17:18:15+02:00",
    ] {
        let text = ROW.replacen("2020-11-06T17:18:15.6703886", date, 1);
        assert_eq!(write(&read(&text), UriForm::Signed), text);
    }
}

/// A row with these regions' numbers.
fn with_numbers(regions: &[[&str; 4]]) -> String {
    let region = |(at, [left, top, width, height]): (usize, &[&str; 4])| {
        format!(
            r#"{{"regionId":"8ec444b8-03b6-434f-93a2-{at:012x}","tagName":"a","tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","left":{left},"top":{top},"width":{width},"height":{height}}}"#
        )
    };
    let regions: Vec<String> = regions.iter().enumerate().map(region).collect();
    format!(r#"{{"id":"9aa8e448-cbfa-437d-9d5b-39a006846d74","width":8,"height":8,"regions":[{}]}}"#, regions.join(","))
}

#[test]
fn numbers_in_another_regular_spelling_are_kept_by_one_word() {
    for numbers in [
        ["0.29534313", "0.25942814", "0.40318626", "0.1"],
        ["0.29534313", "0", "1", "1E-05"],
        ["0.2953431308269501", "0.10000000149011612", "0.5", "0"],
        ["0.295343131", "0", "1", "0.5"],
    ] {
        let text = with_numbers(&[numbers, numbers]);
        let row = read(&text);
        assert_eq!(row.verbatim.len(), 1, "{numbers:?}: {:?}", row.verbatim);
        assert_eq!(write(&row, UriForm::Signed), text);
        let mut catalogue = crate::Catalogue::new();
        catalogue.append(vec![row.clone()]);
        assert_eq!(catalogue.get(crate::ImageIx(0)).expect("image").to_row().verbatim, row.verbatim);
    }
}

#[test]
fn mixed_spellings_come_back_to_the_letter() {
    let text = with_numbers(&[
        ["0.29534313", "0.295343131", "0.50", "5E-1"],
        ["0.123456789012345678", "0.1", "1e-1", "1.0"],
        ["0.29534313", "0.40318626", "0.25942814", "1"],
    ]);
    assert_eq!(write(&read(&text), UriForm::Signed), text);
}

#[test]
fn numbers_beyond_the_first_65_535_regions_come_back_to_the_letter() {
    let mut regions = vec![["0.1", "0.2", "0.3", "0.4"]; 70_000];
    regions[65_536] = ["0.10000000000000001", "0.2", "0.30", "0.4"];
    regions[69_999] = ["0.1", "2e-1", "0.3", "0.40"];
    let text = with_numbers(&regions);
    let row = read(&text);
    assert_eq!(write(&row, UriForm::Signed), text);
    let mut catalogue = crate::Catalogue::new();
    catalogue.append(vec![row]);
    let kept = catalogue.get(crate::ImageIx(0)).expect("image").to_row();
    assert_eq!(write(&kept, UriForm::Signed), text);
}

use super::*;
use crate::domain::Problem;

const ROW: &str = r#"{"id":"9aa8e448-cbfa-437d-9d5b-39a006846d74","created":"2020-11-06T17:18:15.6703886","width":816,"height":612,"resizedImageUri":"https://h/c/i-1?sv=1&sig=S&se=2","thumbnailUri":"https://h/c/t-1?sv=1&sig=S&se=2","originalImageUri":"https://h/c/i-1?sv=1&sig=S&se=2","tags":[{"tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","tagName":"scis\"sors 猫","created":"2020-11-06T17:18:15.6809553"}],"regions":[{"regionId":"8ec444b8-03b6-434f-93a2-ce881ef72359","tagName":"scis\"sors 猫","created":"2020-11-06T17:18:15.6965933","tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","left":0.295343131,"top":0.259428144,"width":0.403186262,"height":0.4215686}],"metadata":{"camera":"c1","a":"b"}}"#;

fn write(row: &crate::domain::ImageRow, form: UriForm) -> String {
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

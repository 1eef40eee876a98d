//! JSON lines against the catalogue: every field exactly.

use std::io::BufReader;

use super::expected;
use crate::export::Plan;
use crate::export::export_log::ExportLog;
use crate::export::layout::Placed;
use domain::ImageRow;
use domain::exact::Exact;
use domain::image::Slot;
use formats::{Format, jsonl};
use storage::regular::open_regular;

pub(super) fn check(plan: &Plan, placed: &[Placed], log: &ExportLog) -> Result<(), String> {
    let file = open_regular(&plan.staging.path().join("images.jsonl")).map_err(|error| error.to_string())?;
    let mut expected =
        expected(placed, log, Format::Jsonl, None).filter_map(|at| plan.job.catalogue.get(placed[at].ix));
    for line in jsonl::read_lines(BufReader::with_capacity(1 << 17, file)) {
        let line = line.map_err(|error| error.to_string())?;
        let image = expected.next().ok_or("there is an extra image")?;
        check_line(&line, &image.to_row()).map_err(|what| format!("{what} of the image {} differs", image.id()))?;
    }
    expected.next().map_or(Ok(()), |image| Err(format!("the image {} is missing", image.id())))
}

fn check_line(line: &jsonl::Line, row: &ImageRow) -> Result<(), &'static str> {
    let exact = Exact::new(&row.verbatim);
    let verbatim = |slot: Slot| exact.get(slot).map(str::to_owned);
    let date = |slot, stamp: Option<domain::Timestamp>| verbatim(slot).or(stamp.map(|stamp| stamp.to_string()));
    let ensure = |same: bool, what| if same { Ok(()) } else { Err(what) };
    ensure(line.id == row.id.to_string(), "the id")?;
    ensure(line.created == date(Slot::ImageCreated, row.created), "the date")?;
    ensure((line.width, line.height) == (row.width, row.height), "the size")?;
    let found = line.metadata.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let listed = row.metadata.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
    ensure(found.eq(listed), "the metadata")?;
    ensure(line.tags.len() == row.tags.len() && line.regions.len() == row.regions.len(), "the number of labels")?;
    for (at, (found, mark)) in (0_u32..).zip(line.tags.iter().zip(&row.tags)) {
        let same = found.tag_id == mark.tag.to_string() && *found.tag_name == *mark.name;
        ensure(same && found.created == date(Slot::TagCreated(at), mark.created), "a tag")?;
    }
    for (at, (found, region)) in (0_u32..).zip(line.regions.iter().zip(&row.regions)) {
        let same = found.region_id == region.id.to_string()
            && found.tag_id == region.tag.to_string()
            && *found.tag_name == *region.tag_name
            && found.created == date(Slot::RegionCreated(at), region.created);
        ensure(same, "a region")?;
        let sides = [region.rect.left, region.rect.top, region.rect.width, region.rect.height];
        for (side, (text, value)) in (0_u8..).zip(found.number_texts().into_iter().zip(sides)) {
            let same = exact.get(Slot::RegionNumber(at, side)).is_none_or(|kept| kept == text);
            ensure(same && text.parse() == Ok(value), "a number")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::RecordReader;

    const LINE: &str = r#"{"id":"70000000-0000-0000-0000-000000000001","created":"2020-11-06T16:15:54.5","width":8,"height":4,"tags":[{"tagId":"70000000-0000-0000-0000-000000000002","tagName":"a","created":"2020-11-06T16:15:54"}],"regions":[{"regionId":"70000000-0000-0000-0000-000000000003","tagName":"a","created":"2020-11-06T16:15:54","tagId":"70000000-0000-0000-0000-000000000002","left":0.50,"top":0.295343131,"width":0.25,"height":0.1}],"metadata":{"k":"v"}}"#;

    #[test]
    fn every_field_of_a_line_is_compared() {
        let row = RecordReader::new().line(LINE.as_bytes(), 1).expect("row");
        let check_text = |text: &str| check_line(&serde_json::from_str(text).expect("line"), &row);
        assert_eq!(check_text(LINE), Ok(()));
        for (from, to, what) in [
            ("000000000001", "000000000009", "the id"),
            ("16:15:54.5", "16:15:54.6", "the date"),
            ("\"width\":8", "\"width\":9", "the size"),
            ("\"v\"", "\"w\"", "the metadata"),
            ("\"k\":\"v\"", "\"k\":\"v\",\"l\":\"v\"", "the metadata"),
            ("\"tagName\":\"a\",\"created\":\"2020-11-06T16:15:54\"}]", "\"tagName\":\"b\"}]", "a tag"),
            ("000000000003", "000000000009", "a region"),
            ("0.295343131", "0.295343071", "a number"),
            ("0.50", "0.5", "a number"),
        ] {
            let changed = LINE.replacen(from, to, 1);
            assert_ne!(changed, LINE, "{from}");
            assert_eq!(check_text(&changed), Err(what), "{from}");
        }
    }
}

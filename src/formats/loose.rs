//! Values as other people's programs write them: numbers as texts, outlines for boxes.

use serde_json::Value;

/// No edge of a box is further away.
pub(super) const FARTHEST: f64 = 1e9;

/// A number, whether it was one or stands in a text, with `px` behind it or not; finite.
pub(super) fn number(value: Option<&Value>) -> Option<f64> {
    match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => number_in(text),
        _ => None,
    }
    .filter(|number| number.abs() < FARTHEST)
}

/// A number in a text, with `px` behind it or not; finite.
pub(super) fn number_in(text: &str) -> Option<f64> {
    let text = text.trim();
    let number: f64 = text.strip_suffix("px").unwrap_or(text).trim_end().parse().ok()?;
    (number.abs() < FARTHEST).then_some(number)
}

/// A width or a height in pixels.
pub(super) fn side(number: Option<f64>) -> Option<u32> {
    number.filter(|side| (1.0..FARTHEST).contains(side)).map(|side| side as u32)
}

/// The text of a field; `None` when it is missing, no text, or empty.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field)?.as_str().filter(|text| !text.is_empty())
}

/// The elements of a field that is a list.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The box around points that follow each other as x, y, x, y: left, top, width, height.
pub(super) fn around(numbers: &[f64]) -> Option<[f64; 4]> {
    if numbers.len() < 4 || !numbers.len().is_multiple_of(2) {
        return None;
    }
    let ends = |from: usize| {
        let along = numbers.iter().skip(from).step_by(2).copied();
        (along.clone().fold(f64::INFINITY, f64::min), along.fold(f64::NEG_INFINITY, f64::max))
    };
    let ((left, right), (top, bottom)) = (ends(0), ends(1));
    Some([left, top, right - left, bottom - top])
}

/// The beginning of a text, for a report.
pub(super) fn start(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_finite() {
        let found = |json: &str| number(Some(&serde_json::from_str(json).expect("json")));
        assert_eq!((found("7"), found("\" 499px \""), found("\"1e3\"")), (Some(7.0), Some(499.0), Some(1000.0)));
        for bad in ["\"nan\"", "\"inf\"", "1e300", "null", "[]", "\"\"", "\"px\""] {
            assert_eq!(found(bad), None, "{bad}");
        }
        assert_eq!(around(&[3.0, 1.0, 1.0, 5.0, 2.0, 2.0]), Some([1.0, 1.0, 2.0, 4.0]));
        assert_eq!((around(&[1.0, 2.0]), around(&[1.0, 2.0, 3.0, 4.0, 5.0])), (None, None));
    }
}

//! The columns in the terms of Hugging Face's library, as it looks for them in a file's own metadata.

use std::collections::VecDeque;

use serde_json::{Value, json};

/// The key of the metadata.
pub(super) const KEY: &str = "huggingface";

/// The types of the columns, in forms that versions of the library before and after 4 understand. The fields of a struct are
/// in their order in the file: else the library takes no notice of the whole column.
pub(super) fn features(names: &[String], has_pictures: bool, has_label: bool) -> String {
    let plain = |kind: &str| format!(r#"{{"dtype":"{kind}","_type":"Value"}}"#);
    let list = |feature: &str| format!(r#"{{"feature":{feature},"length":-1,"_type":"Sequence"}}"#);
    let class = match names.is_empty() {
        true => plain("int64"),
        false => json!({"names": names, "_type": "ClassLabel"}).to_string(),
    };
    let (text, number, side) = (&plain("string"), &plain("float64"), &plain("int32"));
    let date = &plain("timestamp[us, tz=UTC]");
    let object = fields(&[
        ("tag", text),
        ("tag_id", text),
        ("region_id", text),
        ("category", &class),
        ("bbox", &list(number)),
        ("left", number),
        ("top", number),
        ("width", number),
        ("height", number),
        ("created", date),
    ]);
    let objects = format!("[{object}]");
    let metadata = format!("[{}]", fields(&[("key", text), ("value", text)]));
    let tags = list(text);
    let mut columns = vec![
        ("file_name", text),
        ("image_id", text),
        ("split", text),
        ("width", side),
        ("height", side),
        ("created", date),
        ("objects", &objects),
        ("tags", &tags),
        ("metadata", &metadata),
    ];
    let image = r#"{"_type":"Image"}"#.to_owned();
    if has_pictures {
        columns.insert(0, ("image", &image));
    }
    if has_label {
        columns.push(("label", &class));
    }
    format!(r#"{{"info":{{"features":{}}}}}"#, fields(&columns))
}

/// An object in JSON with its fields in this order.
fn fields(fields: &[(&str, &String)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, kind)| format!(r#""{name}":{kind}"#)).collect();
    format!("{{{}}}", fields.join(","))
}

/// The names of the first class label, of objects before others.
pub(super) fn class_names(features: Option<&Value>) -> Option<Vec<String>> {
    let features = features?.get("info")?.get("features")?;
    let objects = features.get("objects");
    // A project without classes has numbers in their place.
    let is_own = objects.and_then(|objects| objects.get(0)?.get("category")).is_some();
    objects.and_then(first_label).or_else(|| first_label(features)).or_else(|| is_own.then(Vec::new))
}

fn first_label(features: &Value) -> Option<Vec<String>> {
    let mut open = VecDeque::from([features]);
    while let Some(node) = open.pop_front() {
        if node.get("_type").is_some_and(|kind| kind == "ClassLabel") {
            let names = node.get("names")?.as_array()?.iter();
            return names.map(|name| name.as_str().map(str::to_owned)).collect();
        }
        match node {
            Value::Array(nodes) => open.extend(nodes),
            Value::Object(fields) => open.extend(fields.values()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_first_class_label() {
        let of = |text: &str| class_names(Some(&serde_json::from_str(text).expect("JSON")));
        let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let own = ["fork".to_owned(), "猫\n".to_owned()];
        assert_eq!(of(&features(&own, true, true)), Some(own.to_vec()));
        assert_eq!(of(&features(&[], true, true)), names(&[]));
        // As version 5 of the library writes it.
        let text = r#"{"info":{"features":{"label":{"names":["x"],"_type":"ClassLabel"},"objects":{"feature":{"category":
            {"names":["a","b"],"_type":"ClassLabel"}},"_type":"List"}}}}"#;
        assert_eq!(of(text), names(&["a", "b"]));
        assert_eq!(of(r#"{"info":{"features":{"label":{"names":["x"],"_type":"ClassLabel"}}}}"#), names(&["x"]));
        assert_eq!((of("{}"), of("[]"), class_names(None)), (None, None, None));
    }
}

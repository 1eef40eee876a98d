//! The columns in the terms of Hugging Face's library, as it looks for them in a file's own metadata.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::class_names::ClassNames;

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

/// The names of the classes in a file that Tagscope wrote.
pub(super) fn class_names(features: Option<&Value>) -> Option<Vec<String>> {
    let objects = features?.get("info")?.get("features")?.get("objects")?;
    // A project without classes has numbers in their place.
    objects.get(0)?.get("category")?;
    Some(labels(features).of("objects.category").to_vec())
}

/// The names of each class label, for its own column.
pub(super) fn labels(features: Option<&Value>) -> ClassNames {
    let features = features.and_then(|features| features.get("info")?.get("features"));
    let mut open: VecDeque<_> = features.into_iter().map(|node| (node, String::new())).collect();
    let mut found = Vec::new();
    while let Some((node, path)) = open.pop_front() {
        match (node, node.get("_type").and_then(Value::as_str)) {
            (_, Some("ClassLabel")) => {
                let names = node.get("names").and_then(Value::as_array).into_iter().flatten();
                let names: Option<Vec<String>> = names.map(|name| name.as_str().map(str::to_owned)).collect();
                found.extend(names.map(|names| (path, names)));
            }
            (_, Some(_)) => open.extend(node.get("feature").map(|node| (node, path))),
            (Value::Array(nodes), _) => open.extend(nodes.iter().map(|node| (node, path.clone()))),
            (Value::Object(fields), _) => open.extend(fields.iter().map(|(name, node)| {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                (node, path)
            })),
            _ => {}
        }
    }
    ClassNames::from_fields(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_own_class_label() {
        let of = |text: &str| class_names(Some(&serde_json::from_str(text).expect("JSON")));
        let own = ["fork".to_owned(), "猫\n".to_owned()];
        assert_eq!(of(&features(&own, true, true)), Some(own.to_vec()));
        assert_eq!(of(&features(&[], true, true)), Some(vec![]));
        // As version 5 of the library writes it.
        let text = r#"{"info":{"features":{"label":{"names":["x"],"_type":"ClassLabel"},"objects":{"feature":{"category":
            {"names":["a","b"],"_type":"ClassLabel"}},"_type":"List"},"tags":{"feature":{"names":["t"],"_type":"ClassLabel"},
            "_type":"Sequence"}}}}"#;
        let found = labels(Some(&serde_json::from_str(text).expect("JSON")));
        let names = ["objects.category", "label", "tags", "objects.label"].map(|path| found.of(path).join(" "));
        assert_eq!(names, ["a b", "x", "t", ""]);
        assert_eq!((of("{}"), of("[]"), class_names(None)), (None, None, None));
    }
}

//! Answers in JSON that say the same in another way: explicit nulls, unknown fields and values; and broken ones. Key
//! order and number text are kept, which `serde_json::Value` loses: they must differ in nothing but the fault.

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use domain::record::members;

/// Fields that an image's row leaves out when there is nothing to say.
const MAY_BE_ABSENT: [&str; 4] = ["tags", "regions", "metadata", "predictions"];
/// Fields whose values are enumerations; `Negative` is kept, because it decides what a tag means.
const ENUMERATIONS: [&str; 5] = ["status", "type", "tagType", "classificationType", "trainingType"];
/// A value that is in no specification.
const UNHEARD: &str = "Unheard";

/// Puts explicit nulls where image rows, their tags and their regions have no field.
pub(super) fn with_nulls(node: &mut Node) {
    match node {
        Node::Object(pairs) => {
            let has = |name: &str| pairs.iter().any(|(key, _)| key == name);
            let absent: Vec<&str> = if has("thumbnailUri") && has("width") {
                let is_image = has("originalImageUri");
                let belongs = |name: &&str| match *name {
                    "metadata" => is_image,
                    "predictions" => !is_image,
                    _ => true,
                };
                MAY_BE_ABSENT.into_iter().filter(belongs).filter(|name| !has(name)).collect()
            } else if has("tagId") && !has("probability") {
                ["created"].into_iter().filter(|name| !has(name)).collect()
            } else {
                Vec::new()
            };
            pairs.extend(absent.into_iter().map(|name| (name.to_owned(), Node::null())));
            pairs.iter_mut().for_each(|(_, value)| with_nulls(value));
        }
        Node::List(items) => items.iter_mut().for_each(with_nulls),
        Node::Text(_) | Node::Other(_) => {}
    }
}

/// Adds a field that nobody knows to every object but metadata, whose names are free, and changes enumerations.
pub(super) fn with_unknown(node: &mut Node) {
    match node {
        Node::Object(pairs) => {
            for (key, value) in pairs.iter_mut() {
                match value {
                    Node::Text(text) if ENUMERATIONS.contains(&key.as_str()) && text != "Negative" => {
                        UNHEARD.clone_into(text);
                    }
                    _ if key == "metadata" => {}
                    _ => with_unknown(value),
                }
            }
            let odd = vec![Node::null(), Node::Text("sig".to_owned()), Node::Object(Vec::new())];
            pairs.insert(pairs.len() / 2, ("xUnheardOf".to_owned(), Node::List(odd)));
        }
        Node::List(items) => items.iter_mut().for_each(with_unknown),
        Node::Text(_) | Node::Other(_) => {}
    }
}

/// The same body with something in its middle that no JSON has. Beginning and end are as before: it does not look cut.
pub(super) fn broken(body: &[u8]) -> Vec<u8> {
    let (before, after) = body.split_at(body.len() / 2);
    [before, b"\x01]}{[\x02".as_slice(), after].concat()
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Object(Vec<(String, Self)>),
    List(Vec<Self>),
    Text(String),
    /// A number, `true`, `false` or `null`, as it came.
    Other(String),
}

impl Node {
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        Self::of(serde_json::from_slice::<&RawValue>(body).ok()?)
    }

    pub(super) fn null() -> Self {
        Self::Other("null".to_owned())
    }

    fn of(raw: &RawValue) -> Option<Self> {
        let text = raw.get();
        Some(match text.as_bytes().first()? {
            b'{' => {
                let Pairs(pairs) = serde_json::from_str(text).ok()?;
                Self::Object(pairs.into_iter().map(|(key, raw)| Some((key, Self::of(raw)?))).collect::<Option<_>>()?)
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                Self::List(items.into_iter().map(Self::of).collect::<Option<_>>()?)
            }
            b'"' => Self::Text(serde_json::from_str(text).ok()?),
            _ => Self::Other(text.to_owned()),
        })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Object(pairs) => {
                out.push(b'{');
                for (index, (key, value)) in pairs.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    push_text(key, out);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
            Self::List(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Text(text) => push_text(text, out),
            Self::Other(text) => out.extend_from_slice(text.as_bytes()),
        }
    }
}

fn push_text(text: &str, out: &mut Vec<u8>) {
    // Writing a string to a Vec cannot fail.
    let _ = serde_json::to_writer(out, text);
}

/// An object's pairs in their order.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        members(deserializer, "an object").map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, change: fn(&mut Node)) -> String {
        let mut node = Node::parse(text.as_bytes()).expect("JSON");
        change(&mut node);
        let mut out = Vec::new();
        node.write(&mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn absent_fields_become_null() {
        let image = r#"[{"id":"1","width":2,"thumbnailUri":"t","originalImageUri":"o","tags":[{"tagId":"3"}]}]"#;
        let expected = r#"[{"id":"1","width":2,"thumbnailUri":"t","originalImageUri":"o","tags":[{"tagId":"3","created":null}],"regions":null,"metadata":null}]"#;
        assert_eq!(changed(image, with_nulls), expected);
        let performance = changed(r#"{"width":2,"thumbnailUri":"t"}"#, with_nulls);
        assert_eq!(performance, r#"{"width":2,"thumbnailUri":"t","tags":null,"regions":null,"predictions":null}"#);
        assert_eq!(changed(r#"{"id":"1"}"#, with_nulls), r#"{"id":"1"}"#);
    }

    #[test]
    fn unknown_fields_and_values_leave_metadata_alone() {
        let text = r#"{"type":"Regular","metadata":{"type":"a"}}"#;
        let expected = r#"{"type":"Unheard","xUnheardOf":[null,"sig",{}],"metadata":{"type":"a"}}"#;
        assert_eq!(changed(text, with_unknown), expected);
        assert!(changed(r#"{"type":"Negative"}"#, with_unknown).contains("Negative"));
    }

    #[test]
    fn a_broken_body_is_no_json_but_ends_like_it() {
        let body = broken(br#"[{"id":"1"}]"#);
        assert!(Node::parse(&body).is_none() && body.starts_with(b"[") && body.ends_with(b"]"));
        assert!(Node::parse(&broken(b"40")).is_none());
    }

    #[test]
    fn order_numbers_and_text_come_back_as_they_were() {
        let text = r#"[{"b":1E-05,"a":0.295343131,"z":{"x":[]},"t":"\"猫\\n"},null,true,-0.0]"#;
        let mut out = Vec::new();
        Node::parse(text.as_bytes()).expect("JSON").write(&mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), text);
        assert_eq!(Node::parse(b"[1"), None);
    }
}

//! JSON with its key order and its number text kept, which `serde_json::Value` loses: a rewritten answer must differ in
//! nothing but the fault.

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use domain::record::members;

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

    #[test]
    fn order_numbers_and_text_come_back_as_they_were() {
        let text = r#"[{"b":1E-05,"a":0.295343131,"z":{"x":[]},"t":"\"猫\\n"},null,true,-0.0]"#;
        let mut out = Vec::new();
        Node::parse(text.as_bytes()).expect("JSON").write(&mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), text);
        assert_eq!(Node::parse(b"[1"), None);
    }
}

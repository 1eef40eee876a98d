//! Answers in JSON that say the same in another way: explicit nulls, unknown fields and values; and broken ones.

use super::tree::Node;

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

/// The same body with something in its middle that no JSON has. It begins and ends as before, so that it does not look
/// cut.
pub(super) fn broken(body: &[u8]) -> Vec<u8> {
    let (before, after) = body.split_at(body.len() / 2);
    [before, b"\x01]}{[\x02".as_slice(), after].concat()
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
}

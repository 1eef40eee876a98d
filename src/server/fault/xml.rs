//! Answers as XML, which the specification allows and nobody has seen: element names as in the specification, lists in
//! either of the two ways that its readers would expect.

use super::XmlForm;
use super::rewrite::Node;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";
const NAMESPACES: &str = " xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns=\"http://schemas.datacontract.org/2004/07/Microsoft.Cognitive.CustomVision\"";

/// What the specification calls an object with this field; the first that fits.
const NAMES: [(&str, &str); 9] = [
    ("predictions", "ImagePerformance"),
    ("imageUri", "ImagePerformance"),
    ("perTagPerformance", "IterationPerformance"),
    ("resizedImageUri", "Image"),
    ("settings", "Project"),
    ("trainedAt", "Iteration"),
    ("imageCount", "Tag"),
    ("exportablePlatforms", "Domain"),
    ("message", "CustomVisionError"),
];
/// What it calls the items of a list.
const ITEMS: [(&str, &str); 4] = [
    ("tags", "ImageTag"),
    ("regions", "ImageRegion"),
    ("predictions", "Prediction"),
    ("perTagPerformance", "TagPerformance"),
];

pub(super) fn document(node: &Node, form: XmlForm) -> Vec<u8> {
    let mut out = HEAD.to_owned();
    match node {
        Node::List(items) => {
            let item = items.first().map_or("Image", name_of);
            let root = match form {
                XmlForm::Wrapped => format!("ArrayOf{item}"),
                XmlForm::Repeated => format!("{item}s"),
            };
            out.push_str(&format!("<{root}{NAMESPACES}>"));
            items.iter().for_each(|node| element(item, node, form, &mut out));
            out.push_str(&format!("</{root}>"));
        }
        Node::Object(_) => {
            let name = name_of(node);
            out.push_str(&format!("<{name}{NAMESPACES}>"));
            children(node, form, &mut out);
            out.push_str(&format!("</{name}>"));
        }
        Node::Text(text) | Node::Other(text) => {
            let name = if matches!(node, Node::Text(_)) { "string" } else { "int" };
            out.push_str(&format!("<{name} xmlns=\"http://schemas.microsoft.com/2003/10/Serialization/\">"));
            escape(text, &mut out);
            out.push_str(&format!("</{name}>"));
        }
    }
    out.into_bytes()
}

fn name_of(node: &Node) -> &'static str {
    let Node::Object(pairs) = node else { return "string" };
    let has = |name: &str| pairs.iter().any(|(key, _)| key == name);
    NAMES.iter().find(|(field, _)| has(field)).map_or("Object", |(_, name)| *name)
}

fn children(node: &Node, form: XmlForm, out: &mut String) {
    let Node::Object(pairs) = node else { return };
    if !are_names(pairs) {
        return dictionary(pairs, out);
    }
    for (key, value) in pairs {
        match value {
            Node::Object(entries) if key == "metadata" && form == XmlForm::Wrapped => {
                out.push_str("<metadata>");
                dictionary(entries, out);
                out.push_str("</metadata>");
            }
            Node::List(items) if form == XmlForm::Repeated => {
                items.iter().for_each(|item| element(key, item, form, out));
            }
            Node::List(items) => {
                let item = ITEMS.iter().find(|(list, _)| list == key).map_or("string", |(_, item)| *item);
                out.push_str(&format!("<{key}>"));
                items.iter().for_each(|node| element(item, node, form, out));
                out.push_str(&format!("</{key}>"));
            }
            _ => element(key, value, form, out),
        }
    }
}

/// An object whose names are free, such as metadata: they cannot all be elements, so it is written in pairs, as .NET
/// does it; in the other form only where a name cannot be an element.
fn dictionary(entries: &[(String, Node)], out: &mut String) {
    for (key, value) in entries {
        out.push_str("<KeyValueOfstringstring><Key>");
        escape(key, out);
        out.push_str("</Key>");
        element("Value", value, XmlForm::Wrapped, out);
        out.push_str("</KeyValueOfstringstring>");
    }
}

fn are_names(entries: &[(String, Node)]) -> bool {
    entries.iter().all(|(key, _)| {
        key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

fn element(name: &str, node: &Node, form: XmlForm, out: &mut String) {
    match node {
        Node::Other(text) if text == "null" => out.push_str(&format!("<{name} i:nil=\"true\"/>")),
        Node::Other(text) | Node::Text(text) => {
            out.push_str(&format!("<{name}>"));
            escape(text, out);
            out.push_str(&format!("</{name}>"));
        }
        Node::Object(_) => {
            out.push_str(&format!("<{name}>"));
            children(node, form, out);
            out.push_str(&format!("</{name}>"));
        }
        // A list in a list occurs in no answer of the service.
        Node::List(items) => items.iter().for_each(|item| element(name, item, form, out)),
    }
}

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(text: &str, form: XmlForm) -> String {
        let body = document(&Node::parse(text.as_bytes()).expect("JSON"), form);
        let text = String::from_utf8(body).expect("UTF-8");
        text.strip_prefix(HEAD).expect("head").replace(NAMESPACES, "")
    }

    #[test]
    fn lists_are_wrapped_or_repeated() {
        let image =
            r#"[{"id":"1","resizedImageUri":"u?a&b","tags":[{"tagName":"<a>"}],"metadata":{"k":"v"},"x":null}]"#;
        assert_eq!(
            xml(image, XmlForm::Wrapped),
            "<ArrayOfImage><Image><id>1</id><resizedImageUri>u?a&amp;b</resizedImageUri><tags><ImageTag><tagName>&lt;a&gt;</tagName></ImageTag></tags><metadata><KeyValueOfstringstring><Key>k</Key><Value>v</Value></KeyValueOfstringstring></metadata><x i:nil=\"true\"/></Image></ArrayOfImage>"
        );
        assert_eq!(
            xml(image, XmlForm::Repeated),
            "<Images><Image><id>1</id><resizedImageUri>u?a&amp;b</resizedImageUri><tags><tagName>&lt;a&gt;</tagName></tags><metadata><k>v</k></metadata><x i:nil=\"true\"/></Image></Images>"
        );
    }

    #[test]
    fn objects_numbers_and_empty_lists_too() {
        assert_eq!(
            xml(r#"{"id":"1","imageCount":0.5}"#, XmlForm::Wrapped),
            "<Tag><id>1</id><imageCount>0.5</imageCount></Tag>"
        );
        assert!(xml("40", XmlForm::Wrapped).ends_with(">40</int>"));
        assert_eq!(xml("[]", XmlForm::Wrapped), "<ArrayOfImage></ArrayOfImage>");
        // No element can be called so.
        assert_eq!(
            xml(r#"{"imageCount":1,"methods":{"horizontal flip":true}}"#, XmlForm::Repeated),
            "<Tag><imageCount>1</imageCount><methods><KeyValueOfstringstring><Key>horizontal flip</Key><Value>true</Value></KeyValueOfstringstring></methods></Tag>"
        );
    }
}

//! Answers in XML, which the specification allows and nobody has seen: read by local names in either case, namespaces
//! ignored, and turned into the JSON that was requested, so that there is one reader of rows. Also the blob store's errors.
//!
//! No document types, no entities but the five and numbers, no great depth: what does not fit is refused.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use rustc_hash::FxHashMap;

/// Deeper than any answer.
const MOST_LEVELS: usize = 32;

/// More elements than an answer of full pages has; each costs far more memory than its text.
const MOST_ELEMENTS: usize = 1_000_000;

/// An element without its namespace and attributes.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Element {
    /// The local name, as it came.
    pub name: String,
    /// Text directly inside, entities replaced.
    pub text: String,
    pub children: Vec<Element>,
    /// `nil="true"`: a null.
    is_nil: bool,
}

impl Element {
    /// The first element of that local name in document order, this one included; `name` in lower case.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        if self.name.eq_ignore_ascii_case(name) {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    List,
    Object,
    Number,
}

/// Whether a body is XML rather than JSON: no JSON begins like that.
pub(super) fn is_xml(body: &[u8]) -> bool {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start().starts_with(b"<")
}

/// The JSON that an XML answer stands for; `None` when it cannot be read.
pub(super) fn to_json(body: &[u8], shape: Shape) -> Option<Vec<u8>> {
    let root = parse(std::str::from_utf8(body).ok()?)?;
    if shape != Shape::Number && !root.text.trim().is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(body.len());
    match shape {
        Shape::List => push_items(root.children.iter(), &mut out),
        Shape::Object => push_object(&root, &mut out),
        Shape::Number => out.extend_from_slice(root.text.trim().as_bytes()),
    }
    Some(out)
}

/// Fields whose text is a number in JSON.
const NUMBERS: [&str; 13] = [
    "width",
    "height",
    "left",
    "top",
    "imageCount",
    "trainingTimeInMinutes",
    "reservedBudgetInHours",
    "probability",
    "precision",
    "precisionStdDeviation",
    "recall",
    "recallStdDeviation",
    "averagePrecision",
];
/// Fields whose text is true or false in JSON.
const BOOLEANS: [&str; 4] = ["exportable", "enabled", "useNegativeSet", "drModeEnabled"];
/// Fields that hold a list of objects.
const LISTS: [&str; 4] = ["tags", "regions", "predictions", "perTagPerformance"];
/// Fields that hold a list of texts.
const TEXT_LISTS: [&str; 3] = ["exportablePlatforms", "exportableTo", "targetExportPlatforms"];
/// Fields whose name has a capital inside, so that it can be found in either case.
const CAMEL: [&str; 31] = [
    "resizedImageUri",
    "imageUri",
    "thumbnailUri",
    "originalImageUri",
    "tagId",
    "tagName",
    "regionId",
    "imageCount",
    "domainId",
    "classificationType",
    "lastModified",
    "trainedAt",
    "projectId",
    "publishName",
    "trainingType",
    "drModeEnabled",
    "useNegativeSet",
    "exportablePlatforms",
    "exportableTo",
    "targetExportPlatforms",
    "trainingTimeInMinutes",
    "reservedBudgetInHours",
    "modelInformation",
    "detectionParameters",
    "imageProcessingSettings",
    "boundingBox",
    "tagType",
    "perTagPerformance",
    "precisionStdDeviation",
    "recallStdDeviation",
    "averagePrecision",
];

/// The field's name as JSON has it.
fn field(name: &str) -> String {
    if let Some(known) = CAMEL.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        return (*known).to_owned();
    }
    if name.chars().all(|letter| letter.is_ascii_uppercase()) {
        return name.to_ascii_lowercase();
    }
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn push_items<'a>(items: impl Iterator<Item = &'a Element>, out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_value("", item, out);
    }
    out.push(b']');
}

fn push_object(element: &Element, out: &mut Vec<u8>) {
    // By name, in the order of the first of each.
    let mut fields: Vec<(String, Vec<&Element>)> = Vec::new();
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    for child in &element.children {
        let place = *places.entry(&child.name).or_insert_with(|| {
            fields.push((field(&child.name), Vec::new()));
            fields.len() - 1
        });
        fields[place].1.push(child);
    }
    out.push(b'{');
    for (index, (name, elements)) in fields.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_text(name, out);
        out.push(b':');
        match elements[..] {
            [only] if !is_item(name, only) => push_value(name, only, out),
            _ => push_items(elements.iter().copied(), out),
        }
    }
    out.push(b'}');
}

/// Whether an element that is called like a list is an item of it rather than the list: items stand in an element of
/// their own, or the list's element comes once for each.
fn is_item(name: &str, element: &Element) -> bool {
    let is_leaf = |element: &Element| element.children.is_empty() && !element.text.trim().is_empty();
    (LISTS.contains(&name) && element.children.iter().any(is_leaf)) || (TEXT_LISTS.contains(&name) && is_leaf(element))
}

/// Pairs: elements with a key and a value in them, or elements that are called like the key.
fn push_pairs(element: &Element, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, child) in element.children.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let (key, value) = match child.children.as_slice() {
            [key, value] => (&key.text, &value.text),
            _ => (&child.name, &child.text),
        };
        push_text(key, out);
        out.push(b':');
        push_text(value, out);
    }
    out.push(b'}');
}

fn push_value(name: &str, element: &Element, out: &mut Vec<u8>) {
    let text = element.text.trim();
    if element.is_nil {
        out.extend_from_slice(b"null");
    } else if name == "metadata" {
        push_pairs(element, out);
    } else if LISTS.contains(&name) || TEXT_LISTS.contains(&name) {
        push_items(element.children.iter(), out);
    } else if !element.children.is_empty() {
        push_object(element, out);
    } else if (NUMBERS.contains(&name) && serde_json::from_str::<serde_json::Number>(text).is_ok())
        || (BOOLEANS.contains(&name) && matches!(text, "true" | "false"))
    {
        out.extend_from_slice(text.as_bytes());
    } else {
        push_text(&element.text, out);
    }
}

fn push_text(text: &str, out: &mut Vec<u8>) {
    // Writing a string to a Vec cannot fail.
    let _ = serde_json::to_writer(out, text);
}

/// The root element; `None` when the text is not well formed.
pub(super) fn parse(text: &str) -> Option<Element> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut elements = 0;
    loop {
        let whole = match reader.read_event().ok()? {
            Event::Start(start) => {
                elements += 1;
                if open.len() == MOST_LEVELS || elements > MOST_ELEMENTS {
                    return None;
                }
                open.push(begin(&start)?);
                continue;
            }
            Event::Empty(start) => {
                elements += 1;
                if elements > MOST_ELEMENTS {
                    return None;
                }
                begin(&start)?
            }
            // The reader has compared the names.
            Event::End(_) => open.pop()?,
            Event::Text(text) => {
                push_inside(&mut open, &text.xml10_content().ok()?)?;
                continue;
            }
            Event::CData(text) => {
                open.last_mut()?.text.push_str(&text.decode().ok()?);
                continue;
            }
            Event::GeneralRef(reference) => {
                open.last_mut()?.text.push(referred(&reference)?);
                continue;
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            Event::DocType(_) | Event::Eof => return None,
        };
        match open.last_mut() {
            Some(parent) => parent.children.push(whole),
            None => return Some(whole),
        }
    }
}

/// Text outside of the root may only be space.
fn push_inside(open: &mut [Element], text: &str) -> Option<()> {
    match open.last_mut() {
        Some(inner) => inner.text.push_str(text),
        None if text.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']).is_empty() => {}
        None => return None,
    }
    Some(())
}

fn begin(start: &BytesStart<'_>) -> Option<Element> {
    let name = std::str::from_utf8(start.local_name().into_inner()).ok()?.to_owned();
    let is_true = |value: &[u8]| matches!(value, b"true" | b"1");
    let mut is_nil = false;
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        is_nil |= attribute.key.local_name().as_ref() == b"nil" && is_true(&attribute.value);
    }
    (!name.is_empty()).then(|| Element { name, is_nil, ..Element::default() })
}

/// The character of a reference: a number, or one of the five names.
fn referred(reference: &BytesRef<'_>) -> Option<char> {
    if let Some(letter) = reference.resolve_char_ref().ok()? {
        return Some(letter);
    }
    resolve_xml_entity(&reference.decode().ok()?)?.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{RecordReader, Tag, UriForm, write_image};

    #[test]
    fn a_page_reads_as_the_same_page_in_json() {
        let xml = r#"<?xml version="1.0" encoding="utf-8"?>
            <ArrayOfImage xmlns="http://schemas.example/x" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
              <Image><Created>2020-11-06T17:18:15.6703886</Created><Height>612</Height>
                <Id>9aa8e448-cbfa-437d-9d5b-39a006846d74</Id>
                <Metadata xmlns:a="arrays"><a:KeyValueOfstringstring><a:Key>name</a:Key><a:Value>a &lt;b&gt;</a:Value></a:KeyValueOfstringstring></Metadata>
                <OriginalImageUri>https://h/i-1/o-2?sv=1&amp;sig=s</OriginalImageUri>
                <Regions><ImageRegion><Left>0.295343131</Left><Top>0.25</Top><Width>1E-05</Width><Height>0.4</Height>
                  <RegionId>8ec444b8-03b6-434f-93a2-ce881ef72359</RegionId><TagId>dd176a9a-5557-40f9-b8a3-4146b285d3e3</TagId><TagName>12</TagName></ImageRegion></Regions>
                <Tags><ImageTag><TagId>dd176a9a-5557-40f9-b8a3-4146b285d3e3</TagId><TagName>12</TagName></ImageTag></Tags>
                <ThumbnailUri i:nil="true"/><Width>816</Width></Image>
              <image><id>9aa8e448-cbfa-437d-9d5b-39a006846d75</id><REGIONS/><tags /></image>
            </ArrayOfImage>"#;
        let json = to_json(xml.as_bytes(), Shape::List).expect("well formed");
        let page = RecordReader::new().page(&json).expect("page");
        assert_eq!((page.rows.len(), page.problems.len()), (2, 0));
        let mut out = Vec::new();
        write_image(&page.rows[0], UriForm::Unsigned, &mut out);
        let expected = r#"{"id":"9aa8e448-cbfa-437d-9d5b-39a006846d74","created":"2020-11-06T17:18:15.6703886","width":816,"height":612,"originalImageUri":"https://h/i-1/o-2","tags":[{"tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","tagName":"12"}],"regions":[{"regionId":"8ec444b8-03b6-434f-93a2-ce881ef72359","tagName":"12","tagId":"dd176a9a-5557-40f9-b8a3-4146b285d3e3","left":0.295343131,"top":0.25,"width":1E-05,"height":0.4}],"metadata":{"name":"a <b>"}}"#;
        assert_eq!(String::from_utf8(out).expect("text"), expected);
    }

    #[test]
    fn lists_may_be_repeated_elements() {
        let json = |xml: &str| {
            let json = to_json(xml.as_bytes(), Shape::Object).expect("well formed");
            serde_json::from_slice::<serde_json::Value>(&json).expect("JSON")
        };
        assert_eq!(json("<Image><x>1</x><x>2</x></Image>"), serde_json::json!({"x": ["1", "2"]}));
        let two = json("<Image><tags><tagId>1</tagId></tags><id>7</id><tags><tagId>2</tagId></tags></Image>");
        assert_eq!(two, serde_json::json!({"tags": [{"tagId": "1"}, {"tagId": "2"}], "id": "7"}));
        let one = serde_json::json!({"tags": [{"tagId": "1"}]});
        assert_eq!(json("<Image><tags><tagId>1</tagId></tags></Image>"), one);
        assert_eq!(json("<Image><tags><ImageTag><tagId>1</tagId></ImageTag></tags></Image>"), one);
        let texts = serde_json::json!({"exportableTo": ["ONNX"]});
        assert_eq!(json("<I><exportableTo>ONNX</exportableTo></I>"), texts);
        assert_eq!(json("<I><exportableTo><string>ONNX</string></exportableTo></I>"), texts);
        assert_eq!(json("<I><tags/></I>"), serde_json::json!({"tags": []}));
        assert_eq!(json("<I xmlns:i='x'><tags i:nil='true'/></I>"), serde_json::json!({"tags": null}));
    }

    #[test]
    fn objects_and_numbers_too() {
        let tag = "<tag><ID>879c5031-c23e-4452-8ad0-4f093d5f07d2</ID><Name><![CDATA[<true>]]></Name><Type>Negative</Type><imagecount>7</imagecount></tag>";
        let tag: Tag = serde_json::from_slice(&to_json(tag.as_bytes(), Shape::Object).expect("xml")).expect("tag");
        assert_eq!((tag.name.as_str(), tag.is_negative(), tag.image_count), ("<true>", true, 7));
        assert_eq!(to_json(b"<int xmlns=\"x\">40</int>", Shape::Number).expect("xml"), b"40");
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        let entity = "<!DOCTYPE a [<!ENTITY b 'bb'>]><a>&b;</a>";
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a></A>",
            "<a>&what;</a>",
            "<a>& b</a>",
            "<a>&#0;</a>",
            "<a>&#xD800;</a>",
            "<!DOCTYPE a><a/>",
            entity,
            "<a b='>",
            "text",
            "text<a/>",
            "</a>",
            "<a b=c/>",
            "<>",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(to_json(b"<a>\xFF</a>", Shape::Object), None);
        assert_eq!(parse(&"<a>".repeat(1000)), None);
        let many =
            |count: usize| parse(&format!("<a>{}</a>", "<b/>".repeat(count - 1))).map(|root| root.children.len());
        assert_eq!(many(MOST_ELEMENTS), Some(MOST_ELEMENTS - 1));
        assert_eq!(many(MOST_ELEMENTS + 1), None);
        assert!(parse(&format!("{}x{}", "<a>".repeat(32), "</a>".repeat(32))).is_some());
        assert_eq!(parse(&format!("{}x{}", "<a>".repeat(33), "</a>".repeat(33))), None);
        assert_eq!(parse("<a b='>'>&#x732B;&#65;</a>").expect("xml").text, "猫A");
        let text =
            "\u{feff} <?xml version='1.0'?><!-- <b/> --><a> x &amp;<![CDATA[ <&amp;>]]><!-- - -->&quot;y&apos; </a>";
        assert_eq!(parse(text).expect("xml").text, " x & <&amp;>\"y' ");
        assert_eq!(parse("<x:a xmlns:x='y'><X:B/></x:a>").expect("xml").find("b").expect("child").name, "B");
    }
}

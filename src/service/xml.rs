//! Answers in XML, which the specification allows and nobody has seen: read by local names in either case, namespaces
//! ignored, and turned into the JSON that was asked for, so that there is one reader of rows. Also the blob store's errors.
//!
//! Not a general XML reader: no document types, no entities but the five and numbers. What does not fit is refused.

/// Deeper than any answer.
const MOST_LEVELS: usize = 32;

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

/// What a call answers with.
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
        Shape::List => push_list(&root, &mut out),
        Shape::Object => push_object(&root, &mut out),
        Shape::Number => out.extend_from_slice(root.text.trim().as_bytes()),
    }
    Some(out)
}

/// Fields whose text is a number in JSON.
const NUMBERS: [&str; 7] =
    ["width", "height", "left", "top", "imageCount", "trainingTimeInMinutes", "reservedBudgetInHours"];
/// Fields whose text is true or false in JSON.
const BOOLEANS: [&str; 4] = ["exportable", "enabled", "useNegativeSet", "drModeEnabled"];
/// Fields that hold a list.
const LISTS: [&str; 5] = ["tags", "regions", "exportablePlatforms", "exportableTo", "targetExportPlatforms"];
/// Fields whose name has a capital inside, so that it can be found in either case.
const CAMEL: [&str; 24] = [
    "resizedImageUri",
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

fn push_list(element: &Element, out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, child) in element.children.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_value("", child, out);
    }
    out.push(b']');
}

fn push_object(element: &Element, out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, child) in element.children.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let name = field(&child.name);
        push_text(&name, out);
        out.push(b':');
        push_value(&name, child, out);
    }
    out.push(b'}');
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
    } else if LISTS.contains(&name) {
        push_list(element, out);
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
    let mut rest = text.trim_start_matches('\u{feff}');
    let mut open: Vec<Element> = Vec::new();
    loop {
        let at = rest.find('<')?;
        if let Some(inner) = open.last_mut() {
            unescape(&rest[..at], &mut inner.text)?;
        }
        rest = &rest[at..];
        if let Some(tail) = rest.strip_prefix("<!--") {
            rest = after(tail, "-->")?.1;
        } else if let Some(tail) = rest.strip_prefix("<![CDATA[") {
            let (content, tail) = after(tail, "]]>")?;
            open.last_mut()?.text.push_str(content);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("<?") {
            rest = after(tail, "?>")?.1;
        } else if rest.starts_with("<!") {
            return None;
        } else if let Some(tail) = rest.strip_prefix("</") {
            let (name, tail) = after(tail, ">")?;
            let element = open.pop().filter(|element| element.name == local(name.trim_end()))?;
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => return Some(element),
            }
            rest = tail;
        } else {
            let (tag, tail) = tag_end(&rest[1..])?;
            rest = tail;
            let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let element = begin(tag)?;
            if !is_empty {
                if open.len() == MOST_LEVELS {
                    return None;
                }
                open.push(element);
                continue;
            }
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => return Some(element),
            }
        }
    }
}

fn after<'a>(text: &'a str, end: &str) -> Option<(&'a str, &'a str)> {
    let at = text.find(end)?;
    Some((&text[..at], &text[at + end.len()..]))
}

/// The inside of a tag, and what follows it; a `>` inside of quotes does not end it.
fn tag_end(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return Some((&text[..at], &text[at + 1..])),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

fn begin(tag: &str) -> Option<Element> {
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let name = local(name);
    let is_nil = attributes.split_whitespace().any(|attribute| {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        local(name) == "nil" && value.trim_matches(['"', '\'']) == "true"
    });
    (!name.is_empty()).then(|| Element { name: name.to_owned(), is_nil, ..Element::default() })
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Appends `text` with its entities replaced; `None` when one is not known.
fn unescape(mut text: &str, out: &mut String) -> Option<()> {
    while let Some(at) = text.find('&') {
        out.push_str(&text[..at]);
        let (entity, tail) = after(&text[at + 1..], ";")?;
        out.push(match entity {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => {
                let number = entity.strip_prefix('#')?;
                let code = match number.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                    None => number.parse().ok()?,
                };
                char::from_u32(code)?
            }
        });
        text = tail;
    }
    out.push_str(text);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RecordReader, Tag, UriForm, write_image};

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
    fn objects_and_numbers_too() {
        let tag = "<tag><ID>879c5031-c23e-4452-8ad0-4f093d5f07d2</ID><Name><![CDATA[<true>]]></Name><Type>Negative</Type><imagecount>7</imagecount></tag>";
        let tag: Tag = serde_json::from_slice(&to_json(tag.as_bytes(), Shape::Object).expect("xml")).expect("tag");
        assert_eq!((tag.name.as_str(), tag.is_negative(), tag.image_count), ("<true>", true, 7));
        assert_eq!(to_json(b"<int xmlns=\"x\">40</int>", Shape::Number).expect("xml"), b"40");
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in ["", "<a>", "<a></b>", "<a>&what;</a>", "<!DOCTYPE a><a/>", "<a b='>", "text", "</a>"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"<a>".repeat(1000)), None);
        assert_eq!(parse("<a b='>'>&#x732B;&#65;</a>").expect("xml").text, "猫A");
    }
}

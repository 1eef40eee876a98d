//! One line of the journal: its JSON and its checksum.

mod plain;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::VERSION;
use domain::{
    Blame, Decision, Dispute, FindingKey, ImageId, ProjectId, RegionId, Review, ReviewRow, Statement, Subject, Verdict,
};

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    #[serde(rename = "tagscopeReviews")]
    pub(super) version: u32,
    pub(super) project: ProjectId,
}

/// Every other line.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    n: u64,
    at: i64,
    #[serde(borrow)]
    by: Cow<'a, str>,
    #[serde(borrow)]
    act: ActLine<'a>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ActLine<'a> {
    Decide {
        verdict: Option<Verdict>,
        on: On,
        /// A decision about predictions. Programs that know none take the line for a cleared verdict of nothing, keep it, and
        /// can undo it; an act of its own name would be damage to them.
        #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
        wrong: Option<WrongLine<'a>>,
    },
    Comment {
        #[serde(borrow)]
        text: Cow<'a, str>,
        on: On,
    },
    #[serde(borrow)]
    Import(Vec<RowLine<'a>>),
    #[serde(borrow)]
    Kept(Vec<RowLine<'a>>),
    Dismiss(Cow<'a, [FindingKey]>),
    Restore(Cow<'a, [FindingKey]>),
    KeptDismissed(Cow<'a, [FindingKey]>),
    Undo(u64),
    Redo(u64),
}

/// Who is wrong where a label and a model disagree.
#[derive(Serialize, Deserialize)]
struct WrongLine<'a> {
    who: Option<Blame>,
    about: Cow<'a, [Dispute]>,
}

#[derive(Serialize, Deserialize)]
struct RowLine<'a> {
    on: About,
    #[serde(borrow)]
    by: Cow<'a, str>,
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
}

/// What a line is about.
pub(super) enum On {
    /// As nearly every line: there may be a million, and this needs no vector.
    One([Subject; 1]),
    Many(Vec<Subject>),
}

impl On {
    fn of(subjects: &[Subject]) -> Self {
        match *subjects {
            [one] => Self::One([one]),
            ref many => Self::Many(many.to_vec()),
        }
    }

    pub(super) fn subjects(&self) -> &[Subject] {
        match self {
            Self::One(one) => one,
            Self::Many(many) => many,
        }
    }

    fn into_vec(self) -> Vec<Subject> {
        match self {
            Self::One(one) => one.into(),
            Self::Many(many) => many,
        }
    }
}

impl Serialize for On {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.subjects().iter().copied().map(About))
    }
}

impl<'de> Deserialize<'de> for On {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = On;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of images and regions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<On, A::Error> {
                let Some(About(first)) = list.next_element()? else { return Ok(On::Many(Vec::new())) };
                let Some(About(second)) = list.next_element()? else { return Ok(On::One([first])) };
                let mut many = vec![first, second];
                while let Some(About(subject)) = list.next_element()? {
                    many.push(subject);
                }
                Ok(On::Many(many))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// `IMAGE` or `IMAGE/REGION`, in hex digits without hyphens: there may be a million of them.
struct About(Subject);

impl Serialize for About {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0_u8; 65];
        let (image, rest) = text.split_at_mut(32);
        self.0.image.0.simple().encode_lower(image);
        let length = self.0.region.map_or(32, |region| {
            rest[0] = b'/';
            region.0.simple().encode_lower(&mut rest[1..]);
            65
        });
        serializer.serialize_str(std::str::from_utf8(&text[..length]).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for About {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = About;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an image or a region")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<About, E> {
                let (image, region) =
                    text.split_once('/').map_or((text, None), |(image, region)| (image, Some(region)));
                let id = |text: &str| Uuid::try_parse(text).map_err(|_| E::custom("no id"));
                let region = region.map(id).transpose()?.map(RegionId);
                Ok(About(Subject { image: ImageId(id(image)?), region }))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

pub(super) fn write_head(project: ProjectId, out: &mut Vec<u8>) -> io::Result<()> {
    sealed(&Head { version: VERSION, project }, out)
}

pub(super) fn write(decision: &Decision, out: &mut Vec<u8>) -> io::Result<()> {
    let act = match &decision.statement {
        Statement::Decide { subjects, verdict } => {
            ActLine::Decide { verdict: *verdict, on: On::of(subjects), wrong: None }
        }
        Statement::Blame { disputes, blame } => {
            let wrong = WrongLine { who: *blame, about: Cow::Borrowed(disputes) };
            ActLine::Decide { verdict: None, on: On::Many(Vec::new()), wrong: Some(wrong) }
        }
        Statement::Comment { subjects, text } => ActLine::Comment { text: Cow::Borrowed(text), on: On::of(subjects) },
        Statement::Import(rows) => ActLine::Import(rows.iter().map(row_line).collect()),
        Statement::Kept(rows) => ActLine::Kept(rows.iter().map(row_line).collect()),
        Statement::Dismiss(keys) => ActLine::Dismiss(Cow::Borrowed(keys)),
        Statement::Restore(keys) => ActLine::Restore(Cow::Borrowed(keys)),
        Statement::KeptDismissed(keys) => ActLine::KeptDismissed(Cow::Borrowed(keys)),
        Statement::Undo(of) => ActLine::Undo(*of),
        Statement::Redo(of) => ActLine::Redo(*of),
    };
    let by = Cow::Borrowed(&*decision.by);
    sealed(&Line { n: decision.number, at: decision.at, by, act }, out)
}

fn row_line(row: &ReviewRow) -> RowLine<'_> {
    let (verdict, text) = match &row.review {
        Review::Verdict(verdict) => (Some(*verdict), None),
        Review::Comment(text) => (None, Some(Cow::Borrowed(&**text))),
    };
    RowLine { on: About(row.subject), by: Cow::Borrowed(&row.by), at: row.at, verdict, text }
}

/// The checksum, a space, the JSON, a line feed.
fn sealed(value: &impl Serialize, out: &mut Vec<u8>) -> io::Result<()> {
    let start = out.len();
    out.extend_from_slice(b"00000000 ");
    serde_json::to_writer(&mut *out, value)?;
    let sum = crc32fast::hash(&out[start + 9..]);
    write!(&mut out[start..start + 8], "{sum:08x}")?;
    out.push(b'\n');
    Ok(())
}

/// The JSON of a line without its line feed; `None` when the checksum is another one.
pub(super) fn unsealed(line: &[u8]) -> Option<&[u8]> {
    let (sum, rest) = line.split_at_checked(8)?;
    let json = rest.strip_prefix(b" ")?;
    let is_lower = sum.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok().filter(|_| is_lower)?, 16).ok()?;
    (crc32fast::hash(json) == sum).then_some(json)
}

/// The names met last, so that a million lines share them.
#[derive(Default)]
pub(super) struct Names(Vec<Arc<str>>);

impl Names {
    pub(super) fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.iter().find(|known| &***known == name) {
            return Arc::clone(known);
        }
        if self.0.len() >= 64 {
            self.0.clear();
        }
        let fresh: Arc<str> = name.into();
        self.0.push(Arc::clone(&fresh));
        fresh
    }
}

/// What a line says.
pub(super) enum Parsed<'a> {
    /// A verdict: nearly all lines do, so it is kept in parts.
    Verdict { number: u64, at: i64, by: Cow<'a, str>, on: On, verdict: Option<Verdict> },
    /// Anything else.
    Other(Decision),
}

pub(super) fn read<'a>(json: &'a [u8], names: &mut Names) -> Result<Parsed<'a>, serde_json::Error> {
    if let Some(verdict) = plain::verdict(json) {
        return Ok(verdict);
    }
    let Line { n: number, at, by, act } = serde_json::from_slice(json)?;
    let act = match act {
        ActLine::Decide { wrong: Some(WrongLine { who, about }), .. } => {
            Statement::Blame { disputes: about.into_owned(), blame: who }
        }
        ActLine::Decide { verdict, on, wrong: None } => {
            return Ok(Parsed::Verdict { number, at, by, on, verdict });
        }
        ActLine::Comment { text, on } => Statement::Comment { subjects: on.into_vec(), text: text.into() },
        ActLine::Import(rows) => Statement::Import(read_rows(rows, names)?),
        ActLine::Kept(rows) => Statement::Kept(read_rows(rows, names)?),
        ActLine::Dismiss(keys) => Statement::Dismiss(keys.into_owned()),
        ActLine::Restore(keys) => Statement::Restore(keys.into_owned()),
        ActLine::KeptDismissed(keys) => Statement::KeptDismissed(keys.into_owned()),
        ActLine::Undo(of) => Statement::Undo(of),
        ActLine::Redo(of) => Statement::Redo(of),
    };
    Ok(Parsed::Other(Decision { number, at, by: names.get(&by), statement: act }))
}

fn read_rows(rows: Vec<RowLine<'_>>, names: &mut Names) -> Result<Vec<ReviewRow>, serde_json::Error> {
    let row = |row: RowLine<'_>| {
        let review = match (row.verdict, row.text) {
            (Some(verdict), None) => Review::Verdict(verdict),
            (None, Some(text)) => Review::Comment(text.into()),
            _ => return Err(serde_json::Error::custom("neither a verdict nor a comment, or both")),
        };
        Ok(ReviewRow { subject: row.on.0, by: names.get(&row.by), at: row.at, review })
    };
    rows.into_iter().map(row).collect()
}

//! The JSON shapes of an image row. Every field may be absent or null; unknown fields are passed over.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::ids::{ImageId, RegionId, TagId};

/// A string that borrows from the body where it has no escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// An image whose fields are all of the types that the service sends. What does not fit is read field by field, in
/// [`partial`](super::partial).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireImage<'a> {
    pub id: ImageId,
    #[serde(borrow, default)]
    pub created: Option<Text<'a>>,
    #[serde(default)]
    pub width: Option<f64>,
    #[serde(default)]
    pub height: Option<f64>,
    #[serde(borrow, default)]
    pub resized_image_uri: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub thumbnail_uri: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub original_image_uri: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub tags: Option<Vec<WireTagMark<'a>>>,
    #[serde(borrow, default)]
    pub regions: Option<Vec<WireRegion<'a>>>,
    #[serde(borrow, default)]
    pub metadata: Option<Pairs<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireTagMark<'a> {
    pub tag_id: TagId,
    #[serde(borrow, default)]
    pub tag_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub created: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireRegion<'a> {
    pub region_id: RegionId,
    pub tag_id: TagId,
    #[serde(borrow, default)]
    pub tag_name: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub created: Option<Text<'a>>,
    #[serde(borrow)]
    pub left: &'a RawValue,
    #[serde(borrow)]
    pub top: &'a RawValue,
    #[serde(borrow)]
    pub width: &'a RawValue,
    #[serde(borrow)]
    pub height: &'a RawValue,
}

/// Only the id of a row that could not be read otherwise.
#[derive(Deserialize)]
pub(super) struct WireId {
    pub id: ImageId,
}

/// The fields of an object as they came, in their order.
pub(super) struct Fields<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    fields.push((name.0, value));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// The metadata object as pairs in its own order; a null value is an empty text.
pub(super) struct Pairs<'a>(pub Vec<(Text<'a>, Option<Text<'a>>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        members(deserializer, "an object of texts").map(Pairs)
    }
}

/// The members of an object in their order, a name as often as it is there.
///
/// # Errors
/// When it is no object, or a member is of another type; `expected` is what is missed then.
pub fn members<'de, D: serde::Deserializer<'de>, K: Deserialize<'de>, V: Deserialize<'de>>(
    deserializer: D,
    expected: &'static str,
) -> Result<Vec<(K, V)>, D::Error> {
    struct Members<K, V>(&'static str, std::marker::PhantomData<(K, V)>);
    impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> serde::de::Visitor<'de> for Members<K, V> {
        type Value = Vec<(K, V)>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    deserializer.deserialize_map(Members(expected, std::marker::PhantomData))
}

/// Forty times what a call may ask for: an answer of nothing but `0,0,0` costs far more memory than its text.
pub(super) const MOST_ROWS: usize = 10_000;

/// A list of at most [`MOST_ROWS`].
pub(crate) struct Rows<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Rows<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = Rows<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut rows = Vec::new();
                while let Some(row) = list.next_element()? {
                    if rows.len() == MOST_ROWS {
                        let words = format_args!("it has more than {MOST_ROWS} rows");
                        return Err(serde::de::Error::custom(words));
                    }
                    rows.push(row);
                }
                Ok(Rows(rows))
            }
        }
        deserializer.deserialize_seq(Visitor(std::marker::PhantomData))
    }
}

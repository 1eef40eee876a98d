//! The head of a dataset in the wild: of all that may be there, the description.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The description in `info`, whatever else that is: it is passed over, not kept.
pub(super) struct Info(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Info {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Of each kind of value that JSON has.
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Info;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Info, A::Error> {
                let mut description = None;
                while let Some(key) = map.next_key::<String>()? {
                    if key == "description" {
                        description = map.next_value::<Value>()?.as_str().map(|text| text.trim().to_owned());
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Info(description.filter(|text| !text.is_empty())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Info, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Info(None))
            }

            fn visit_unit<E>(self) -> Result<Info, E> {
                Ok(Info(None))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Info, E> {
                Ok(Info(None))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Info, E> {
                Ok(Info(None))
            }

            fn visit_u64<E>(self, _: u64) -> Result<Info, E> {
                Ok(Info(None))
            }

            fn visit_f64<E>(self, _: f64) -> Result<Info, E> {
                Ok(Info(None))
            }

            fn visit_str<E>(self, _: &str) -> Result<Info, E> {
                Ok(Info(None))
            }
        }
        deserializer.deserialize_any(Words)
    }
}

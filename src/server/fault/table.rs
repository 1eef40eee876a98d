//! The list of faults: name, values, meaning, and how a value is read. Help, errors and documents come from here.

use std::fmt::Write as _;
use std::num::NonZeroU64;
use std::time::Duration;

use super::{BusySays, Every, FaultError, Faults, HostilePicture, XmlForm};
use crate::signature::Relative;

/// A fault as it is switched on: `NAME=VALUE`.
#[derive(Debug)]
pub struct FaultName {
    pub name: &'static str,
    pub value: &'static str,
    pub does: &'static str,
    set: fn(&mut Faults, &str) -> Option<()>,
}

const N: &str = "N";

pub const FAULTS: &[FaultName] = &[
    fault("latency", "MILLISECONDS", "delay of every response", |faults, value| {
        faults.latency = Duration::from_millis(value.parse().ok().filter(|wait| *wait <= 600_000)?);
        Some(())
    }),
    fault("calls-a-second", N, "calls above N per second get 429", |faults, value| {
        number(value, &mut faults.calls_a_second)
    }),
    fault("busy-every", N, "every Nth call gets 429", |faults, value| every(value, &mut faults.busy_every)),
    fault(
        "busy-says",
        "nothing|seconds:N|date:N|words:N",
        "how a 429 gives the waiting time: Retry-After in seconds or as a date, or only in its text",
        |faults, value| {
            faults.busy_says = match value.split_once(':') {
                None if value == "nothing" => BusySays::Nothing,
                Some(("seconds", seconds)) => BusySays::Seconds(seconds.parse().ok()?),
                Some(("date", seconds)) => BusySays::Date(seconds.parse().ok().filter(|wait| *wait < 1 << 32)?),
                Some(("words", seconds)) => BusySays::Words(seconds.parse().ok()?),
                _ => return None,
            };
            Some(())
        },
    ),
    fault("fail-every", N, "every Nth call gets a status of 500 or above", |faults, value| {
        every(value, &mut faults.fail_every)
    }),
    fault("fail-status", "500..599", "that status; default 500", |faults, value| {
        faults.fail_status = value.parse().ok().filter(|status| (500..600).contains(status))?;
        Some(())
    }),
    fault("redirect-every", N, "every Nth call is redirected to another origin", |faults, value| {
        every(value, &mut faults.redirect_every)
    }),
    fault("page-every", N, "every Nth call gets status 200 and a proxy's web page", |faults, value| {
        every(value, &mut faults.page_every)
    }),
    fault("bad-json-every", N, "the JSON of every Nth call is broken in the middle", |faults, value| {
        every(value, &mut faults.bad_json_every)
    }),
    fault(
        "cut-every",
        N,
        "the connection of every Nth call closes halfway, although the full length was announced",
        |faults, value| every(value, &mut faults.cut_every),
    ),
    fault("short-every", N, "every Nth call announces and sends only half of its body", |faults, value| {
        every(value, &mut faults.short_every)
    }),
    fault("bytes-a-second", N, "speed of the service's responses", |faults, value| {
        number(value, &mut faults.bytes_a_second)
    }),
    fault("xml", "wrapped|repeated", "responses are XML; lists are in an element, or repeat the same element", {
        |faults, value| {
            faults.xml = Some(match value {
                "wrapped" => XmlForm::Wrapped,
                "repeated" => XmlForm::Repeated,
                _ => return None,
            });
            Some(())
        }
    }),
    fault("nulls", "off|on", "fields that would be absent are null", |faults, value| {
        switch(value, &mut faults.has_nulls)
    }),
    fault("unknown", "off|on", "unknown fields and enumeration values", |faults, value| {
        switch(value, &mut faults.has_unknown)
    }),
    fault("add-every", N, "after every Nth page an image is added at the newest end (a tenth is held back)", {
        |faults, value| every(value, &mut faults.add_every)
    }),
    fault("delete-every", N, "after every Nth page the newest image is deleted (a tenth at most)", |faults, value| {
        every(value, &mut faults.delete_every)
    }),
    fault("ties", "kept|shuffled", "rows with the same date change their order at each call", |faults, value| {
        faults.are_ties_shuffled = match value {
            "kept" => false,
            "shuffled" => true,
            _ => return None,
        };
        Some(())
    }),
    fault("relative", "none|all|mixed", "which picture URLs are relative", |faults, value| {
        faults.relative = match value {
            "none" => Relative::None,
            "all" => Relative::All,
            "mixed" => Relative::Mixed,
            _ => return None,
        };
        Some(())
    }),
    fault("signature-seconds", "SECONDS", "lifetime of signed URLs; fractions are allowed", {
        |faults, value| {
            let seconds = value.parse().ok().filter(|seconds: &f64| *seconds <= 1e9)?;
            faults.signature_lifetime = Some(Duration::try_from_secs_f64(seconds).ok()?);
            Some(())
        }
    }),
    fault("redirect-blobs-every", N, "every Nth picture is redirected to another origin", |faults, value| {
        every(value, &mut faults.redirect_blobs_every)
    }),
    fault("missing-every", N, "every Nth picture is missing", |faults, value| every(value, &mut faults.missing_every)),
    fault("cut-blobs-every", N, "the connection of every Nth picture closes halfway", |faults, value| {
        every(value, &mut faults.cut_blobs_every)
    }),
    fault("short-blobs-every", N, "every Nth picture announces and sends only half of its data", |faults, value| {
        every(value, &mut faults.short_blobs_every)
    }),
    fault("blob-bytes-a-second", N, "speed of the pictures", |faults, value| {
        number(value, &mut faults.blob_bytes_a_second)
    }),
    fault(
        "picture",
        "huge-png|huge-gif|endless-chunk|endless|text|empty|truncated",
        "what is sent instead of pictures",
        |faults, value| {
            faults.picture = Some(HostilePicture::named(value)?);
            Some(())
        },
    ),
    fault("picture-every", N, "which pictures: every Nth; default all", |faults, value| {
        every(value, &mut faults.picture_every)
    }),
];

const fn fault(
    name: &'static str,
    value: &'static str,
    does: &'static str,
    set: fn(&mut Faults, &str) -> Option<()>,
) -> FaultName {
    FaultName { name, value, does, set }
}

fn every(value: &str, every: &mut Every) -> Option<()> {
    *every = Every(Some(value.parse().ok()?));
    Some(())
}

fn number(value: &str, number: &mut Option<NonZeroU64>) -> Option<()> {
    *number = Some(value.parse().ok()?);
    Some(())
}

fn switch(value: &str, is_on: &mut bool) -> Option<()> {
    *is_on = match value {
        "on" => true,
        "off" => false,
        _ => return None,
    };
    Some(())
}

pub(super) fn list() -> String {
    let mut text = String::new();
    for fault in FAULTS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {}={}: {}", fault.name, fault.value, fault.does);
    }
    text.truncate(text.trim_end().len());
    text
}

impl Faults {
    /// Switches one fault on, as it is typed: `NAME=VALUE`.
    ///
    /// # Errors
    /// When there is no such fault, or it takes other values; the message lists all.
    pub fn set(&mut self, assignment: &str) -> Result<(), FaultError> {
        let unknown = || FaultError::Unknown(assignment.to_owned());
        let (name, value) = assignment.split_once('=').ok_or_else(unknown)?;
        let fault = FAULTS.iter().find(|fault| fault.name == name).ok_or_else(unknown)?;
        (fault.set)(self, value).ok_or_else(|| FaultError::Value {
            name: fault.name,
            expected: fault.value,
            value: value.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value that the fault takes, from its own words.
    fn example(fault: &FaultName) -> String {
        match fault.value {
            "N" | "MILLISECONDS" | "SECONDS" => "7".to_owned(),
            "500..599" => "503".to_owned(),
            choices => choices.split('|').next_back().unwrap_or_default().replace('N', "7"),
        }
    }

    #[test]
    fn every_fault_is_named_once_changes_something_and_refuses_nonsense() {
        for (index, fault) in FAULTS.iter().enumerate() {
            assert!(FAULTS[..index].iter().all(|other| other.name != fault.name), "{} twice", fault.name);
            let assignment = format!("{}={}", fault.name, example(fault));
            let faults = Faults::parse([&assignment]).unwrap_or_else(|error| panic!("{assignment}: {error}"));
            assert_ne!(faults, Faults::default(), "{assignment} changes nothing");
            for nonsense in ["", "0x", "-1", "NaN", "1e99", "maybe"] {
                let error = Faults::parse([format!("{}={nonsense}", fault.name)]).expect_err(fault.name);
                assert!(matches!(&error, FaultError::Value { name, .. } if *name == fault.name), "{error}");
            }
        }
    }

    #[test]
    fn an_unknown_name_lists_them_all() {
        for unknown in ["flood=3", "busy-every", "", "BUSY-EVERY=3"] {
            let words = Faults::parse([unknown]).expect_err("unknown").to_string();
            assert!(FAULTS.iter().all(|fault| words.contains(&format!("  {}=", fault.name))), "{words}");
        }
        assert!(Faults::parse(["busy-every=0"]).is_err());
        let faults = Faults::parse(["signature-seconds=0.25", "busy-says=date:2"]).expect("faults");
        assert_eq!(faults.signature_lifetime, Some(Duration::from_millis(250)));
        assert_eq!(faults.busy_says, BusySays::Date(2));
    }
}

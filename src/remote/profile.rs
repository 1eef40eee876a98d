//! The profiles of Amazon's tools: `~/.aws/credentials` and `~/.aws/config`, which the library does not read.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a profile says. No `Debug`: it holds a secret.
#[derive(Default)]
pub(super) struct Profile {
    fields: BTreeMap<String, String>,
}

impl Profile {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// How this profile gets its credentials, when that is by a way that is not supported here.
    pub(super) fn other_way(&self) -> Option<&'static str> {
        let has = |start: &str| self.fields.keys().any(|name| name.starts_with(start));
        if has("sso_") {
            Some("signing in with a browser (SSO)")
        } else if has("credential_process") {
            Some("a program (credential_process)")
        } else if has("role_arn") {
            Some("taking on a role (role_arn)")
        } else {
            None
        }
    }
}

/// The profile that the environment names, else `default`; `None` when there is no such profile and none was named.
/// Fails when the named profile is not there or a file cannot be read: a sentence without a full stop.
pub(super) fn find(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Profile>, String> {
    let file = |name: &str, default: &str| match variable(name) {
        Some(path) => Some(PathBuf::from(path)),
        None => std::env::home_dir().map(|home| home.join(".aws").join(default)),
    };
    let read = |path: Option<PathBuf>| match path.map(std::fs::read_to_string) {
        Some(Ok(text)) => Ok(text),
        Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("a file of Amazon's tools cannot be read: {error}"))
        }
        _ => Ok(String::new()),
    };
    let credentials = read(file("AWS_SHARED_CREDENTIALS_FILE", "credentials"))?;
    let config = read(file("AWS_CONFIG_FILE", "config"))?;
    let named = variable("AWS_PROFILE").or_else(|| variable("AWS_DEFAULT_PROFILE"));
    let name = named.as_deref().unwrap_or("default");
    match of(name, &credentials, &config) {
        None if named.is_some() => {
            Err(format!("AWS_PROFILE is \u{201c}{name}\u{201d}, and there is no such profile in ~/.aws"))
        }
        found => Ok(found),
    }
}

/// A profile of the two files; where both have a field, the file of credentials counts.
fn of(name: &str, credentials: &str, config: &str) -> Option<Profile> {
    let mut fields = BTreeMap::new();
    let in_config = if name == "default" { "default".to_owned() } else { format!("profile {name}") };
    let is_there = [section(config, &in_config, &mut fields), section(credentials, name, &mut fields)];
    is_there.contains(&true).then_some(Profile { fields })
}

/// Reads the fields of a section; whether there is one. Indented lines belong to the field before and are not needed.
fn section(text: &str, name: &str, fields: &mut BTreeMap<String, String>) -> bool {
    let (mut is_inside, mut is_there) = (false, false);
    for line in text.lines() {
        let is_indented = line.starts_with([' ', '\t']);
        let line = line.trim();
        if let Some(title) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
            is_inside = title.replace(['"', '\''], "") == name;
            is_there |= is_inside;
        } else if is_inside
            && !is_indented
            && !line.starts_with(['#', ';'])
            && let Some((field, value)) = line.split_once('=')
        {
            fields.insert(field.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    is_there
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "[default]\naws_access_key_id = AKID\naws_secret_access_key=a+b/c=\n# [lab]\n\n[lab]\n\
                               aws_access_key_id = LAB\n";
    const CONFIG: &str = "[default]\nregion = eu-west-1\ns3 =\n  max_concurrent_requests = 20\n[profile lab]\n\
                          region=eu-north-1\naws_access_key_id = OLD\n[profile \"by sso\"]\nsso_session = x\n\
                          [sso-session x]\nsso_region = y\n";

    #[test]
    fn a_profile_is_read_from_both_files() {
        let default = of("default", CREDENTIALS, CONFIG).expect("profile");
        assert_eq!(default.get("aws_access_key_id"), Some("AKID"));
        assert_eq!(default.get("aws_secret_access_key"), Some("a+b/c="));
        assert_eq!((default.get("region"), default.get("s3")), (Some("eu-west-1"), None));
        assert!(default.get("max_concurrent_requests").is_none() && default.other_way().is_none());
        let lab = of("lab", CREDENTIALS, CONFIG).expect("profile");
        assert_eq!((lab.get("aws_access_key_id"), lab.get("region")), (Some("LAB"), Some("eu-north-1")));
        assert!(of("by sso", CREDENTIALS, CONFIG).expect("profile").other_way().expect("way").contains("SSO"));
        assert!(of("other", CREDENTIALS, CONFIG).is_none());
    }

    #[test]
    fn a_named_profile_must_be_there() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("credentials"), CREDENTIALS).expect("file");
        let variable = |profile: Option<&'static str>| {
            let folder = folder.path().to_owned();
            move |name: &str| match name {
                "AWS_SHARED_CREDENTIALS_FILE" => Some(folder.join("credentials").display().to_string()),
                "AWS_CONFIG_FILE" => Some(folder.join("none").display().to_string()),
                "AWS_PROFILE" => profile.map(str::to_owned),
                _ => None,
            }
        };
        let found = find(variable(Some("lab"))).ok().flatten().expect("profile");
        assert_eq!(found.get("aws_access_key_id"), Some("LAB"));
        assert!(find(variable(None)).is_ok_and(|found| found.is_some()));
        let Err(error) = find(variable(Some("lost"))) else { panic!("found") };
        assert!(error.contains("lost"), "{error}");
    }
}

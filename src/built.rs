//! What this program was built from, for `--version`, `tagscope doctor` and crash reports.

use std::sync::LazyLock;

/// The version of the package.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit: from `TAGSCOPE_COMMIT` of the build, else from the file that `git archive` fills in. `None` in a build
/// from a working copy, where a commit would have everything built again and could still be wrong.
pub(crate) fn commit() -> Option<&'static str> {
    let archived = include_str!("../assets/commit.txt");
    [option_env!("TAGSCOPE_COMMIT").unwrap_or_default(), archived].into_iter().find_map(as_commit)
}

/// What the program can do on this system, by the names that a bug report needs.
pub(crate) const FEATURES: &[&str] = if cfg!(target_os = "windows") {
    &["glow", "wgpu", "win32", "credential-manager"]
} else if cfg!(target_os = "macos") {
    &["glow", "wgpu", "cocoa", "keychain"]
} else {
    &["glow", "wgpu", "wayland", "x11", "secret-service"]
};

/// The processor and the system that it was built for, such as `x86_64-linux`.
pub(crate) fn target() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

/// What `--version` prints behind the name of the program; `-V` prints the first line alone.
pub(crate) fn long_version() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| text(commit()));
    &TEXT
}

fn text(commit: Option<&str>) -> String {
    let commit = commit.unwrap_or("not recorded");
    format!("{VERSION}\ncommit: {commit}\ntarget: {}\nfeatures: {}", target(), FEATURES.join(" "))
}

/// The first word if it is a whole commit id.
fn as_commit(text: &str) -> Option<&str> {
    let text = text.split_whitespace().next()?;
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex && (40..=64).contains(&text.len())).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_commit_id_is_believed() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(as_commit(&format!("{id} 1790000000\n")), Some(id));
        for other in ["", "unknown", "$Format:%H %ct$", "0123456", &id.replace('0', "g")] {
            assert_eq!(as_commit(other), None, "{other}");
        }
    }

    #[test]
    fn a_build_without_a_commit_says_so() {
        let of = |commit| text(commit).lines().nth(1).map(str::to_owned);
        assert_eq!(of(None).as_deref(), Some("commit: not recorded"));
        assert_eq!(of(Some("abc")).as_deref(), Some("commit: abc"));
    }
}

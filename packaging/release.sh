#!/usr/bin/env bash
# Makes everything of a release that can be made on Debian: the packages for Linux and Windows, the lists of what is in
# them (SBOM), and SHA256SUMS. The workflow .github/workflows/release.yml does the rest; see docs/releasing.md.
#   packaging/release.sh                 all of it, into target/packages
#   packaging/release.sh version 1.2.3   fails unless the sources are those of version 1.2.3
#   packaging/release.sh notes           what the change log says of the newest version
#   packaging/release.sh list FOLDER     writes SHA256SUMS there and prints sizes and checksums
#   packaging/release.sh compare         builds the same commit twice, in two folders, and compares the programs
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/build.sh

# release_version VERSION
release_version() {
    local newest
    newest=$(sed -n 's/.*<release version="\([^"]*\)".*/\1/p' assets/tagscope.metainfo.xml | head -1)
    [ "$version" = "$1" ] || { echo "Cargo.toml has version $version, not $1." >&2; return 1; }
    [ "$newest" = "$1" ] || { echo "The newest release in assets/tagscope.metainfo.xml is $newest, not $1." >&2; return 1; }
    grep -qF "## [$1]" CHANGELOG.md || { echo "CHANGELOG.md has no section \"## [$1]\"." >&2; return 1; }
}

# list FOLDER
list() {
    (
        cd "$1"
        find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >SHA256SUMS
        while read -r sum name; do
            printf '%8.1f MB  %s  %s\n' "$(stat -c %s "$name" | awk '{ printf "%.1f", $1 / 1e6 }')" "$sum" "$name"
        done <SHA256SUMS
    )
}

# compare: the same commit in two folders with different names.
compare() {
    local work commit place difference
    commit=$(git rev-parse HEAD)
    work=$(mktemp -d)
    for place in one another-place; do
        git worktree add --quiet --detach "$work/$place" "$commit"
        (
            cd "$work/$place"
            release_facts
            release_flags "$work/$place/target"
            cargo build --release --locked --quiet --bin tagscope
        )
    done
    difference=$(cmp "$work/one/target/release/tagscope" "$work/another-place/target/release/tagscope" 2>&1) || true
    sha256sum "$work"/*/target/release/tagscope
    for place in one another-place; do git worktree remove --force "$work/$place"; done
    rm -rf "$work"
    [ -z "$difference" ] || { echo "The two differ: $difference" >&2; return 1; }
    echo "Two builds of $commit in two folders are the same, byte for byte."
}

release_facts
case ${1:-all} in
    all)
        [ -n "$TAGSCOPE_COMMIT" ] || echo "Note: the working copy has changes, so the programs name no commit." >&2
        rm -rf target/packages
        packaging/linux.sh
        packaging/windows.sh package
        packaging/dependencies.py sbom >"target/packages/tagscope-$version-linux-x86_64.cdx.json"
        packaging/dependencies.py sbom --target x86_64-pc-windows-gnu >"target/packages/Tagscope-$version-windows-x86_64.cdx.json"
        list target/packages
        ;;
    version) release_version "$2" ;;
    notes) awk '/^## / { if (seen++) exit; next } seen' CHANGELOG.md ;;
    list) list "$2" ;;
    compare) compare ;;
    *) sed -n '4,9s/^# *//p' "$0" >&2; exit 2 ;;
esac

#!/usr/bin/env bash
# Flatpak: writes packaging/flatpak/cargo-sources.json from Cargo.lock, checks the manifest, and builds it where the
# runtimes are installed (flatpak install flathub org.freedesktop.{Platform,Sdk}//25.08).
#   packaging/flatpak.sh [check]     without building
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
need "Flatpak" flatpak-builder python3
install_needed
manifest=packaging/flatpak/io.github.tagscope.yml
packaging/dependencies.py flatpak >packaging/flatpak/cargo-sources.json
# It reads the manifest with its sources and says what it understood.
flatpak-builder --show-manifest "$manifest" >/dev/null
echo "The manifest is readable, with $(grep -c '"archive"' packaging/flatpak/cargo-sources.json) crates as sources."
# No folder and no bus as a whole: the portal opens what the person chooses.
if grep -nE -e '--filesystem|--socket=(session|system)-bus|--device=all' "$manifest"; then
    echo "The manifest asks for more than the portals need." >&2
    exit 1
fi
[ "${1:-}" = check ] && exit
mkdir -p target/packages
flatpak-builder --force-clean --repo=target/flatpak-repo target/flatpak "$manifest"
flatpak build-bundle target/flatpak-repo target/packages/tagscope.flatpak io.github.tagscope

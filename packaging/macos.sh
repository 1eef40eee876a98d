#!/usr/bin/env bash
# Makes Tagscope.app and a disk image in target/packages. Runs on macOS alone; the release workflow calls it.
# The program runs on Apple's processors and on Intel's. It is signed ad hoc, not notarized: see docs/releasing.md.
#   packaging/macos.sh            builds and packs
#   packaging/macos.sh bundle FOLDER PROGRAM    only puts the bundle together, anywhere
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/build.sh

# bundle FOLDER PROGRAM: FOLDER/Tagscope.app
bundle() {
    local contents=$1/Tagscope.app/Contents
    rm -rf "$1/Tagscope.app"
    mkdir -p "$contents/MacOS" "$contents/Resources"
    cp "$2" "$contents/MacOS/tagscope"
    chmod 755 "$contents/MacOS/tagscope"
    cp assets/icons/tagscope.icns "$contents/Resources/"
    cp LICENSE-MIT LICENSE-APACHE "$contents/Resources/"
    python3 packaging/dependencies.py licenses --target aarch64-apple-darwin >"$contents/Resources/third-party-licenses.txt"
    sed "s/@VERSION@/$version/g" packaging/macos/Info.plist >"$contents/Info.plist"
    printf 'APPL????' >"$contents/PkgInfo"
}

release_facts
if [ "${1:-}" = bundle ]; then
    bundle "$2" "$3"
    exit
fi
[ "$(uname -s)" = Darwin ] || { echo "macOS is needed for this: Apple's linker and lipo." >&2; exit 1; }
folder=$PWD/target
release_flags "$folder"
need_auditable
export MACOSX_DEPLOYMENT_TARGET=11.0
for target in aarch64-apple-darwin x86_64-apple-darwin; do
    cargo auditable build --release --locked --bin tagscope --target "$target"
done
out=$folder/packages
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$out"
lipo -create -output "$stage/tagscope" "$folder"/{aarch64,x86_64}-apple-darwin/release/tagscope
bundle "$stage" "$stage/tagscope"
rm "$stage/tagscope"
# Apple's processors run nothing that is not signed.
codesign --force --deep --sign - "$stage/Tagscope.app"
codesign --verify --strict "$stage/Tagscope.app"
"$stage/Tagscope.app/Contents/MacOS/tagscope" --version
ln -s /Applications "$stage/Applications"
hdiutil create -quiet -volname Tagscope -srcfolder "$stage" -format UDZO "$out/Tagscope-$version-macos-universal.dmg"
echo "$out/Tagscope-$version-macos-universal.dmg"

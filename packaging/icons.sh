#!/usr/bin/env bash
# Draws assets/icons/ from assets/tagscope.svg: PNG for Linux, tagscope.ico for Windows, tagscope.icns for macOS.
# The results are committed, so that a build needs none of these tools. Run it when the SVG has changed.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
need "icons" librsvg2-bin icoutils icnsutils
install_needed

out=assets/icons
mkdir -p "$out"
draw() { rsvg-convert --width "$1" --height "$1" assets/tagscope.svg --output "$2"; }
for size in 16 24 32 48 64 128 256 512; do draw "$size" "$out/$size.png"; done
# Windows takes the large one as PNG, the others as bitmaps.
icotool --create --output "$out/tagscope.ico" "$out"/{16,24,32,48,64}.png --raw="$out/256.png"
png2icns "$out/tagscope.icns" "$out"/{16,32,48,128,256,512}.png >/dev/null

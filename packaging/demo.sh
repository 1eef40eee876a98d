#!/usr/bin/env bash
# Builds Tagscope and opens its sample project: no account needed.
# Without a display it runs in a virtual one and says where the screenshot is.
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh

has_display() { [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; }

need_rust
need_window
if ! has_display; then
    need "a virtual display, because this computer has none" xvfb
    need "a screenshot of the window" imagemagick x11-utils
fi
install_needed

echo "Building Tagscope (the first time takes several minutes)..."
cargo build --release --locked --quiet
if has_display; then
    exec target/release/tagscope demo
fi

picture=target/demo.png
. packaging/window.sh
trap 'kill "${program:-}" 2>/dev/null || true; close_display' EXIT
open_display 1280x800
target/release/tagscope demo &
program=$!
wait_for_window "$program" "Tagscope"
sleep 4
import -window root "$picture"
echo "There is no display, so Tagscope ran in a virtual one. Screenshot: $PWD/$picture"

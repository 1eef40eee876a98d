#!/usr/bin/env bash
# Takes the pictures of README from the real program on its own sample project: assets/screenshots/*.png
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
. packaging/window.sh

need_rust
need_window
need "the screenshots" xvfb xdotool imagemagick x11-utils
install_needed

cargo build --release --locked --quiet
work=$(mktemp -d)
# The pictures show the end of this name.
home=$work/pictures
mkdir "$home"
export TAGSCOPE_HOME=$home
mkdir -p assets/screenshots
trap 'kill "${program:-}" 2>/dev/null || true; close_display; rm -rf "$work"' EXIT
open_display 1280x800
HOME=$home target/release/tagscope demo 2>/dev/null &
program=$!
wait_for_window "$program" "Tagscope"
sleep 6

shot() { sleep 2; import -window root -strip "assets/screenshots/$1.png"; }
xdotool search --name Tagscope windowfocus mousemove 620 300 click 1
xdotool mousemove 300 600
shot grid
xdotool key Right key Return
sleep 2
xdotool key Tab key Tab
shot canvas
xdotool key Escape key Escape key ctrl+2
sleep 4
xdotool key Right key Right key a
shot regions
xdotool key ctrl+3
xdotool mousemove 700 200
shot statistics
# What has changed since the first iteration, by the palette.
xdotool key Escape key ctrl+k
sleep 1
xdotool type "compare with"
xdotool key Return
sleep 1
xdotool mousemove 420 475 click 1 mousemove 640 780
sleep 3
shot changes
# What an iteration predicts, compared with the labels.
xdotool key Escape key ctrl+k
sleep 1
xdotool type "predictions"
xdotool key Return
sleep 1
xdotool mousemove 420 459 click 1
sleep 4
xdotool key Escape key ctrl+4
xdotool mousemove 640 780
shot evaluation
xdotool key ctrl+1 key ctrl+e
sleep 1
# All images.
xdotool mousemove 488 153 click 1
xdotool mousemove 640 780
shot export
# A real export, of COCO and the originals. Its report comes up by itself.
xdotool mousemove 932 729 click 1
for _ in $(seq 60); do
    [ -e "$home/sample-shelves-export/REPORT.md" ] && break
    sleep 1
done
shot report

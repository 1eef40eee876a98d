#!/usr/bin/env bash
# The debug program in a real window under Xvfb: the sample project opens, an image opens on the canvas by the keyboard,
# it goes back, and the program ends by its own key within two seconds. Pictures: target/window-run-*.png
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/window.sh

# As the tests build it: `cargo build` would build the dependencies once more, without the features of the tests.
cargo test --locked --quiet --no-run --test it
home=$(mktemp -d)
export TAGSCOPE_HOME=$home
trap 'kill "${program:-}" 2>/dev/null || true; close_display; rm -rf "$home"' EXIT
open_display 1280x800
target/debug/tagscope demo &
program=$!
wait_for_window "$program" "Tagscope"

shot() { import -window root "target/window-run-$1.png"; }
# colors FILE: how many the picture has; an empty window has a handful, photographs have thousands.
colors() { identify -format '%k' "target/window-run-$1.png"; }
# until_rich NAME COUNT: takes pictures until one has at least COUNT colors (60 s at most).
until_rich() {
    for _ in $(seq 60); do
        shot "$1"
        [ "$(colors "$1")" -ge "$2" ] && return 0
        sleep 1
    done
    echo "The screenshot $1 stays empty: $(colors "$1") colors." >&2
    return 1
}

until_rich grid 4000
# There is no window manager to give the window the keyboard.
xdotool search --name Tagscope windowfocus mousemove 640 400 key Right key Return
sleep 1
until_rich canvas 4000
[ "$(compare -metric AE target/window-run-grid.png target/window-run-canvas.png null: 2>&1 | cut -d. -f1 | cut -d' ' -f1)" != 0 ] || {
    echo "Opening an image changed nothing." >&2
    exit 1
}
xdotool key 1 key plus key 0 key Escape
sleep 1
xdotool key ctrl+q
for _ in $(seq 20); do
    kill -0 "$program" 2>/dev/null || break
    sleep 0.1
done
if kill -0 "$program" 2>/dev/null; then
    echo "The program did not exit within two seconds." >&2
    exit 1
fi
wait "$program"
grep -rqs -e 'sig=' "$home" && { echo "A signature was left on disk." >&2; exit 1; }
echo "The window opened, showed an image and closed."

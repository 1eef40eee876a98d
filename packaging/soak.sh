#!/usr/bin/env bash
# A long session by machine: the release program in a virtual display on a project of 100,000 images with 1,000,000
# regions, scrolled, opened and filtered without a pause. Writes memory, open files and threads as CSV while it goes, and
# reports at the end whether they grew after the first five minutes.
#   packaging/soak.sh [SECONDS] [OUT.csv]     default: an hour, target/soak.csv
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
. packaging/window.sh
seconds=${1:-3600}
out=${2:-target/soak.csv}
images=${SOAK_IMAGES:-100000}

need_rust
need_window
need "a virtual display and simulated key presses" xvfb xdotool x11-utils
install_needed
cargo build --release --locked --quiet

home=$(mktemp -d)
export TAGSCOPE_HOME=$home
trap 'kill "${program:-}" "${server:-}" 2>/dev/null || true; close_display; rm -rf "$home"' EXIT
target/release/tagscope serve --sample --images "$images" --regions 10 >"$home/endpoint.json" 2>/dev/null &
server=$!
until [ -s "$home/endpoint.json" ]; do sleep 0.1; done
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$home/endpoint.json"; }
export VISION_TRAINING_KEY
VISION_TRAINING_KEY=$(field trainingKey)

open_display 1280x800
target/release/tagscope --endpoint "$(field endpoint)" --project "$(field projectId)" &
program=$!
wait_for_window "$program" "Tagscope"
# The window is there before it can have the keyboard.
for _ in $(seq 50); do
    xdotool search --name Tagscope windowfocus 2>/dev/null && break
    sleep 0.2
done
xdotool mousemove 640 400

echo "seconds,resident_kib,peak_kib,open_files,threads,cached_files" >"$out"
status() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$program/status"; }
files_of() { find "/proc/$program/fd" -mindepth 1 2>/dev/null | wc -l; }
began=$SECONDS
noted=-10
note() {
    local now=$((SECONDS - began))
    [ $((now - noted)) -ge 5 ] || return 0
    noted=$now
    echo "$now,$(status VmRSS),$(status VmHWM),$(files_of),$(status Threads),$(find "$home/cache" -type f 2>/dev/null | wc -l)" >>"$out"
}
alive() { kill -0 "$program" 2>/dev/null || { echo "The program exited after $((SECONDS - began)) s." >&2; exit 1; }; }
wheel() { xdotool click --repeat "$2" --delay 12 "$1"; }

round=0
while [ $((SECONDS - began)) -lt "$seconds" ]; do
    alive
    round=$((round + 1))
    wheel 5 60; note
    wheel 4 15; note
    case $((round % 6)) in
        0) xdotool key End; sleep 1; xdotool key Home ;;
        1) xdotool key Next Next Next Next Prior ;;
        2) xdotool key Right Return; sleep 1; xdotool key Right Right plus plus Left 0 Escape ;;
        3) xdotool key ctrl+f; xdotool type --delay 20 "regions>3"; xdotool key Return; sleep 1
           xdotool key ctrl+f ctrl+a BackSpace Return Escape; xdotool mousemove 640 400 ;;
        4) xdotool keydown ctrl; wheel 5 2; wheel 4 2; xdotool keyup ctrl ;;
        5) xdotool key Down Down space Right space Escape ;;
    esac
    note
    sleep 0.2
done
alive
xdotool key Escape Escape ctrl+q
for _ in $(seq 30); do kill -0 "$program" 2>/dev/null || break; sleep 0.1; done
kill -0 "$program" 2>/dev/null && { echo "The program did not exit within three seconds." >&2; exit 1; }

# The curve: resident memory at every twelfth of the run, a mark for 20 MiB.
awk -F, -v step=$((seconds / 12 > 5 ? seconds / 12 : 5)) '
    NR > 1 && $1 >= due {
        marks = sprintf("%*s", int($2 / 20480 + 0.5), "")
        gsub(/ /, "#", marks)
        printf "%5d s %4.0f MiB %s\n", $1, $2 / 1024, marks
        due = (int($1 / step) + 1) * step
    }' "$out"

awk -F, -v least=$((seconds < 600 ? seconds / 2 : 300)) '
    NR > 1 { if (!start && $1 >= least) { start = $2; files = $4; threads = $5; at = $1 } last = $2; peak = $3; f = $4; t = $5; end = $1 }
    END {
        printf "resident: %.0f MiB after %d s, %.0f MiB after %d s, peak %.0f MiB\n", start / 1024, at, last / 1024, end, peak / 1024
        printf "open files: %d, then %d; threads: %d, then %d\n", files, f, threads, t
        if (last > start * 1.15 || f > files + 8 || t > threads + 4) { print "Resource use grew."; exit 1 }
        print "Resource use did not grow."
    }' "$out"

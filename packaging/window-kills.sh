#!/usr/bin/env bash
# Reviewing in a real window under Xvfb that is killed or stopped at random moments. After each: every decision that the
# window showed as kept is in the journal on the disk, the command line reads the journal without complaint, and the next
# window opens it. The same seed makes the same keys, signals and pauses.
#   packaging/window-kills.sh [TIMES] [SEED]     default: 40 times, seed 1; TAGSCOPE_BINARY names another program
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/window.sh
times=${1:-40}
RANDOM=${2:-1}
images=${KILLS_IMAGES:-240}
binary=${TAGSCOPE_BINARY:-target/debug/tagscope}
[ -n "${TAGSCOPE_BINARY:-}" ] || cargo test --locked --quiet --no-run --test it

home=$(mktemp -d)
export TAGSCOPE_HOME=$home TAGSCOPE_LOG=debug DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent/bus
trap 'kill -9 "${program:-}" "${server:-}" 2>/dev/null || true; close_display; rm -rf "$home"' EXIT

# An archive to review: it is the same project each time.
"$binary" serve --sample --images "$images" --regions 2 >"$home/endpoint.json" 2>/dev/null &
server=$!
until [ -s "$home/endpoint.json" ]; do sleep 0.1; done
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$home/endpoint.json"; }
VISION_TRAINING_KEY=$(field trainingKey) "$binary" archive --quiet --no-thumbnails --endpoint "$(field endpoint)" \
    --project "$(field projectId)" --out "$home/archive" 2>/dev/null
kill "$server"
journal=$home/state/reviews/$(field projectId).journal

open_display 1000x700
lost=0 damaged=0 decided=0
declare -A signals
# entries: the number of the last decision in the journal.
entries() { grep -o '"n":[0-9]*' "$journal" 2>/dev/null | cut -d: -f2 | sort -n | tail -1 || true; }
# kept: the number of the last decision that the window has shown as kept.
kept() { sed 's/\x1b\[[0-9;]*m//g' "$home/log" | grep -o 'up_to=[0-9]*' | tail -1 | cut -d= -f2 || true; }

for turn in $(seq "$times"); do
    "$binary" --source "$home/archive" 2>"$home/log" &
    program=$!
    wait_for_window "$program" "Tagscope" || { sed -n 1,20p "$home/log" >&2; exit 1; }
    for _ in $(seq 100); do
        grep -q "list is whole" "$home/log" && xdotool search --name Tagscope windowfocus 2>/dev/null && break
        sleep 0.2
    done
    xdotool mousemove 500 400
    before=$(entries)
    keys=(a r f x a r f BackSpace u Right Down)
    signal=$(printf '%s\n' KILL KILL TERM HUP STOP | sed -n "$((RANDOM % 5 + 1))p")
    presses=$((RANDOM % 60 + 20))
    (
        xdotool key --delay 20 Home
        for _ in $(seq "$presses"); do
            xdotool key --delay 10 "${keys[RANDOM % ${#keys[@]}]}" 2>/dev/null || true
        done
    ) &
    hand=$!
    # Somewhere among the presses, or a little behind them.
    sleep "$((RANDOM % 3)).$((RANDOM % 10))$((RANDOM % 10))"
    if [ "$signal" = STOP ]; then
        kill -STOP "$program"
        sleep "0.$((RANDOM % 9 + 1))"
        kill -CONT "$program"
        sleep 0.5
        kill -KILL "$program"
    else
        kill "-$signal" "$program" 2>/dev/null || true
    fi
    wait "$hand" 2>/dev/null || true
    # TERM and HUP end it by themselves.
    for _ in $(seq 100); do
        kill -0 "$program" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$program" 2>/dev/null || true
    wait "$program" 2>/dev/null || true
    signals[$signal]=$((${signals[$signal]:-0} + 1))
    shown=$(kept) disk=$(entries)
    shown=${shown:-0} disk=${disk:-0}
    decided=$((decided + disk - ${before:-0}))
    if [ "$shown" -gt "$disk" ]; then
        echo "Turn $turn, $signal: decision $shown was shown as kept, the journal ends with $disk." >&2
        lost=$((lost + 1))
    fi
    if ! "$binary" reviews export --source "$home/archive" --json >"$home/rows.json" 2>"$home/words"; then
        # A journal does not exist before the first decision.
        [ "$disk" = 0 ] || { echo "Turn $turn, $signal: $(cat "$home/words")" >&2; damaged=$((damaged + 1)); }
    fi
done
for signal in "${!signals[@]}"; do echo "$signal: ${signals[$signal]} times"; done
echo "$times ends of the window, $decided decisions on disk, $lost lost, $damaged damaged journals."
[ "$lost" = 0 ] && [ "$damaged" = 0 ]

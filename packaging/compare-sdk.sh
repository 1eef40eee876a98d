#!/usr/bin/env bash
# Lists 10,000 images with 10 regions each from the built-in service: the vendor's Python SDK in a loop of 256 against
# `tagscope images --jsonl`, in turn, and prints the ratio of the medians. Needs Python 3 with venv.
set -euo pipefail
cd "$(dirname "$0")/.."
images=${1:-10000}
runs=${2:-5}

if [ ! -x target/python/bin/python ]; then python3 -m venv target/python; fi
target/python/bin/python -m pip install --quiet --disable-pip-version-check \
    azure-cognitiveservices-vision-customvision==3.1.1
cargo build --release --locked --quiet

work=$(mktemp -d)
export TAGSCOPE_HOME=$work/home
target/release/tagscope serve --sample --images "$images" --regions 10 >"$work/endpoint.json" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
until [ -s "$work/endpoint.json" ]; do sleep 0.1; done
read_field() { target/python/bin/python -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/endpoint.json" "$1"; }
VISION_TRAINING_ENDPOINT=$(read_field endpoint)
VISION_TRAINING_KEY=$(read_field trainingKey)
export VISION_TRAINING_ENDPOINT VISION_TRAINING_KEY
project=$(read_field projectId)

seconds() { local start; start=$(date +%s.%N); "$@" >"$work/out"; echo "$(date +%s.%N) - $start" | bc; }
sdk() { target/python/bin/python tests/sdk/list_all.py "$VISION_TRAINING_ENDPOINT" "$VISION_TRAINING_KEY" "$project"; }
ours() { target/release/tagscope images --project "$project" --jsonl --quiet; }

: >"$work/sdk"; : >"$work/ours"
ours >/dev/null
for _ in $(seq "$runs"); do
    seconds sdk >>"$work/sdk"
    seconds ours >>"$work/ours"
done
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
printf 'images %s, regions 10 each, %s runs in turn, medians\n' "$images" "$runs"
printf 'vendor SDK  %s s\ntagscope    %s s\n' "$(median "$work/sdk")" "$(median "$work/ours")"
printf 'ratio       %s\n' "$(echo "$(median "$work/sdk") / $(median "$work/ours")" | bc -l | cut -c1-5)"

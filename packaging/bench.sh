#!/usr/bin/env bash
# Measures the table in docs/performance.md and prints it: the benches of `benches/`, then whole programs (times and
# peak memory as the system accounts them) next to what other programs need for the same work. Takes about ten minutes.
#   packaging/bench.sh [--no-peers]     without the Python programs that are compared with
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
. packaging/window.sh
peers=yes
[ "${1:-}" = --no-peers ] && peers=no

need_rust
need_window
need "a virtual display, and the picture to be copied" xvfb x11-utils imagemagick
need "peak memory" time
[ "$peers" = yes ] && need "the programs to compare with, and the dataset" python3 python3-venv || need "the dataset" python3
install_needed
cargo build --release --locked --quiet
tagscope=$PWD/target/release/tagscope

work=$(mktemp -d)
trap 'kill "${server:-}" "${program:-}" 2>/dev/null || true; close_display; rm -rf "$work"' EXIT
rows=$work/rows
: >"$rows"
# row WHAT FIGURE BOUND VERDICT
row() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4:-}" | tee -a "$rows" | tr '\t' ' ' >&2; }
# reached A '<=' B: a verdict.
reached() { awk "BEGIN { print ($1 $2 $3) ? \"reached\" : \"missed\" }"; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
# measured COMMAND...: runs it; its seconds and peak KiB come in $seconds and $peak.
measured() {
    /usr/bin/time -o "$work/time" -f '%e %M' "$@" >"$work/out" 2>"$work/err" || { cat "$work/err" >&2; return 1; }
    read -r seconds peak <"$work/time"
}
# What a run has made goes aside, not away: ext4 is slow where much has just been deleted, for whoever comes next.
aside=0
set_aside() {
    aside=$((aside + 1))
    [ ! -e "$work/made" ] || mv "$work/made" "$work/aside-$aside"
}
# medians RUNS COMMAND...: the same, of several runs.
medians() {
    local runs=$1 all=() peaks=() run
    shift
    for run in $(seq "$runs"); do
        set_aside
        measured "$@"
        all+=("$seconds"); peaks+=("$peak")
    done
    seconds=$(printf '%s\n' "${all[@]}" | median)
    peak=$(printf '%s\n' "${peaks[@]}" | median)
}
mib() { awk "BEGIN { printf \"%.0f\", $1 / 1024 }"; }
times_of() { awk "BEGIN { printf \"%.1f\", $1 / ($2 > 0.001 ? $2 : 0.001) }"; }

# The benches print lines of `figure` and tabs. Those of criterion, for whoever compares two builds, are left out by a
# filter that none of them has in its name.
echo "builds the benches ..." >&2
cargo bench --locked --quiet --no-run
for bench in catalogue listing query checks statistics frames flying pictures archive changes journal; do
    [ -f "benches/$bench.rs" ] || continue
    echo "bench $bench ..." >&2
    cargo bench --locked --quiet --bench "$bench" -- --noplot figures-only >"$work/bench" 2>/dev/null || { row "bench $bench" "failed" "" missed; continue; }
    sed -n 's/^figure\t//p' "$work/bench" | tee -a "$rows" | tr '\t' ' ' >&2
done

# Lists of the built-in service.
serve() {
    rm -f "$work/endpoint.json"
    TAGSCOPE_HOME=$work/server "$tagscope" serve --sample --images "$1" --regions 10 >"$work/endpoint.json" 2>/dev/null &
    server=$!
    until [ -s "$work/endpoint.json" ]; do sleep 0.1; done
    VISION_TRAINING_ENDPOINT=$(field endpoint)
    VISION_TRAINING_KEY=$(field trainingKey)
    project=$(field projectId)
    export VISION_TRAINING_ENDPOINT VISION_TRAINING_KEY
}
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/endpoint.json"; }
unserve() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; }
export TAGSCOPE_HOME=$work/home

# peer NAME PACKAGE...: a Python environment with it; fails when it cannot be installed.
peer() {
    [ "$peers" = yes ] || return 1
    local python=target/python-$1
    [ -x "$python/bin/python" ] || python3 -m venv "$python" || return 1
    "$python/bin/python" -m pip install --quiet --disable-pip-version-check "${@:2}" >/dev/null 2>&1 && peer_python=$PWD/$python/bin/python
}

serve 10000
medians 5 "$tagscope" images --project "$project" --jsonl --quiet
ours=$seconds
row "list 10,000 x 10 from loopback, whole command" "$ours s, peak $(mib "$peak") MiB" ""
if peer sdk azure-cognitiveservices-vision-customvision==3.1.1; then
    medians 3 "$peer_python" tests/sdk/list_all.py "$VISION_TRAINING_ENDPOINT" "$VISION_TRAINING_KEY" "$project"
    ratio=$(times_of "$seconds" "$ours")
    row "the same in times of the vendor's Python SDK" "$ratio (SDK $seconds s)" "20" "$(reached "$ratio" '>=' 20)"
else
    row "the same with the vendor's Python SDK" "not installed" ""
fi
unserve
serve 100000
measured "$tagscope" images --project "$project" --jsonl --quiet
row "list 100,000 x 10 on the command line, peak memory" "$(mib "$peak") MiB ($seconds s)" "250 MiB" "$(reached "$(mib "$peak")" '<=' 250)"

# A real window, by its own log: the first frame, and the list of an earlier visit.
open_display 1280x800
# window LOG TEXT COMMAND...: until the log has the text; then its milliseconds in $ms.
window() {
    local log=$1 text=$2
    shift 2
    TAGSCOPE_LOG=info "$@" >/dev/null 2>"$log" &
    program=$!
    for _ in $(seq 1200); do
        grep -q "$text" "$log" && break
        kill -0 "$program" 2>/dev/null || { cat "$log" >&2; return 1; }
        sleep 0.05
    done
    ms=$(sed 's/\x1b\[[0-9;]*m//g' "$log" | sed -n "s/.*$text.*ms=\([0-9]*\).*/\1/p" | head -1)
}
close() { kill "$program" 2>/dev/null || true; wait "$program" 2>/dev/null || true; program=; }
for _ in 1 2 3 4 5; do window "$work/log" "first frame" "$tagscope" demo; echo "$ms"; close; done >"$work/first"
ms=$(median <"$work/first")
row "start to first frame in a real window, software renderer" "$ms ms" "500 ms" "$(reached "$ms" '<=' 500)"
visit() { window "$work/log" "$1" "$tagscope" --endpoint "$VISION_TRAINING_ENDPOINT" --project "$project"; }
visit "list is whole"
row "window: 100,000 x 10 listed, from the start" "$ms ms, peak $(mib "$(awk '/VmHWM/ { print $2 }' "/proc/$program/status")") MiB" "600 MiB" "$(reached "$(awk '/VmHWM/ { print $2 }' "/proc/$program/status")" '<=' 614400)"
for _ in $(seq 100); do compgen -G "$work/home/cache/lists/*.list" >/dev/null && break; sleep 0.1; done
close
visit "list of the last visit"
row "window: 100,000 x 10 of the last visit shown, from the start" "$ms ms" "500 ms" "$(reached "$ms" '<=' 500)"
close
unserve
unset VISION_TRAINING_ENDPOINT VISION_TRAINING_KEY

# A dataset of 10,000 pictures of some 20 kB with 100,000 regions, each file its own.
convert -seed 7 -size 400x300 plasma: -quality 88 "$work/one.jpg"
python3 - "$work" <<'PYTHON'
import json, pathlib, random, sys
work = pathlib.Path(sys.argv[1])
one = (work / "one.jpg").read_bytes()
photos = work / "photos"
photos.mkdir()
random.seed(7)
images, annotations = [], []
for n in range(1, 10_001):
    note = str(n).encode()
    # A comment behind the first mark of a JPEG.
    (photos / f"{n}.jpg").write_bytes(one[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + one[2:])
    images.append({"id": n, "file_name": f"{n}.jpg", "width": 400, "height": 300})
    for _ in range(10):
        x, y, w, h = random.randrange(300), random.randrange(200), random.randrange(5, 100), random.randrange(5, 100)
        annotations.append({"id": len(annotations) + 1, "image_id": n, "category_id": random.randrange(8) + 1,
                            "bbox": [x, y, w, h], "area": w * h, "iscrowd": 0})
categories = [{"id": n, "name": f"tag {n}"} for n in range(1, 9)]
(work / "coco.json").write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
PYTHON
measured "$tagscope" import coco "$work/coco.json" --images "$work/photos" --out "$work/archive" --quiet
row "import 10,000 x 10 with pictures from COCO" "$seconds s, peak $(mib "$peak") MiB" ""
medians 5 "$tagscope" images --source "$work/archive" --tag "tag 3" --jsonl --quiet
open=$seconds
row "open an archive of 10,000 x 10, ask for one tag, print the rows" "$open s, peak $(mib "$peak") MiB" ""
medians 5 "$tagscope" export --source "$work/archive" --format coco --out "$work/made" --quiet
export=$seconds
row "verified COCO export of it, pictures copied and hashed" "$export s, peak $(mib "$peak") MiB" ""
medians 5 cp -r "$work/archive/originals" "$work/made"
row "the same in times of a bare cp of the pictures" "$(times_of "$export" "$seconds") (cp $seconds s)" ""
copy=$seconds
medians 5 "$tagscope" export --source "$work/archive" --format parquet --out "$work/made" --quiet
parquet=$seconds
row "verified Parquet export of it with the pictures" "$parquet s, peak $(mib "$peak") MiB" ""
ratio=$(times_of "$parquet" "$copy")
row "the same in times of a bare cp of the pictures" "$ratio" "2.5" "$(reached "$ratio" '<=' 2.5)"
if peer training datasets==5.2.0 pillow; then
    medians 3 "$peer_python" packaging/to_parquet.py "$work/archive" "$work/made"
    row "Parquet in times of Hugging Face datasets' to_parquet, whole program" "$(times_of "$seconds" "$parquet")" "1" "$(reached "$seconds" '>=' "$parquet")"
    row "seconds of it for reading, and for from_dict and to_parquet alone" "$(cat "$work/out")" ""
else
    row "Hugging Face datasets" "not installed" ""
fi
if peer datumaro datumaro; then
    mkdir -p "$work/peer/annotations" "$work/peer/images"
    cp "$work/coco.json" "$work/peer/annotations/instances_all.json"
    ln -s "$work/photos" "$work/peer/images/all"
    if measured "$peer_python" -c "import datumaro; print(len(datumaro.Dataset.import_from('$work/peer', 'coco_instances')))"; then
        ratio=$(times_of "$seconds" "$open")
        row "opening in times of datumaro's import" "$ratio (datumaro $seconds s, $(mib "$peak") MiB)" "15" "$(reached "$ratio" '>=' 15)"
        set_aside
        measured "$peer_python" -c "import datumaro; datumaro.Dataset.import_from('$work/peer', 'coco_instances').export('$work/made', 'coco_instances', save_media=True)"
        ratio=$(times_of "$seconds" "$export")
        row "export in times of datumaro's import and export" "$ratio (datumaro $seconds s)" "4" "$(reached "$ratio" '>=' 4)"
    else
        row "datumaro" "does not run here" ""
    fi
else
    row "datumaro" "not installed" ""
fi

echo
echo "Measured on $(date -u +%Y-%m-%d), $(nproc) cores, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), Tagscope $("$tagscope" --version | awk 'NR == 1 { print $2 }'):"
echo
echo "| what | figure | to reach | |"
echo "| --- | --- | --- | --- |"
awk -F'\t' '{ printf "| %s | %s | %s | %s |\n", $1, $2, $3, $4 }' "$rows"

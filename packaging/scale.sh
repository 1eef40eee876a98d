#!/usr/bin/env bash
# Measures how memory grows with the number of images: archives of 25, 50 and 100 thousand images (or those that are named)
# with 10 regions each are made, listed and exported as Parquet and WebDataset. Prints peak memory and processor time.
# Pictures are tiny and shared, so only what is kept of each image counts. Takes about two minutes.
#   packaging/scale.sh [--program PATH] [IMAGES...]     a million needs 4 GB of disk and ten minutes
set -euo pipefail
cd "$(dirname "$0")/.."
. packaging/lib.sh
program=
[ "${1:-}" != --program ] || { program=$2; shift 2; }
[ $# -gt 0 ] || set -- 25000 50000 100000

need "peak memory" time
need "the archives, and a tiny picture" python3 imagemagick
if [ -z "$program" ]; then need_rust; fi
install_needed
if [ -z "$program" ]; then cargo build --release --locked --quiet; program=$PWD/target/release/tagscope; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TAGSCOPE_HOME=$work/home
convert -size 400x300 xc:gray -quality 30 "$work/tiny.jpg"
# measured COMMAND...: peak MiB and seconds of the processors.
measured() {
    /usr/bin/time -o "$work/time" -f '%M %U %S' "$@" >/dev/null
    awk '{ printf "%.0f MiB, %.1f s", $1 / 1024, $2 + $3 }' "$work/time"
}
echo "| images | list | Parquet | WebDataset |"
echo "| ---: | --- | --- | --- |"
for images in "$@"; do
    archive=$work/archive-$images
    python3 packaging/archive_of.py "$archive" "$images" "$work/tiny.jpg" --shared
    list=$(measured "$program" images --source "$archive" --jsonl --quiet)
    parquet=$(measured "$program" export --source "$archive" --format parquet --out "$work/parquet" --quiet)
    shards=$(measured "$program" export --source "$archive" --format webdataset --out "$work/shards" --quiet)
    echo "| $images | $list | $parquet | $shards |"
    rm -rf "$archive" "$work/parquet" "$work/shards"
done

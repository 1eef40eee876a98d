"""Writes an archive as Parquet with Hugging Face's library, for `bench.sh`: python3 to_parquet.py ARCHIVE OUT

Prints the seconds for reading the pictures and labels, and those of the library alone.
"""

import json
import pathlib
import sys
import time

import datasets

datasets.disable_progress_bars()
archive, out = pathlib.Path(sys.argv[1]), sys.argv[2]
began = time.perf_counter()
files = {file.stem: file for file in (archive / "originals").rglob("*.*")}
columns = {"image": [], "image_id": [], "objects": []}
for line in open(archive / "images.jsonl", encoding="utf-8"):
    row = json.loads(line)
    width, height = row["width"], row["height"]
    file = files[row["id"]]
    columns["image"].append({"bytes": file.read_bytes(), "path": file.name})
    columns["image_id"].append(row["id"])
    columns["objects"].append([
        {
            "tag": region["tagName"],
            "bbox": [region["left"] * width, region["top"] * height, region["width"] * width, region["height"] * height],
        }
        for region in row["regions"]
    ])
read = time.perf_counter()
text, number = datasets.Value("string"), datasets.Value("float64")
objects = [{"tag": text, "bbox": datasets.Sequence(number)}]
features = datasets.Features({"image": datasets.Image(), "image_id": text, "objects": objects})
datasets.Dataset.from_dict(columns, features=features).to_parquet(out)
print(f"{read - began:.2f} {time.perf_counter() - read:.2f}")

"""An export read by the libraries that feed trainings: training.py FOLDER READER...

FOLDER has JSON lines, COCO and the formats of the readers. Each reader must find every image, tag and box, and pictures of
the right size. What is not installed is said in a line that begins with SKIPPED."""

import os
import pathlib
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"

from formats import Truth, of_corner


def stem_of(truth, image_id):
    (stem,) = [stem for stem in truth.images if stem.endswith(image_id)]
    return stem


def imagefolder(truth, work):
    """`datasets` reads the folder as it is."""
    from datasets import load_dataset

    data = load_dataset(str(truth.root / "huggingface"), cache_dir=work)
    assert list(data) == ["train"] and len(data["train"]) == len(truth.images)
    for row in data["train"]:
        objects = row["objects"]
        boxes = [(tag, of_corner(bbox)) for tag, bbox in zip(objects["categories"], objects["bbox"], strict=True)]
        assert row["image"].size == (row["width"], row["height"])
        truth.same("imagefolder", stem_of(truth, row["image_id"]), boxes, size=row["image"].size, pixels=True)


READERS = {"imagefolder": (imagefolder, "datasets")}


def main(folder, *readers):
    truth = Truth(pathlib.Path(folder))
    for name in readers:
        reader, library = READERS[name]
        try:
            __import__(library)
        except ImportError:
            print(f"SKIPPED {name}: {library} is not installed")
            continue
        with tempfile.TemporaryDirectory() as work:
            reader(truth, work)
        print(f"ok {name}")
    print("ALL OK")


if __name__ == "__main__":
    main(*sys.argv[1:])

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


def shards(truth, work):
    """`webdataset` pairs picture and labels, and Pillow opens the picture."""
    import webdataset
    from PIL import ImageOps

    paths = sorted(str(path) for path in (truth.root / "webdataset").glob("train-*.tar"))
    found = []
    for picture, sample in webdataset.WebDataset(paths, shardshuffle=False).decode("pil").to_tuple("jpg;png", "json"):
        size = ImageOps.exif_transpose(picture).size
        boxes = [(made["tag"], of_corner(made["bbox"])) for made in sample["objects"]]
        fractions = [(made["tag"], of_corner([made[key] for key in ("left", "top", "width", "height")]))
                     for made in sample["objects"]]
        stem = stem_of(truth, sample["image_id"])
        assert (sample["width"], sample["height"]) == size and sample["file_name"].startswith(stem)
        assert all(truth.classes[made["category"]] == made["tag"] for made in sample["objects"])
        truth.same("webdataset", stem, boxes, size=size, pixels=True)
        truth.same("webdataset", stem, fractions)
        found.append(stem)
    assert sorted(found) == sorted(truth.images), found
    assert found != list(truth.images), "shuffled by a hash of the id"


def same_row(truth, row):
    """A row of the table: names, fractions, pixels, and the very bytes of the picture."""
    stem = stem_of(truth, row["image_id"])
    size = (row["width"], row["height"])
    assert row["file_name"] == row["image"]["path"] == truth.images[stem]["file"].name
    assert row["image"]["bytes"] == truth.images[stem]["file"].read_bytes()
    assert all(truth.classes[made["category"]] == made["tag"] for made in row["objects"])
    truth.same("parquet", stem, [(made["tag"], of_corner(made["bbox"])) for made in row["objects"]], size=size, pixels=True)
    sides = [(made["tag"], [made[key] for key in ("left", "top", "width", "height")]) for made in row["objects"]]
    truth.same("parquet", stem, [(tag, of_corner(box)) for tag, box in sides])
    assert row["metadata"][0]["key"] == "name" and row["created"].isoformat().startswith("2020-11-06T16:15:54.523771")
    return stem


def pyarrow_table(truth, work):
    """The reader of pandas, Ray and Dask."""
    import pyarrow.parquet

    paths = sorted((truth.root / "parquet/data").iterdir())
    assert [path.name for path in paths] == ["train-00000-of-00001.parquet"]
    rows = pyarrow.parquet.read_table(paths[0]).to_pylist()
    assert [same_row(truth, row) for row in rows] == list(truth.images), "the project's order"


def duckdb_table(truth, work):
    """DuckDB has a reader of its own."""
    import duckdb

    rows = duckdb.sql(f"SELECT * FROM '{(truth.root / 'parquet/data').as_posix()}/*.parquet'")
    names = rows.columns
    found = [same_row(truth, dict(zip(names, row))) for row in rows.fetchall()]
    assert found == list(truth.images)
    (count,) = duckdb.sql("SELECT count(*) FROM (SELECT unnest(objects) FROM rows)").fetchall()[0]
    assert count == sum(len(image["boxes"]) for image in truth.images.values())


def datasets_table(truth, work):
    """Hugging Face's library shows pictures and classes without being told what the columns are."""
    from datasets import ClassLabel, Image, load_dataset

    data = load_dataset(str(truth.root / "parquet"), cache_dir=work)
    assert list(data) == ["train"] and len(data["train"]) == len(truth.images)
    features = data["train"].features
    assert features["image"] == Image()
    category = features["objects"].feature["category"]
    assert isinstance(category, ClassLabel) and category.names == truth.classes
    for row in data["train"]:
        assert row["image"].size == (row["width"], row["height"])
        boxes = [(category.int2str(made["category"]), of_corner(made["bbox"])) for made in row["objects"]]
        truth.same("datasets", stem_of(truth, row["image_id"]), boxes, size=row["image"].size, pixels=True)


READERS = {
    "imagefolder": (imagefolder, "datasets"),
    "webdataset": (shards, "webdataset"),
    "pyarrow": (pyarrow_table, "pyarrow"),
    "duckdb": (duckdb_table, "duckdb"),
    "datasets": (datasets_table, "datasets"),
}


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

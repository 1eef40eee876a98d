"""An export in all formats, read by other people's readers and by strict ones written from the published rules:
formats.py FOLDER. The truth is images.jsonl; the pictures' sizes are the pictures' own (Pillow) where that is installed."""

import csv
import json
import math
import pathlib
import re
import struct
import sys
import urllib.parse
import xml.etree.ElementTree as ET


def near(found, expected, by, what):
    assert len(found) == len(expected), what
    assert all(abs(a - b) <= by for a, b in zip(found, expected)), (what, found, expected)


def single(number):
    """The service's numbers are of single precision."""
    return struct.unpack("f", struct.pack("f", number))[0]


class Truth:
    def __init__(self, root):
        self.root = root
        self.classes = [c["name"] for c in json.loads((root / "manifest.json").read_text("utf-8"))["classes"]]
        self.files = {p.name.rsplit(".", 1)[0]: p for p in (root / "images").iterdir()}
        coco = json.loads((root / "annotations/instances_default.json").read_text("utf-8"))
        self.sizes = {image["custom_vision"]["id"]: (image["width"], image["height"]) for image in coco["images"]}
        self.images = {}
        for line in (root / "images.jsonl").read_text("utf-8").splitlines():
            image = json.loads(line)
            (stem,) = [stem for stem in self.files if stem.endswith(image["id"])]
            self.images[stem] = {
                "file": self.files[stem],
                "size": self.size(self.files[stem], image["id"]),
                "boxes": [
                    (r["tagName"], of_corner([single(r[key]) for key in ("left", "top", "width", "height")]))
                    for r in image.get("regions", [])
                ],
            }

    def size(self, path, id):
        try:
            from PIL import Image, ImageOps
        except ImportError:
            return self.sizes[id]
        size = ImageOps.exif_transpose(Image.open(path)).size
        assert size == self.sizes[id], (path, size, self.sizes[id])
        return size

    def same(self, what, stem, boxes, by=1e-9, size=None, pixels=False):
        """Boxes as (name, left, top, right, bottom), in fractions or in pixels."""
        image = self.images[stem]
        width, height = image["size"]
        assert size is None or tuple(size) == (width, height), (what, stem, size)
        assert [name for name, _ in boxes] == [name for name, _ in image["boxes"]], (what, stem, boxes)
        for (_, found), (_, expected) in zip(boxes, image["boxes"]):
            if pixels:
                expected = [expected[0] * width, expected[1] * height, expected[2] * width, expected[3] * height]
                near(found, expected, by * max(width, height), (what, stem))
            else:
                near(found, expected, by, (what, stem))


def of_corner(box):
    x, y, width, height = box
    return [x, y, x + width, y + height]


def stem(name):
    return name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]


def yolo(truth):
    """Ultralytics' own checks: no path, val there, pictures of a type it reads, five columns in 0..1, no double rows."""
    root = truth.root / "yolo"
    text = (root / "data.yaml").read_text("utf-8")
    try:
        import yaml

        data = yaml.safe_load(text)
        assert "path" not in data and data["train"] and data["val"]
        names = [data["names"][at] for at in range(len(data["names"]))]
        assert names == truth.classes, names
    except ImportError:
        print("SKIPPED data.yaml: PyYAML is not installed")
        names = truth.classes
    taken = {"bmp", "dng", "jpeg", "jpg", "mpo", "png", "tif", "tiff", "webp", "pfm"}
    pictures = sorted((root / "images/train").iterdir())
    assert len(pictures) == len(truth.images)
    for picture in pictures:
        assert picture.suffix[1:].lower() in taken
        rows = (root / "labels/train" / (picture.name.rsplit(".", 1)[0] + ".txt")).read_text("utf-8").split("\n")
        assert rows.pop() == "" and len(rows) == len(set(rows))
        boxes = []
        for row in rows:
            number, *rest = row.split()
            cx, cy, width, height = map(float, rest)
            corners = [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]
            assert all(0 <= edge <= 1 for edge in corners + [cx, cy, width, height]), row
            boxes.append((names[int(number)], corners))
        truth.same("yolo", stem(picture.name), boxes)


def voc(truth):
    root = truth.root / "voc"
    names = {line.split(":")[0] for line in (root / "labelmap.txt").read_text("utf-8").splitlines() if line[0] != "#"}
    stems = (root / "ImageSets/Main/trainval.txt").read_text("utf-8").split("\n")
    assert stems.pop() == "" and sorted(stems) == sorted(truth.images)
    for name in stems:
        page = ET.parse(root / "Annotations" / (name + ".xml")).getroot()
        assert all(node.text and node.text.strip() for node in page.iter() if len(node) == 0), "an empty element"
        assert (root / "JPEGImages" / page.find("filename").text).is_file() and page.find("segmented").text == "0"
        image = truth.images[name]
        width, height = image["size"]
        assert (int(page.find("size/width").text), int(page.find("size/height").text)) == (width, height)
        objects = page.findall("object")
        assert len(objects) == len(image["boxes"])
        for node, (tag, (left, top, right, bottom)) in zip(objects, image["boxes"]):
            found = [int(node.find("bndbox/" + key).text) for key in ("xmin", "ymin", "xmax", "ymax")]
            label = node.find("name").text
            assert label in names and label == tag.replace(":", "_").replace("\n", "_"), label
            # What single precision adds to a whole pixel is no part of the next one.
            low = [math.floor(left * width + 1e-6 * width) + 1, math.floor(top * height + 1e-6 * height) + 1]
            high = [math.ceil(right * width - 1e-6 * width), math.ceil(bottom * height - 1e-6 * height)]
            near(found, low + high, 1, name)
            assert 1 <= found[0] <= found[2] <= width and 1 <= found[1] <= found[3] <= height


def azureml(truth):
    folder = truth.root / "azureml/training-mltable-folder"
    assert sorted(path.name for path in folder.iterdir()) == ["MLTable", "train_annotations.jsonl"]
    text = (folder / "MLTable").read_text("utf-8")
    assert "./train_annotations.jsonl" in text and "column_type: stream_info" in text
    lines = (folder / "train_annotations.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == len(truth.images)
    for line in lines:
        line = json.loads(line)
        assert set(line) == {"image_url", "image_details", "label"} and line["image_url"].startswith("azureml://")
        details = line["image_details"]
        assert details["format"] in {"jpg", "jpeg", "png", "jpe", "jfif", "bmp", "tif", "tiff"}
        size = [int(re.fullmatch(r"(\d+)px", details[key])[1]) for key in ("width", "height")]
        boxes = []
        for box in line["label"]:
            assert set(box) == {"label", "topX", "topY", "bottomX", "bottomY", "isCrowd"} and box["isCrowd"] == 0
            corners = [box[key] for key in ("topX", "topY", "bottomX", "bottomY")]
            assert all(0 <= edge <= 1 for edge in corners)
            boxes.append((box["label"], corners))
        truth.same("azureml", stem(line["image_url"]), boxes, size=size)


def table(truth):
    with open(truth.root / "regions.csv", newline="", encoding="utf-8") as file:
        assert b"\r\n" in (truth.root / "regions.csv").read_bytes()
        rows = list(csv.DictReader(file))
    found = {}
    for row in rows:
        boxes = found.setdefault(stem(row["image"]), ((int(row["width"]), int(row["height"])), []))[1]
        if row["region_id"]:
            boxes.append((row["tag"], [float(row[key]) for key in ("xmin", "ymin", "xmax", "ymax")]))
    assert set(found) == set(truth.images)
    for name, (size, boxes) in found.items():
        truth.same("csv", name, boxes, size=size, pixels=True)


def label_studio(truth):
    setup = ET.parse(truth.root / "label-studio.xml").getroot()
    assert [node.get("value") for node in setup.iter("Label")] == truth.classes
    tasks = json.loads((truth.root / "label-studio.json").read_text("utf-8"))
    ids = [result["id"] for task in tasks for result in task["annotations"][0]["result"]]
    assert len(ids) == len(set(ids)) and len(tasks) == len(truth.images)
    for task in tasks:
        query = urllib.parse.urlparse(task["data"]["image"]).query
        path = truth.root / urllib.parse.parse_qs(query)["d"][0]
        assert path.is_file(), path
        boxes = []
        for result in task["annotations"][0]["result"]:
            if result["type"] == "choices":
                # Tags of the whole image that no region has.
                with_boxes = {name for name, _ in truth.images[stem(path.name)]["boxes"]}
                assert result["from_name"] == "tags" and not with_boxes & set(result["value"]["choices"])
                continue
            assert (result["type"], result["from_name"], result["to_name"]) == ("rectanglelabels", "label", "image")
            size = (result["original_width"], result["original_height"])
            assert size == truth.images[stem(path.name)]["size"]
            value = result["value"]
            corners = of_corner([value[key] for key in ("x", "y", "width", "height")])
            boxes.append((value["rectanglelabels"][0], [edge / 100 for edge in corners]))
        truth.same("label-studio", stem(path.name), boxes)


def cvat(truth):
    root = ET.parse(truth.root / "cvat.xml").getroot()
    assert root.tag == "annotations" and root.find("version").text == "1.1"
    assert [node.text for node in root.findall("meta/task/labels/label/name")] == truth.classes
    images = root.findall("image")
    assert [int(image.get("id")) for image in images] == list(range(len(truth.images)))
    for image in images:
        boxes = []
        for box in image.findall("box"):
            assert (box.get("occluded"), box.get("z_order"), box.get("source")) == ("0", "0", "manual")
            boxes.append((box.get("label"), [float(box.get(key)) for key in ("xtl", "ytl", "xbr", "ybr")]))
        size = (int(image.get("width")), int(image.get("height")))
        truth.same("cvat", stem(image.get("name")), boxes, size=size, pixels=True)


def createml(truth):
    entries = json.loads((truth.root / "createml/train/_annotations.createml.json").read_text("utf-8"))
    assert len(entries) == len(truth.images)
    for entry in entries:
        assert (truth.root / "createml/train" / entry["image"]).is_file()
        boxes = []
        for found in entry["annotations"]:
            x, y, width, height = (found["coordinates"][key] for key in ("x", "y", "width", "height"))
            boxes.append((found["label"], of_corner([x - width / 2, y - height / 2, width, height])))
        truth.same("createml", stem(entry["image"]), boxes, pixels=True)


def crops(truth):
    found = [path for path in (truth.root / "crops").rglob("*") if path.is_file()]
    assert len(found) == sum(len(image["boxes"]) for image in truth.images.values())


def datumaro(truth):
    """datumaro's importers: images, names and boxes."""
    from datumaro.components.annotation import Bbox
    from datumaro.components.dataset import Dataset

    def check(name, path, subsets, by, has_pictures=False):
        dataset = Dataset.import_from(str(path), name)
        labels = [label.name for label in next(iter(dataset.categories().values())).items]
        items = [item for item in dataset if item.subset in subsets]
        assert len(items) == len(truth.images), (name, len(items))
        for item in items:
            assert not has_pictures or (item.media is not None and item.media.data is not None), (name, item.id)
            boxes = [found for found in item.annotations if isinstance(found, Bbox)]
            key = item.id.rsplit("/", 1)[-1]
            found = [(labels[box.label], of_corner(box.get_bbox())) for box in boxes]
            expected = [(box[0].replace(":", "_").replace("\n", "_") if name == "voc" else box[0], box[1])
                        for box in truth.images[key]["boxes"]]
            width, height = truth.images[key]["size"]
            assert len(found) == len(expected), (name, key)
            # Some of the importers sort by label.
            for (label, corners), (tag, fractions) in zip(sorted(found), sorted(expected)):
                assert label == tag, (name, label, tag)
                left, top, right, bottom = fractions
                near(corners, [left * width, top * height, right * width, bottom * height], by, (name, key))
        print(f"ok datumaro reads {name}")

    check("datumaro", truth.root / "datumaro", {"default"}, 0.01)
    # From the root alone: the labels and the pictures by their usual places.
    check("coco", truth.root, {"default"}, 0.01, has_pictures=True)
    check("coco_instances", truth.root / "annotations/instances_default.json", {"default"}, 0.01)
    # Whole pixels, of which datumaro subtracts the first.
    check("voc", truth.root / "voc", {"trainval"}, 1.5)
    check("yolo", truth.root / "yolo", {"train"}, 0.01)
    check("cvat", truth.root / "cvat.xml", {"cvat"}, 0.01)
    # Not its Create ML importer (roboflow_create_ml): that takes the centre for the corner.


def main(folder):
    truth = Truth(pathlib.Path(folder))
    for check in (yolo, voc, azureml, table, label_studio, cvat, createml, crops):
        check(truth)
        print(f"ok {check.__name__}")
    try:
        import datumaro as _  # noqa: F401
    except ImportError:
        print("SKIPPED datumaro: it is not installed")
    else:
        datumaro(truth)
    print(f"ALL OK: {len(truth.images)} images, {sum(len(i['boxes']) for i in truth.images.values())} regions")


if __name__ == "__main__":
    main(*sys.argv[1:])

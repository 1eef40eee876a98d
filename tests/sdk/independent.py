"""An export read and judged by programs and rules that are not Tagscope's, besides those of formats.py:
independent.py FOLDER KIND, KIND being detection, multiclass or multilabel.

- panlabel (a program, named by TAGSCOPE_PANLABEL) reads the boxes of seven formats;
- Label Studio's SDK checks setup and tasks against each other, and converts the tasks to COCO;
- the rules that Azure ML and CVAT publish for their files, as a schema and as a table of elements.

What is not installed is said in a line that begins with SKIPPED."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as ET

from formats import Truth, near, of_corner, stem

# The fields of a line, as the vendor's page on JSONL files for computer vision has them.
SIDE = {"type": "string", "pattern": "^[1-9][0-9]*px$"}
FRACTION = {"type": "number", "minimum": 0, "maximum": 1}
BOX = {
    "type": "object",
    "required": ["label", "topX", "topY", "bottomX", "bottomY", "isCrowd"],
    "properties": {
        "label": {"type": "string", "minLength": 1},
        "topX": FRACTION,
        "topY": FRACTION,
        "bottomX": FRACTION,
        "bottomY": FRACTION,
        "isCrowd": {"enum": [0, 1]},
    },
    "additionalProperties": False,
}
LABELS = {
    "detection": {"type": "array", "items": BOX},
    "multiclass": {"type": "string", "minLength": 1},
    "multilabel": {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True},
}


def azureml_schema(kind):
    formats = ["jpg", "jpeg", "png", "jpe", "jfif", "bmp", "tif", "tiff"]
    return {
        "type": "object",
        "required": ["image_url", "label"],
        "properties": {
            "image_url": {"type": "string", "pattern": "^azureml://subscriptions/[^/]+/resourcegroups/[^/]+/workspaces/[^/]+/datastores/[^/]+/paths/[^?#]+$"},
            "image_details": {
                "type": "object",
                "required": ["format", "width", "height"],
                "properties": {"format": {"enum": formats}, "width": SIDE, "height": SIDE},
                "additionalProperties": False,
            },
            "label": LABELS[kind],
        },
        "additionalProperties": False,
    }


# CVAT for images 1.1: the children of an element, and its attributes: those that must be there, those that may.
CVAT = {
    "annotations": ({"version", "meta", "image"}, set(), set()),
    "version": (set(), set(), set()),
    "meta": ({"task"}, set(), set()),
    "task": ({"id", "name", "size", "mode", "overlap", "labels", "created", "updated", "owner"}, set(), set()),
    "mode": (set(), set(), set()),
    "overlap": (set(), set(), set()),
    "labels": ({"label"}, set(), set()),
    "label": ({"name", "color", "type", "attributes"}, set(), set()),
    "name": (set(), set(), set()),
    "attributes": ({"attribute"}, set(), set()),
    "image": ({"box", "tag"}, {"id", "name", "width", "height"}, {"subset", "task_id"}),
    "box": ({"attribute"}, {"label", "xtl", "ytl", "xbr", "ybr", "occluded"}, {"source", "z_order", "group_id", "rotation"}),
    "tag": ({"attribute"}, {"label"}, {"source", "group_id"}),
}


def cvat_rules(root):
    def check(node):
        children, must, may = CVAT[node.tag]
        assert {child.tag for child in node} <= children, (node.tag, [child.tag for child in node])
        assert must <= set(node.keys()) <= must | may, (node.tag, node.attrib)
        for child in node:
            check(child)

    page = ET.parse(root / "cvat.xml").getroot()
    assert page.tag == "annotations" and page.find("version").text == "1.1" and page.find("meta/task/name").text
    check(page)
    labels = [node.text for node in page.findall("meta/task/labels/label/name")]
    assert labels and len(labels) == len(set(labels))
    for image in page.findall("image"):
        width, height = int(image.get("width")), int(image.get("height"))
        assert width > 0 and height > 0 and image.get("name")
        for shape in image:
            assert shape.get("label") in labels, shape.attrib
        for box in image.findall("box"):
            left, top, right, bottom = (float(box.get(key)) for key in ("xtl", "ytl", "xbr", "ybr"))
            assert 0 <= left < right <= width and 0 <= top < bottom <= height, box.attrib
            assert box.get("occluded") in ("0", "1") and int(box.get("z_order")) == 0
    print("ok CVAT's rules")


def azureml_rules(root, kind):
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        return print("SKIPPED Azure ML's schema: jsonschema is not installed")
    validator = Draft202012Validator(azureml_schema(kind))
    lists = sorted((root / "azureml").rglob("*.jsonl"))
    assert lists
    count = 0
    for path in lists:
        assert (path.parent / "MLTable").is_file()
        for line in path.read_text("utf-8").splitlines():
            line = json.loads(line)
            validator.validate(line)
            count += 1
            if kind == "detection":
                assert all(box["topX"] < box["bottomX"] and box["topY"] < box["bottomY"] for box in line["label"])
    # The schema itself refuses what it should.
    wrong = {"image_url": "azureml://x", "label": 7}
    assert count and not validator.is_valid(wrong)
    print(f"ok Azure ML's schema: {count} lines")


def label_studio(root, truth):
    try:
        from label_studio_sdk.converter import Converter
        from label_studio_sdk.label_interface import LabelInterface
    except ImportError:
        return print("SKIPPED Label Studio: label-studio-sdk is not installed")
    setup = (root / "label-studio.xml").read_text("utf-8")
    interface = LabelInterface(setup)
    interface.validate()
    tasks = json.loads((root / "label-studio.json").read_text("utf-8"))
    results = 0
    for task in tasks:
        assert interface.validate_task({"data": task["data"]})
        for annotation in task["annotations"]:
            errors = interface.validate_prediction(annotation, return_errors=True)
            assert not errors, errors
            for result in annotation["result"]:
                results += 1
                foreign = json.loads(json.dumps(result))
                foreign["to_name"] = "another"
                assert not interface.validate_region(foreign), "it refuses nothing"
    assert results
    print(f"ok Label Studio's own checks: {len(tasks)} tasks, {results} results")
    if truth is None:
        return
    with tempfile.TemporaryDirectory() as out:
        # No picture is fetched: there are none at those addresses here.
        converter = Converter(config=setup, project_dir=None, download_resources=False)
        converter.convert_to_coco(str(root / "label-studio.json"), out, is_dir=False, output_image_dir=out + "/images")
        coco = json.loads(pathlib.Path(out, "result.json").read_text("utf-8"))
    names = {category["id"]: category["name"] for category in coco["categories"]}
    found = {}
    for image in coco["images"]:
        path = urllib.parse.parse_qs(urllib.parse.urlparse(image["file_name"]).query)["d"][0]
        found[image["id"]] = (stem(path), (image["width"], image["height"]), [])
    for made in coco["annotations"]:
        found[made["image_id"]][2].append((names[made["category_id"]], of_corner(made["bbox"])))
    # It leaves images without regions out.
    with_regions = {name for name, image in truth.images.items() if image["boxes"]}
    assert {name for name, _, boxes in found.values() if boxes} == with_regions
    for name, size, boxes in found.values():
        if boxes:
            truth.same("Label Studio's converter", name, boxes, size=size, pixels=True)
    print("ok Label Studio converts the tasks to COCO")


def panlabel(root, truth):
    program = os.environ.get("TAGSCOPE_PANLABEL")
    if not program:
        return print("SKIPPED panlabel: it is not installed; set TAGSCOPE_PANLABEL")
    with tempfile.TemporaryDirectory() as out:
        # It knows no tags of whole images, and wants the name of a file where Label Studio has an address of its own
        # storage. Nothing else of the files is touched.
        tasks = json.loads((root / "label-studio.json").read_text("utf-8"))
        for task in tasks:
            task["data"]["image"] = urllib.parse.parse_qs(urllib.parse.urlparse(task["data"]["image"]).query)["d"][0]
            for annotation in task["annotations"]:
                annotation["result"] = [made for made in annotation["result"] if made["type"] == "rectanglelabels"]
        plain = pathlib.Path(out, "tasks.json")
        plain.write_text(json.dumps(tasks), "utf-8")
        page = ET.parse(root / "cvat.xml")
        for image in page.getroot().findall("image"):
            for tag in image.findall("tag"):
                image.remove(tag)
        boxes_only = pathlib.Path(out, "cvat.xml")
        page.write(boxes_only, "utf-8", xml_declaration=True)
        for name, path in [
            ("coco", root / "annotations/instances_default.json"),
            ("yolo", root / "yolo"),
            ("voc", root / "voc"),
            ("label-studio", plain),
            ("cvat", boxes_only),
            ("datumaro", root / "datumaro/annotations/default.json"),
            ("create-ml", root / "createml/train/_annotations.createml.json"),
        ]:
            result = pathlib.Path(out, name + ".json")
            command = [program, "convert", "-f", name, "-t", "ir-json", "--allow-lossy", "-i", str(path), "-o", str(result)]
            run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
            assert run.returncode == 0, (name, run.stderr, run.stdout)
            same_as_panlabel(name, json.loads(result.read_text("utf-8")), truth)
            print(f"ok panlabel reads {name}")


def same_as_panlabel(name, found, truth):
    labels = {category["id"]: category["name"] for category in found["categories"]}
    boxes = {image["id"]: (image, []) for image in found["images"]}
    for made in found["annotations"]:
        corners = [made["bbox"][key] for key in ("xmin", "ymin", "xmax", "ymax")]
        boxes[made["image_id"]][1].append((labels[made["category_id"]], corners))
    by_stem = {}
    for image, listed in boxes.values():
        # Of YOLO it reads train and val, which are one folder here: each image comes twice.
        by_stem.setdefault(stem(image["file_name"]), []).append((image, listed))
    assert set(by_stem) == set(truth.images), (name, set(by_stem) ^ set(truth.images))
    for key, copies in by_stem.items():
        assert len(copies) == (2 if name == "yolo" else 1), (name, key, len(copies))
        width, height = truth.images[key]["size"]
        expected = sorted(
            (tag, [left * width, top * height, right * width, bottom * height])
            for tag, (left, top, right, bottom) in truth.images[key]["boxes"]
        )
        for image, listed in copies:
            if name == "yolo":
                # It does not turn pictures by their EXIF orientation; the fractions are the file's own.
                scale = [width / image["width"], height / image["height"]] * 2
                listed = [(tag, [edge * by for edge, by in zip(corners, scale)]) for tag, corners in listed]
            elif name != "create-ml":
                assert (image["width"], image["height"]) == (width, height), (name, key)
            assert [tag for tag, _ in sorted(listed)] == [tag for tag, _ in expected], (name, key, listed)
            for (_, corners), (_, other) in zip(sorted(listed), expected):
                # Whole pixels counted from 1, which it takes as they are.
                near(corners, other, 1.5 if name == "voc" else 1e-6, (name, key))


def main(folder, kind):
    root = pathlib.Path(folder)
    truth = Truth(root) if kind == "detection" else None
    azureml_rules(root, kind)
    cvat_rules(root)
    label_studio(root, truth)
    if truth:
        panlabel(root, truth)
    print("ALL OK")


if __name__ == "__main__":
    main(*sys.argv[1:])

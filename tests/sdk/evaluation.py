"""Evaluates cases with pycocotools: a JSON object a line with `truth` (a COCO dataset) and `found` (COCO results).

Prints for each a line of JSON: AP, AP50 and AP75 of all categories and of each, null where there are no labels.
"""
import contextlib
import io
import json
import sys

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def loaded(dataset):
    coco = COCO()
    coco.dataset = dataset
    coco.createIndex()
    return coco


def figures(case):
    truth = loaded(case["truth"])
    if case["found"]:
        found = truth.loadRes(case["found"])
    else:
        # loadRes cannot read an empty list.
        found = loaded({**case["truth"], "annotations": []})
    run = COCOeval(truth, found, "bbox")
    run.evaluate()
    run.accumulate()
    # IoU, recall, category, area "all", 100 detections.
    precision = run.eval["precision"][:, :, :, 0, 2]

    def mean(values):
        values = values[values > -1]
        return float(np.mean(values)) if len(values) else None

    def of(values):
        return {"ap": mean(values), "ap50": mean(values[0]), "ap75": mean(values[5])}

    return {**of(precision), "tags": [of(precision[:, :, at]) for at in range(precision.shape[2])]}


for line in open(sys.argv[1], encoding="utf-8"):
    with contextlib.redirect_stdout(io.StringIO()):
        result = figures(json.loads(line))
    print(json.dumps(result))

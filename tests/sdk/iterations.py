"""What every state of a project has, by the vendor's own SDK, as a line of JSON: iterations.py ENDPOINT KEY PROJECT"""

import json
import sys
import urllib.request

from azure.cognitiveservices.vision.customvision.training import CustomVisionTrainingClient
from msrest.authentication import ApiKeyCredentials


def main(endpoint, key, project):
    trainer = CustomVisionTrainingClient(endpoint, ApiKeyCredentials(in_headers={"Training-key": key}))

    def state(name, iteration):
        images, skip = [], 0
        while True:
            page = trainer.get_tagged_images(project, iteration_id=iteration, order_by="Oldest", take=256, skip=skip)
            images += page
            skip += 256
            if len(page) < 256:
                break
        assert len(images) == trainer.get_tagged_image_count(project, iteration_id=iteration)
        by_id = trainer.get_images_by_ids(project, image_ids=[images[0].id], iteration_id=iteration)
        assert [image.id for image in by_id] == [images[0].id]
        with urllib.request.urlopen(images[0].original_image_uri) as answer:
            assert answer.read(3) == b"\xff\xd8\xff"
        return {
            "name": name,
            "tags": [[tag.id, tag.name, tag.image_count] for tag in trainer.get_tags(project, iteration_id=iteration)],
            "images": [
                [image.id, [[region.region_id, region.tag_name, region.left] for region in image.regions or []]]
                for image in images
            ],
        }

    states = [state(one.name, one.id) for one in trainer.get_iterations(project)]
    print(json.dumps([state("workspace", None), *states]))


if __name__ == "__main__":
    main(*sys.argv[1:])

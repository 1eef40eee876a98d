"""Lists all tagged images by 256 with the vendor's SDK and prints how many and how long: list_all.py ENDPOINT KEY PROJECT"""

import sys
import time

from azure.cognitiveservices.vision.customvision.training import CustomVisionTrainingClient
from msrest.authentication import ApiKeyCredentials


def main(endpoint, key, project_id):
    trainer = CustomVisionTrainingClient(endpoint, ApiKeyCredentials(in_headers={"Training-key": key}))
    start = time.perf_counter()
    images = regions = skip = 0
    while True:
        page = trainer.get_tagged_images(project_id, take=256, skip=skip)
        images += len(page)
        regions += sum(len(image.regions or []) for image in page)
        if len(page) < 256:
            break
        skip += 256
    print(f"{images} images, {regions} regions, {time.perf_counter() - start:.3f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])

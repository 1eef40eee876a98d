"""The vendor's own SDK, unchanged, against a running endpoint: check.py ENDPOINT KEY PROJECT"""

import sys
import urllib.request

from azure.cognitiveservices.vision.customvision.training import CustomVisionTrainingClient
from azure.cognitiveservices.vision.customvision.training.models import CustomVisionErrorException
from msrest.authentication import ApiKeyCredentials


def client(endpoint, key):
    return CustomVisionTrainingClient(endpoint, ApiKeyCredentials(in_headers={"Training-key": key}))


def paged(call, **options):
    images, skip = [], 0
    while True:
        page = call(take=256, skip=skip, **options)
        images += page
        if len(page) < 256:
            return images
        skip += 256


def refused(call):
    try:
        call()
    except CustomVisionErrorException as error:
        return error
    raise AssertionError("should have been refused")


def main(endpoint, key, project_id):
    trainer = client(endpoint, key)

    projects = trainer.get_projects()
    assert [project.id for project in projects] == [project_id]
    project = trainer.get_project(project_id)
    assert project.name == projects[0].name and project.status == "Succeeded"
    assert project.created.tzinfo is not None and project.last_modified > project.created
    domains = {domain.id: domain for domain in trainer.get_domains()}
    assert domains[project.settings.domain_id].type == "ObjectDetection"
    assert trainer.get_domain(project.settings.domain_id).name == domains[project.settings.domain_id].name

    iterations = trainer.get_iterations(project_id)
    assert len(iterations) == 2 and all(one.status == "Completed" for one in iterations)
    assert trainer.get_iteration(project_id, iterations[0].id).name == iterations[0].name

    tags = trainer.get_tags(project_id)
    assert len(tags) == 8 and sum(tag.type == "Negative" for tag in tags) == 1
    assert trainer.get_tag(project_id, tags[0].id).image_count == tags[0].image_count > 0

    def tagged(**options):
        return paged(lambda **page: trainer.get_tagged_images(project_id, **page), **options)

    newest = tagged()
    count = trainer.get_tagged_image_count(project_id)
    assert len(newest) == count == len({image.id for image in newest}) > 256
    assert trainer.get_image_count(project_id, tagging_status="Tagged") == count
    assert len(trainer.get_tagged_images(project_id)) == 50
    assert [image.id for image in tagged(order_by="Oldest")] == [image.id for image in reversed(newest)]
    assert newest[0].created >= newest[-1].created
    regions = [region for image in newest for region in image.regions or []]
    assert regions and all(0 <= region.left and region.left + region.width <= 1.00001 for region in regions)
    names = {tag.id: tag.name for tag in tags}
    assert all(names[region.tag_id] == region.tag_name for region in regions)
    assert any(image.metadata for image in newest)

    two = [tags[0].id, tags[1].id]
    either = tagged(tag_ids=two)
    assert {image.id for image in either} == {
        image.id for image in newest if any(mark.tag_id in two for mark in image.tags)
    }
    assert trainer.get_tagged_image_count(project_id, tag_ids=two) == len(either)
    trained = trainer.get_tagged_image_count(project_id, iteration_id=iterations[-1].id)
    assert 0 < trained < count and len(tagged(iteration_id=iterations[-1].id)) == trained

    wanted = [newest[5].id, newest[2].id, newest[9].id]
    by_ids = trainer.get_images_by_ids(project_id, image_ids=wanted)
    assert [image.id for image in by_ids] == [newest[9].id, newest[5].id, newest[2].id]

    untagged = trainer.get_untagged_images(project_id)
    assert len(untagged) == trainer.get_untagged_image_count(project_id) > 0
    assert all(not image.tags and not image.regions for image in untagged)
    assert not {image.id for image in untagged} & {image.id for image in newest}
    every = paged(lambda **page: trainer.get_images(project_id, **page))
    assert [image.id for image in every] == [image.id for image in untagged + newest]
    assert trainer.get_image_count(project_id) == len(every)
    night = paged(lambda **page: trainer.get_images(project_id, filter="metadata=shift eq 'night'", **page))
    assert [image.id for image in night] == [image.id for image in every if (image.metadata or {}).get("shift") == "night"]
    assert trainer.get_image_count(project_id, filter="metadata=shift eq 'night'") == len(night) > 0

    latest = iterations[0].id
    performance = trainer.get_iteration_performance(project_id, latest, threshold=0.5, overlap_threshold=0.5)
    assert 0.5 < performance.precision < 1 and 0.5 < performance.recall < 1
    assert len(performance.per_tag_performance) == 7 and performance.average_precision > 0.5
    predicted = paged(lambda **page: trainer.get_image_performances(project_id, latest, **page))
    assert len(predicted) == trainer.get_image_performance_count(project_id, latest)
    assert all(row.image_uri and row.created for row in predicted)
    guesses = [guess for row in predicted for guess in row.predictions]
    assert len(guesses) > len(predicted) and all(0 < guess.probability < 1 for guess in guesses)
    assert all(guess.bounding_box and guess.tag_type for guess in guesses)

    for uri in (newest[0].thumbnail_uri, newest[0].resized_image_uri, newest[0].original_image_uri):
        with urllib.request.urlopen(uri) as answer:
            assert answer.read(3) == b"\xff\xd8\xff"
    path = newest[0].resized_image_uri.split("?")[0].split("/", 3)[3]
    assert b"".join(trainer.get_artifact(project_id, path=path)).startswith(b"\xff\xd8\xff")

    assert refused(lambda: client(endpoint, "wrong").get_projects()).response.status_code == 401
    beyond = refused(lambda: trainer.get_tagged_images(project_id, take=256, skip=-1))
    assert beyond.error.code == "BadRequest", beyond.error
    assert refused(lambda: trainer.create_tag(project_id, "new")).response.status_code == 405
    print(f"ok: {count} images, {len(regions)} regions")


if __name__ == "__main__":
    main(*sys.argv[1:])

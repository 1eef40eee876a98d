// What every state of a project has, by the vendor's own SDK, as a line of JSON: node iterations.mjs MODULES ENDPOINT KEY PROJECT
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const [modules, endpoint, key, project] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { TrainingAPIClient } = require("@azure/cognitiveservices-customvision-training");
const { ApiKeyCredentials } = require("@azure/ms-rest-js");
const trainer = new TrainingAPIClient(new ApiKeyCredentials({ inHeader: { "Training-key": key } }), endpoint);

async function state(name, iterationId) {
  const images = [];
  for (let skip = 0; ; skip += 256) {
    const page = await trainer.getTaggedImages(project, { iterationId, orderBy: "Oldest", take: 256, skip });
    images.push(...page);
    if (page.length < 256) break;
  }
  assert.equal((await trainer.getTaggedImageCount(project, { iterationId })).body, images.length);
  const [again] = await trainer.getImagesByIds(project, { imageIds: [images[0].id], iterationId });
  assert.equal(again.id, images[0].id);
  const answer = await fetch(images[0].originalImageUri);
  assert.deepEqual([...new Uint8Array(await answer.arrayBuffer()).slice(0, 2)], [0xff, 0xd8]);
  const tags = await trainer.getTags(project, { iterationId });
  return {
    name,
    tags: tags.map((tag) => [tag.id, tag.name, tag.imageCount]),
    images: images.map((image) => [image.id, (image.regions ?? []).map((one) => [one.regionId, one.tagName, one.left])]),
  };
}

const states = [await state("workspace", undefined)];
for (const iteration of await trainer.getIterations(project)) states.push(await state(iteration.name, iteration.id));
console.log(JSON.stringify(states));

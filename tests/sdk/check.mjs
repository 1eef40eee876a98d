// The vendor's own JavaScript SDK, unchanged, against a running endpoint: node check.mjs MODULES ENDPOINT KEY PROJECT
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const [modules, endpoint, key, project] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { TrainingAPIClient } = require("@azure/cognitiveservices-customvision-training");
const { ApiKeyCredentials } = require("@azure/ms-rest-js");

const client = (secret) => new TrainingAPIClient(new ApiKeyCredentials({ inHeader: { "Training-key": secret } }), endpoint);
const trainer = client(key);

async function paged(call, options = {}) {
  const images = [];
  for (let skip = 0; ; skip += 256) {
    const page = await call({ ...options, take: 256, skip });
    images.push(...page);
    if (page.length < 256) return images;
  }
}

const projects = await trainer.getProjects();
assert.deepEqual(projects.map((one) => one.id), [project]);
assert.equal((await trainer.getProject(project)).name, projects[0].name);
assert.ok(projects[0].created instanceof Date && !Number.isNaN(projects[0].created.getTime()));
assert.ok((await trainer.getDomain(projects[0].settings.domainId)).name);

const tags = await trainer.getTags(project);
assert.ok(tags.length > 0);
const tagged = (options) => paged((page) => trainer.getTaggedImages(project, page), options);
const newest = await tagged();
assert.equal((await trainer.getTaggedImageCount(project)).body, newest.length);
assert.equal(new Set(newest.map((image) => image.id)).size, newest.length);
const oldest = await tagged({ orderBy: "Oldest" });
assert.deepEqual(oldest.map((image) => image.id).reverse(), newest.map((image) => image.id));

const one = newest.find((image) => image.regions?.length);
assert.ok(one.width > 0 && one.regions.every((region) => region.width > 0 && region.tagName));
const [again] = await trainer.getImagesByIds(project, { imageIds: [one.id] });
assert.deepEqual(again.regions.map((region) => region.left), one.regions.map((region) => region.left));
const tag = tags.find((candidate) => candidate.id === one.regions[0].tagId);
const some = await tagged({ tagIds: [tag.id] });
assert.ok(some.length > 0 && some.length <= newest.length && some.every((image) => image.tags.some((mark) => mark.tagId === tag.id)));

for (const uri of [one.originalImageUri, one.resizedImageUri, one.thumbnailUri]) {
  const answer = await fetch(uri);
  assert.equal(answer.status, 200);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  assert.deepEqual([...bytes.slice(0, 2)], [0xff, 0xd8]);
}

await assert.rejects(client("wrong").getProjects(), (error) => error.statusCode === 401);
const nobody = "00000000-0000-4000-8000-000000000000";
await assert.rejects(trainer.getProject(nobody), (error) => error.statusCode === 404 && error.code === "NotFoundProject");

const regions = newest.reduce((sum, image) => sum + (image.regions?.length ?? 0), 0);
console.log(`ok: ${newest.length} images, ${regions} regions`);

"""Writes an archive of many images without a service: python3 archive_of.py OUT IMAGES PICTURE [--shared]

Each image has 10 regions of 8 tags, a name, and the JPEG file PICTURE with a comment of its own. With --shared, 50,000 images
at a time have one picture among them, as hard links: a million images then cost no room on the disk.
"""

import hashlib
import json
import os
import pathlib
import sys
import uuid

REGIONS = 10
SHARED = 50_000


def identifier(kind: int, number: int) -> str:
    """An id that is always the same, with well mixed first digits, as the service's are."""
    return str(uuid.UUID(bytes=hashlib.md5(f"{kind} {number}".encode()).digest()))


def main(out: pathlib.Path, count: int, picture: pathlib.Path, is_shared: bool) -> None:
    jpeg = picture.read_bytes()
    tags = [(identifier(1, n), f"tag {n}") for n in range(1, 9)]
    out.mkdir(parents=True)
    for n in range(256):
        (out / "originals" / f"{n:02x}").mkdir(parents=True)
    files, lines = {}, hashlib.sha256()
    written = 0
    source, facts = None, None
    with open(out / "images.jsonl", "wb") as rows:
        for n in range(count):
            image = identifier(2, n)
            name = f"originals/{image[:2]}/{image}.jpg"
            if not is_shared or n % SHARED == 0:
                # A comment behind the first mark of a JPEG.
                note = str(n).encode()
                content = jpeg[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big") + note + jpeg[2:]
                (out / name).write_bytes(content)
                facts = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                source = out / name
            else:
                os.link(source, out / name)
            files[name] = facts
            regions = []
            for r in range(REGIONS):
                tag, label = tags[(n + r) % len(tags)]
                left, top = (n * 7 + r * 61) % 700 / 1000, (n * 13 + r * 37) % 600 / 1000
                regions.append(
                    f'{{"regionId":"{identifier(3, n * REGIONS + r)}","tagName":"{label}",'
                    f'"created":"2026-01-02T03:04:05.678","tagId":"{tag}",'
                    f'"left":{left},"top":{top},"width":0.25,"height":0.3}}'
                )
            marks = ",".join(f'{{"tagId":"{tag}","tagName":"{label}","created":"2026-01-02T03:04:05.678"}}' for tag, label in tags)
            row = (
                f'{{"id":"{image}","created":"2026-01-02T03:04:05.678","width":400,"height":300,"tags":[{marks}],'
                f'"regions":[{",".join(regions)}],"metadata":{{"name":"IMG_{n:07}.jpg"}}}}\n'
            ).encode()
            lines.update(row)
            rows.write(row)
            written += len(row)
    files["images.jsonl"] = {"bytes": written, "sha256": lines.hexdigest()}
    domain = identifier(4, 0)
    manifest = {
        "format": "tagscope-archive",
        "version": 4,
        "project": {"id": identifier(5, count), "name": f"{count} images", "settings": {"domainId": domain}},
        "domains": [{"id": domain, "name": "General", "type": "ObjectDetection"}],
        "tags": [{"id": tag, "name": label, "type": "Regular", "imageCount": count} for tag, label in tags],
        "counts": {"images": count, "untagged": 0, "regions": count * REGIONS, "tags": len(tags)},
        "files": files,
    }
    with open(out / "manifest.json", "w") as file:
        json.dump(manifest, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3]), "--shared" in sys.argv[4:])

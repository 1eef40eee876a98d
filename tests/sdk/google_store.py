"""Google Cloud Storage on this computer. gcp-storage-emulator answers the JSON API, which Google's own library speaks; here is
what it lacks: the XML API, as its reference describes it (https://docs.cloud.google.com/storage/docs/xml-api/overview). What
the service refuses is refused: requests without the token, conditions that do not hold, parts that are too small, in a wrong
order or of an unknown upload, and replacing an object without the right to delete it.

    google_store.py TOKEN [--may-not-replace] [--anonymous]

The first line on standard output says where it listens.
"""

import base64
import hashlib
import sys
import threading
import uuid
from datetime import datetime
from email.utils import format_datetime
from functools import partial, partialmethod
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from gcp_storage_emulator.handlers.objects import _checksums, _make_object_resource
from gcp_storage_emulator.server import RequestHandler, Router, _read_raw_data
from gcp_storage_emulator.storage import Storage

JSON_API = ("/storage/", "/upload/", "/download/", "/batch/", "/b/")
NAMES = " xmlns='http://s3.amazonaws.com/doc/2006-03-01/'"
LEAST_PART = 5 << 20
MOST_KEYS = 1000
LOCK = threading.Lock()
UPLOADS = {}


class Refused(Exception):
    """A status, with the name that the reference gives the error."""


def element(name, value):
    return f"<{name}>{escape(str(value))}</{name}>"


def date(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def sums(content):
    """What the service says of the bytes that it got."""
    one = _checksums(content, {})
    return {"x-goog-hash": f"crc32c={one['crc32c']},md5={one['md5Hash']}"}


def hex_md5(content):
    return hashlib.md5(content).hexdigest()


class Xml(RequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, token, may_replace, *rest):
        self.token, self.may_replace = token, may_replace
        super().__init__(*rest)

    def serve(self, method):
        if self.path.startswith(JSON_API):
            with LOCK:
                return Router(self).handle(method)
        # Outside of the lock: it may never come.
        body = _read_raw_data(self) or b""
        if len(body) != int(self.headers.get("Content-Length", "0")):
            self.close_connection = True
            return
        with LOCK:
            self.serve_xml(method, body)

    def serve_xml(self, method, body):
        parts = urlsplit(self.path)
        bucket, _, name = parts.path.lstrip("/").partition("/")
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.bucket, self.name = unquote(bucket), unquote(name)
        try:
            if self.token is not None and self.headers.get("Authorization") != f"Bearer {self.token}":
                raise Refused(401, "AuthenticationRequired")
            if not self.storage.get_bucket(self.bucket):
                raise Refused(404, "NoSuchBucket")
            self.answer(*self.respond(method, body))
        except Refused as refused:
            status, code = refused.args
            text = f"<Error>{element('Code', code)}{element('Message', code)}</Error>"
            self.answer(status, {"Content-Type": "application/xml; charset=UTF-8"}, text.encode())

    def answer(self, status, headers, body):
        self.send_response(status)
        # The length of what a GET would bring is the answer to a HEAD.
        for key, value in {"Content-Length": len(body), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def respond(self, method, body):
        if not self.name:
            if (method, self.query.get("list-type")) != ("GET", "2"):
                raise Refused(405, "MethodNotAllowed")
            return self.list()
        if method in ("GET", "HEAD"):
            return self.get()
        if method == "PUT":
            return self.part(body) if "uploadId" in self.query else self.put(body)
        if method == "POST":
            return self.begin() if "uploads" in self.query else self.complete(body)
        if method == "DELETE" and "uploadId" in self.query:
            self.upload()
            del UPLOADS[self.query["uploadId"]]
            return 204, {}, b""
        raise Refused(405, "MethodNotAllowed")

    def there(self):
        return self.storage.objects.get(self.bucket, {}).get(self.name)

    def list(self):
        after, most = self.query.get("start-after", ""), min(int(self.query.get("max-keys", MOST_KEYS)), MOST_KEYS)
        if token := self.query.get("continuation-token"):
            after = max(after, base64.urlsafe_b64decode(token).decode())
        found, _ = self.storage.get_file_list(self.bucket, self.query.get("prefix"))
        found = [one for one in found if one["name"] > after]
        text = "".join(
            f"<Contents>{element('Key', one['name'])}{element('Generation', one['generation'])}"
            f"{element('LastModified', one['updated'])}{element('ETag', self.tag(one))}{element('Size', one['size'])}</Contents>"
            for one in found[:most]
        )
        text += element("IsTruncated", str(len(found) > most).lower())
        if len(found) > most:
            last = base64.urlsafe_b64encode(found[most - 1]["name"].encode()).decode()
            text += element("NextContinuationToken", last)
        text = f"<ListBucketResult{NAMES}>{element('Name', self.bucket)}{text}</ListBucketResult>"
        return 200, {"Content-Type": "application/xml; charset=UTF-8"}, text.encode()

    def tag(self, one):
        """The MD5 of an object that came in one request; that of one that came in parts says nothing of its content."""
        return f'"{one["etag"]}"'

    def get(self):
        one = self.there()
        if not one:
            raise Refused(404, "NoSuchKey")
        if self.headers.get("If-Match", self.tag(one)) != self.tag(one):
            raise Refused(412, "PreconditionFailed")
        content = self.storage.get_file(self.bucket, self.name)
        headers = {
            "Content-Type": one["contentType"],
            "ETag": self.tag(one),
            "Last-Modified": format_datetime(date(one["updated"]), usegmt=True),
            "x-goog-generation": one["generation"],
            **{f"x-goog-meta-{key}": value for key, value in (one.get("metadata") or {}).items()},
        }
        if not (wanted := self.headers.get("Range")):
            return 200, headers, content
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        first, last = int(first), min(int(last or len(content)), len(content) - 1)
        if first > last:
            raise Refused(416, "InvalidRange")
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        return 206, headers, content[first : last + 1]

    def store(self, content, kind, metadata, tag):
        # Not the host of the request, which may have come through another program.
        origin = f"http://127.0.0.1:{self.server.server_port}"
        one = _make_object_resource(origin, self.bucket, self.name, kind, str(len(content)), {"metadata": metadata})
        one = _checksums(content, one)
        one["etag"] = tag
        one["mediaLink"] = f"{origin}/download/storage/v1/b/{self.bucket}/o/{quote(self.name, safe='')}?alt=media"
        self.storage.create_file(self.bucket, self.name, content, one)
        return {"ETag": f'"{tag}"', "x-goog-generation": one["generation"], **sums(content)}

    def metadata(self):
        start = "x-goog-meta-"
        return {key.lower().removeprefix(start): value for key, value in self.headers.items() if key.lower().startswith(start)}

    def check_replacing(self):
        if self.there() and not self.may_replace:
            raise Refused(403, "AccessDenied")

    def put(self, content):
        wanted = self.headers.get("x-goog-if-generation-match")
        if wanted is not None and wanted != (self.there() or {"generation": "0"})["generation"]:
            raise Refused(412, "PreconditionFailed")
        self.check_replacing()
        return 200, self.store(content, self.headers["Content-Type"], self.metadata(), hex_md5(content)), b""

    def begin(self):
        name = uuid.uuid4().hex
        UPLOADS[name] = (self.name, self.headers["Content-Type"], self.metadata(), {})
        text = f"<InitiateMultipartUploadResult{NAMES}>{element('UploadId', name)}</InitiateMultipartUploadResult>"
        return 200, {}, text.encode()

    def upload(self):
        found = UPLOADS.get(self.query.get("uploadId"))
        if not found or found[0] != self.name:
            raise Refused(404, "NoSuchUpload")
        return found

    def part(self, content):
        number = int(self.query.get("partNumber", "0"))
        if not 1 <= number <= 10_000:
            raise Refused(400, "InvalidArgument")
        self.upload()[3][number] = content
        return 200, {"ETag": f'"{hex_md5(content)}"', **sums(content)}, b""

    def complete(self, body):
        _, kind, metadata, there = self.upload()
        listed = [
            (int(part.findtext("{*}PartNumber")), part.findtext("{*}ETag"))
            for part in ElementTree.fromstring(body).findall("{*}Part")
        ]
        numbers = [number for number, _ in listed]
        if not numbers or numbers != sorted(set(numbers)):
            raise Refused(400, "InvalidPartOrder")
        if any(number not in there or tag.strip('"') != hex_md5(there[number]) for number, tag in listed):
            raise Refused(400, "InvalidPart")
        if any(len(there[number]) < LEAST_PART for number in numbers[:-1]):
            raise Refused(400, "EntityTooSmall")
        self.check_replacing()
        content = b"".join(there[number] for number in numbers)
        # As the service's, it is not made of the content.
        headers = self.store(content, kind, metadata, f"-{uuid.uuid4().hex[:12]}=")
        del UPLOADS[self.query["uploadId"]]
        text = f"<CompleteMultipartUploadResult{NAMES}>{element('ETag', headers['ETag'])}</CompleteMultipartUploadResult>"
        return 200, {"x-goog-generation": headers["x-goog-generation"]}, text.encode()


for each in ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"):
    setattr(Xml, f"do_{each}", partialmethod(Xml.serve, each))

token, may_replace = sys.argv[1], "--may-not-replace" not in sys.argv
if "--anonymous" in sys.argv:
    token = None
server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Xml, token, may_replace, Storage(use_memory_fs=True)))
print(f"listens on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()

"""The objects of a local store, made and read by the clouds' own libraries: boto3, azure-storage-blob and google-cloud-storage.

    objects.py s3|az|gs make CONTAINER            creates a bucket or container
    objects.py s3|az|gs list CONTAINER [PREFIX]   one line of JSON an object: name, bytes, sha256, type
    objects.py s3|az|gs put CONTAINER NAME FILE   uploads a file under a name, in the place of another one too
    objects.py s3|az|gs upload CONTAINER PREFIX FOLDER    the same with every file below a folder, under the prefix
    objects.py s3|az|gs remove CONTAINER NAME     removes an object
    objects.py s3|az|gs read CONTAINER NAME       prints the text of an object
    objects.py s3 parquet CONTAINER PREFIX        opens Parquet where it is, with pyarrow: images, regions

Where the store is comes from the environment: AWS_ENDPOINT_URL, AZURE_STORAGE_CONNECTION_STRING or STORAGE_EMULATOR_HOST.
"""

import hashlib
import json
import os
import pathlib
import sys


class S3:
    def __init__(self, bucket):
        import boto3

        self.client, self.bucket = boto3.client("s3"), bucket

    def make(self):
        self.client.create_bucket(Bucket=self.bucket)

    def names(self, prefix):
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield entry["Key"]

    def read(self, name):
        found = self.client.get_object(Bucket=self.bucket, Key=name)
        return found["Body"].read(), found["ContentType"]

    def put(self, name, content):
        self.client.put_object(Bucket=self.bucket, Key=name, Body=content)

    def remove(self, name):
        self.client.delete_object(Bucket=self.bucket, Key=name)


class Azure:
    def __init__(self, container):
        from azure.storage.blob import BlobServiceClient

        service = BlobServiceClient.from_connection_string(os.environ["AZURE_STORAGE_CONNECTION_STRING"])
        self.client = service.get_container_client(container)

    def make(self):
        self.client.create_container()

    def names(self, prefix):
        return self.client.list_blob_names(name_starts_with=prefix)

    def read(self, name):
        found = self.client.download_blob(name)
        return found.readall(), found.properties.content_settings.content_type

    def put(self, name, content):
        self.client.upload_blob(name, content, overwrite=True)

    def remove(self, name):
        self.client.delete_blob(name)


class Google:
    def __init__(self, bucket):
        from google.cloud import storage

        self.client = storage.Client(project="testing")
        self.bucket = self.client.bucket(bucket)

    def make(self):
        self.client.create_bucket(self.bucket)

    def names(self, prefix):
        return [blob.name for blob in self.client.list_blobs(self.bucket, prefix=prefix)]

    def read(self, name):
        blob = self.bucket.get_blob(name)
        return blob.download_as_bytes(), blob.content_type

    def put(self, name, content):
        self.bucket.blob(name).upload_from_string(content)

    def remove(self, name):
        self.bucket.blob(name).delete()


def parquet(bucket, prefix):
    import pyarrow.dataset
    import pyarrow.fs

    endpoint = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    store = pyarrow.fs.S3FileSystem(endpoint_override=endpoint, scheme="http", region="us-east-1")
    rows = pyarrow.dataset.dataset(f"{bucket}/{prefix}", filesystem=store, format="parquet", exclude_invalid_files=True)
    rows = rows.to_table(columns=["objects"]).to_pylist()
    print(json.dumps({"images": len(rows), "regions": sum(len(row["objects"]) for row in rows)}))


def main(kind, what, container, *rest):
    store = {"s3": S3, "az": Azure, "gs": Google}[kind](container)
    if what == "parquet":
        parquet(container, *rest)
    elif what == "make":
        store.make()
    elif what == "remove":
        store.remove(*rest)
    elif what == "read":
        sys.stdout.write(store.read(*rest)[0].decode())
    elif what == "put":
        store.put(rest[0], pathlib.Path(rest[1]).read_bytes())
    elif what == "upload":
        prefix, folder = rest
        for path in sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file()):
            store.put(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())
    else:
        for name in store.names(*rest or [""]):
            content, type_ = store.read(name)
            sha256 = hashlib.sha256(content).hexdigest()
            print(json.dumps({"name": name, "bytes": len(content), "sha256": sha256, "type": type_}))


main(*sys.argv[1:])

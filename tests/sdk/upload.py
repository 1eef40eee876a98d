"""Uploads a folder with the clouds' own libraries: boto3 and azure-storage-blob.

    upload.py s3|az CONTAINER PREFIX FOLDER    every file below the folder, under the prefix, in the place of what is there

Where the store is comes from the environment: AWS_ENDPOINT_URL, or AZURE_STORAGE_CONNECTION_STRING.
"""

import os
import pathlib
import sys


def uploader(kind, container):
    if kind == "s3":
        import boto3

        client = boto3.client("s3")
        return lambda name, content: client.put_object(Bucket=container, Key=name, Body=content)
    from azure.storage.blob import BlobServiceClient

    service = BlobServiceClient.from_connection_string(os.environ["AZURE_STORAGE_CONNECTION_STRING"])
    client = service.get_container_client(container)
    return lambda name, content: client.upload_blob(name, content, overwrite=True)


kind, container, prefix, folder = sys.argv[1:]
upload = uploader(kind, container)
for path in sorted(pathlib.Path(folder).rglob("*")):
    if path.is_file():
        upload(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())

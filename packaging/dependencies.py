#!/usr/bin/env python3
"""What is linked into the program, from `cargo metadata` and Cargo.lock: for the licenses, the SBOM and Flatpak.

    packaging/dependencies.py licenses [--target TRIPLE]   every dependency with its license texts, as text
    packaging/dependencies.py sbom [--target TRIPLE]       the same list as CycloneDX 1.5
    packaging/dependencies.py flatpak                      every crate of Cargo.lock as a source of flatpak-builder

Only Python's standard library is needed. The output depends on nothing but the sources and SOURCE_DATE_EPOCH.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
LICENSE_FILE = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense|ofl|ufl)", re.IGNORECASE)
# Of two licenses to choose from, the one that asks for less comes first.
PREFERRED = ["MIT", "Apache-2.0", "Zlib", "BSD-3-Clause", "BSD-2-Clause", "ISC", "Unlicense", "BSL-1.0"]


def locked():
    return tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]


def linked(target):
    """The packages whose code is in the program: normal dependencies of the root, and no procedural macros."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    found, waiting = {root}, [root]
    while waiting:
        for dependency in nodes[waiting.pop()]["deps"]:
            package = dependency["pkg"]
            is_normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            is_macro = any("proc-macro" in part["kind"] for part in packages[package]["targets"])
            if is_normal and not is_macro and package not in found:
                found.add(package)
                waiting.append(package)
    chosen = [packages[package] for package in found]
    chosen.sort(key=lambda package: (package["name"], package["version"]))
    return packages[root], [package for package in chosen if package["source"]]


def license_files(package):
    """The license files of a package, also those of fonts and C sources below it."""
    folder = pathlib.Path(package["manifest_path"]).parent
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and LICENSE_FILE.match(path.name)]
    return [path for path in files if path.suffix not in (".rs", ".c", ".h", ".py", ".go", ".html", ".json")]


def choices(expression):
    """The identifiers in an SPDX expression."""
    return [word for word in re.split(r"[\s()/]+", expression) if word and word not in ("OR", "AND", "WITH")]


def licenses(target):
    _, packages = linked(target)
    texts, holders, standing_in, without = {}, {}, {}, []
    for package in packages:
        name = f"{package['name']} {package['version']}"
        files = license_files(package)
        for path in files:
            text = path.read_text(encoding="utf-8", errors="replace").strip()
            key = hashlib.sha256(" ".join(text.split()).encode()).hexdigest()
            texts.setdefault(key, text)
            holders.setdefault(key, []).append(name)
            single = choices(package["license"] or "")
            # A text for packages that name a license and ship none.
            for identifier in PREFERRED:
                if identifier.split("-")[0].lower() in path.name.lower() or single == [identifier]:
                    standing_in.setdefault(identifier, key)
        if not files:
            without.append((name, package))
    for name, package in without:
        known = [identifier for identifier in PREFERRED if identifier in choices(package["license"] or "")]
        key = next((standing_in[identifier] for identifier in known if identifier in standing_in), None)
        if key is None:
            sys.exit(f"{name} ({package['license']}) ships no license text, and none is known. Look at it before a release.")
        holders[key].append(f"{name} (names this license, ships no text)")
    out = ["Tagscope contains these packages, under these licenses.", ""]
    out += [f"{package['name']} {package['version']}: {package['license']}" for package in packages]
    for key, text in texts.items():
        # One package may have the same text in several folders.
        names = list(dict.fromkeys(holders[key]))
        out += ["", "=" * 80, ", ".join(names), "=" * 80, "", text]
    print("\n".join(out))


def sbom(target):
    root, packages = linked(target)
    checksums = {(entry["name"], entry["version"]): entry.get("checksum") for entry in locked()}

    def component(package, kind):
        name, version = package["name"], package["version"]
        entry = {
            "type": kind,
            "bom-ref": f"pkg:cargo/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:cargo/{name}@{version}",
            "licenses": [{"expression": (package["license"] or "NOASSERTION").replace("/", " OR ")}],
        }
        if checksum := checksums.get((name, version)):
            entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        if repository := package["repository"]:
            entry["externalReferences"] = [{"type": "vcs", "url": repository}]
        return entry

    components = [component(package, "library") for package in packages]
    moment = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
    digest = hashlib.sha256(json.dumps([target, components], sort_keys=True).encode()).hexdigest()
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",
        "version": 1,
        "metadata": {
            "timestamp": moment.isoformat().replace("+00:00", "Z"),
            "component": component(root, "application"),
            "properties": [{"name": "cargo:target", "value": target}],
        },
        "components": components,
    }
    print(json.dumps(document, indent=1, sort_keys=True))


def flatpak():
    crates = [entry for entry in locked() if entry.get("source", "").startswith("registry+")]
    sources = []
    for crate in crates:
        name, version, checksum = crate["name"], crate["version"], crate["checksum"]
        folder = f"cargo/vendor/{name}-{version}"
        sources.append({
            "type": "archive",
            "archive-type": "tar-gzip",
            "url": f"https://static.crates.io/crates/{name}/{name}-{version}.crate",
            "sha256": checksum,
            "dest": folder,
        })
        sources.append({
            "type": "inline",
            "contents": json.dumps({"package": checksum, "files": {}}),
            "dest": folder,
            "dest-filename": ".cargo-checksum.json",
        })
    config = '[source.crates-io]\nreplace-with = "vendored"\n\n[source.vendored]\ndirectory = "cargo/vendor"\n'
    sources.append({"type": "inline", "contents": config, "dest": "cargo", "dest-filename": "config.toml"})
    print(json.dumps(sources, indent=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["licenses", "sbom", "flatpak"])
    parser.add_argument("--target", default="x86_64-unknown-linux-gnu")
    arguments = parser.parse_args()
    if arguments.what == "flatpak":
        flatpak()
    else:
        {"licenses": licenses, "sbom": sbom}[arguments.what](arguments.target)


main()

"""The bill of materials: what is in the package ldseal and what sealctl, which is static, has of other projects.

SPDX 2.3 in JSON, https://spdx.github.io/spdx-spec/v2.3/. Everything in it is read from the build.
"""

import hashlib
import json
import subprocess
import uuid
from urllib.parse import quote

NAMESPACE = uuid.UUID("3a0ae3b5-8d0c-5e4b-9f6a-6c8f4b1f6f3e")
RUNTIME = "GPL-3.0-or-later WITH GCC-exception-3.1"
C_LIBRARY = "LGPL-2.1-or-later"
# The licence of what sealctl has of each source package, by the beginning of its name.
LICENCES = {
    "cli11": "BSD-3-Clause",
    "cross-toolchain-base": C_LIBRARY,
    "fmtlib": "MIT",
    "gcc-": RUNTIME,
    "glibc": C_LIBRARY,
    "linux": "GPL-2.0-only WITH Linux-syscall-note",
    "llvm-toolchain": "Apache-2.0 WITH LLVM-exception",
    "nlohmann-json": "MIT",
}


def document(tree, build, release):
    """The text of the document for what is installed in `tree`."""
    files = [file_element(tree, path) for path in programs(build)]
    parts = packages_of(build.inputs_of_sealctl())
    tools = build.tools()
    content = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"ldseal_{release.version}_{build.architecture}",
        "creationInfo": {"created": f"{release.time:%Y-%m-%dT%H:%M:%SZ}", "creators": ["Tool: ldseal-tools-package"]},
        "packages": [own_package(files, build, release), *map(part_element, parts), *map(tool_element, tools.items())],
        "files": files,
        "relationships": [
            relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-ldseal"),
            *(relation("SPDXRef-ldseal", "CONTAINS", file["SPDXID"]) for file in files),
            *(relation("SPDXRef-File-sealctl", "STATIC_LINK", part_id(part)) for part in parts),
            *(relation(f"SPDXRef-Tool-{name}", "BUILD_TOOL_OF", "SPDXRef-ldseal") for name in tools),
        ],
    }
    number = uuid.uuid5(NAMESPACE, json.dumps(content, sort_keys=True))
    content["documentNamespace"] = f"https://ldseal.example/spdx/{content['name']}-{number}"
    return json.dumps(content, indent=2) + "\n"


def programs(build):
    return [f"usr/lib/{build.multiarch}/ld-seal-{build.machine}.so.1", "usr/bin/sealctl"]


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def file_element(tree, path):
    data = (tree / path).read_bytes()
    return {
        "SPDXID": "SPDXRef-File-" + path.rsplit("/", 1)[1].replace("_", "-"),
        "fileName": f"./{path}",
        "fileTypes": ["BINARY"],
        "checksums": [{"algorithm": "SHA1", "checksumValue": hashlib.sha1(data).hexdigest()},
                      {"algorithm": "SHA256", "checksumValue": hashlib.sha256(data).hexdigest()}],
        "licenseConcluded": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }


def own_package(files, build, release):
    # SPDX 2.3, 7.9: SHA1 of the files' SHA1s in order. Other files of the package hold no code.
    sums = sorted(file["checksums"][0]["checksumValue"] for file in files)
    return {
        "SPDXID": "SPDXRef-ldseal",
        "name": "ldseal",
        "versionInfo": release.version,
        "supplier": "Organization: ldseal authors",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": True,
        "packageVerificationCode": {"packageVerificationCodeValue": hashlib.sha1("".join(sums).encode()).hexdigest()},
        "licenseConcluded": "MIT",
        "licenseDeclared": "MIT",
        "licenseInfoFromFiles": ["NOASSERTION"],
        "copyrightText": "Copyright (c) 2026 the ldseal authors",
        "primaryPackagePurpose": "APPLICATION",
        **({"sourceInfo": f"commit {release.commit}"} if release.commit else {}),
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/ldseal@{quote(release.version)}?arch={build.architecture}"}],
    }


def packages_of(paths):
    """(binary package, version, source package) of each package that these files are of."""
    owners = subprocess.run(["dpkg-query", "--search", *map(str, paths)], capture_output=True, text=True).stdout
    names = {line.split(": ", 1)[0].split(",")[0] for line in owners.splitlines() if not line.startswith("diversion ")}
    listed = subprocess.run(["dpkg-query", "--show", "-f=${Package}\t${Version}\t${source:Package}\n", *sorted(names)],
                            capture_output=True, text=True).stdout
    return sorted(tuple(line.split("\t")) for line in listed.splitlines())


def part_id(part):
    return "SPDXRef-Part-" + part[0].replace("+", "x").replace("_", "-")


def licence_of(source):
    return next((licence for name, licence in LICENCES.items() if source.startswith(name)), "NOASSERTION")


def part_element(part):
    name, version, source = part
    return {
        "SPDXID": part_id(part),
        "name": name,
        "versionInfo": version,
        "supplier": "Organization: Debian",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "sourceInfo": f"Debian source package {source}",
        "licenseConcluded": licence_of(source),
        "licenseDeclared": licence_of(source),
        "copyrightText": "NOASSERTION",
        "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                          "referenceLocator": f"pkg:deb/debian/{quote(name)}@{quote(version)}"}],
    }


def tool_element(tool):
    name, version = tool
    return {
        "SPDXID": f"SPDXRef-Tool-{name}",
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION",
    }

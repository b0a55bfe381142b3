"""Prints what uefi_firmware finds in an image, as JSON: volumes of the flash, each with every file in it and in the volumes inside."""
import json
import sys

from uefi_firmware import uefi
from uefi_firmware.utils import sguid


def walk(thing, files):
    """Appends every file below a thing, each followed by those in it."""
    if isinstance(thing, uefi.FirmwareFile):
        name = next((section.name for section in thing.sections if section.type == 0x15), None)
        files.append({
            "guid": sguid(thing.guid),
            "kind": thing.type,
            "size": thing.size,
            "name": name,
            "sections": [[section.type, section.size] for section in thing.sections],
        })
    for below in getattr(thing, "objects", None) or []:
        if below is not None and not isinstance(below, (bytes, str)):
            walk(below, files)


image = open(sys.argv[1], "rb").read()
volumes, at = [], 0
while (found := image.find(b"_FVH", at)) >= 0:
    volume = uefi.FirmwareVolume(image[found - 40:]) if found >= 40 else None
    if volume is None or not volume.valid_header:
        at = found + 4
        continue
    volume.process()
    files = []
    walk(volume, files)
    volumes.append({"at": found - 40, "size": volume.size, "files": files})
    at = found - 40 + volume.size
print(json.dumps(volumes))

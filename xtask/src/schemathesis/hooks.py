"""Hooks of Schemathesis: what a generator of data cannot know.

KNOWN names a file of JSON: guests with a launch, a registration that the service can measure, images of the catalogue. In some of the
requests that should be accepted, random names and bodies give way to these, so that more is asked than what is not there. And the
token that all requests carry is never the one that is revoked.
"""

import json
import os
import random
import uuid

import schemathesis
from schemathesis.generation.modes import GenerationMode

with open(os.environ["KNOWN"], encoding="utf-8") as file:
    KNOWN = json.load(file)
CHANCE = random.Random(int(os.environ["KNOWN_SEED"]))


@schemathesis.hook
def before_call(ctx, case, **kwargs):
    operation = case.operation.label
    path = case.path_parameters or {}
    if operation == "DELETE /token/{id}" and KNOWN["token"] in str(path.get("id")):
        case.path_parameters = {"id": "000000000000"}
        return
    # A token for another tenant is not found among the own ones, and should not be.
    if operation == "POST /token" and isinstance(case.body, dict) and case.body.get("tenant") != "default":
        if case.meta is not None and case.meta.phase.name == "stateful":
            case.body.pop("tenant", None)
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE or CHANCE.random() < 0.4:
        return
    guest = CHANCE.choice(KNOWN["guests"])
    # A stateful scenario goes on with the names that it was answered.
    if case.meta.phase.name != "stateful":
        names = {"vmid": guest["vmid"], "launch-id": guest["launch"], "sha256": CHANCE.choice(KNOWN["images"]), "code": "timeout"}
        if path and not (operation.startswith("DELETE") and CHANCE.random() < 0.8):
            case.path_parameters = {name: names.get(name, value) for name, value in path.items()}
    bodies = {
        "POST /vm/{vmid}": KNOWN["registration"],
        "PUT /vm/{vmid}": KNOWN["registration"],
        "POST /measure": KNOWN["registration"],
        "POST /vm/{vmid}/launch": KNOWN["launch"],
        "POST /vm/{vmid}/validate": guest["validate"],
    }
    if operation in bodies:
        case.body = bodies[operation]
    if operation == "POST /vm/{vmid}" and CHANCE.random() < 0.5:
        case.path_parameters = {"vmid": str(uuid.UUID(int=CHANCE.getrandbits(128), version=4))}
    if operation in ("PATCH /vm/{vmid}", "DELETE /vm/{vmid}") and case.headers:
        case.headers.pop("If-Match", None)
    if operation == "PUT /vm/{vmid}":
        case.headers = {**(case.headers or {}), "If-Match": CHANCE.choice(['"1"', '"2"', '"3"'])}
        case.headers.pop("If-None-Match", None)

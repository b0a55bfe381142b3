#!/usr/bin/env python3
"""Makes keys.json, envelopes.json, owner.pem and owner.pub again: keys, signatures and envelopes that are not of our own making.

Needs openssl, Python with cryptography and securesystemslib, and a cosign, whose path is the one argument. Keys are new each time and protect
nothing. Nothing of sev-launch is run.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import cryptography
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from importlib.metadata import version
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

COSIGN = os.path.abspath(sys.argv[1])
TYPE = "application/vnd.in-toto+json"
PREDICATE = "https://github.com/sev-launch/sev-launch/manifest/v1"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HERE = os.path.dirname(os.path.abspath(__file__))
os.chdir(tempfile.mkdtemp())
os.environ["COSIGN_PASSWORD"] = "x"


def run(line, **more):
    return subprocess.run(line.split(), check=True, capture_output=True, text=True, **more).stdout


def text(name):
    with open(name) as file:
        return file.read()


def manifest(technology, digests):
    rows = []
    for count, digest in enumerate(digests, 1):
        profile = {"snp": "snp-qemu", "sev-es": "es-legacy"}[technology]
        rows.append({"digest": digest, "vcpus": count, "profile": profile, "kernel_hashes": False,
                     "inputs": {"firmware": 0}, "obtained": {"how": "computed"}})
    return {"manifest": 1, "name": "guest", "tool": "by hand", "technology": technology,
            "description": {"technology": technology},
            "inputs": [{"role": "firmware", "sha256": "ab" * 32}], "rows": rows}


def statement(manifest, algorithm, kind="https://in-toto.io/Statement/v1"):
    subjects = [{"name": "guest", "digest": {algorithm: row["digest"]}} for row in manifest["rows"]]
    return {"_type": kind, "subject": subjects, "predicateType": PREDICATE, "predicate": manifest}


def pae(kind, payload):
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def envelope(payload, *signatures, keyid=""):
    listed = [{"keyid": keyid, "sig": base64.b64encode(one).decode()} for one in signatures]
    return json.dumps({"payloadType": TYPE, "payload": base64.b64encode(payload).decode(), "signatures": listed})


# Keys, by openssl alone.
for name in ["owner", "other"]:
    run(f"openssl ecparam -name prime256v1 -genkey -out {name}.sec1.pem")
    run(f"openssl ecparam -name prime256v1 -genkey -noout -out {name}.plain.pem")
    run(f"openssl pkcs8 -topk8 -nocrypt -in {name}.plain.pem -out {name}.pem")
    run(f"openssl pkey -in {name}.pem -pubout -out {name}.pub")
run("openssl ec -in owner.pem -out owner.sec1-plain.pem")
run("openssl ec -in owner.pem -pubout -conv_form compressed -out owner.compressed.pub")
run("openssl pkcs8 -topk8 -in owner.pem -passout pass:x -out owner.encrypted.pem")
run("openssl ec -in owner.pem -aes256 -passout pass:x -out owner.encrypted-sec1.pem")
for curve in ["secp384r1", "secp521r1", "secp256k1"]:
    run(f"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out {curve}.pem")
run("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem")
run("openssl genpkey -algorithm ED25519 -out ed25519.pem")
for name in ["secp384r1", "secp521r1", "secp256k1", "rsa", "ed25519"]:
    run(f"openssl pkey -in {name}.pem -pubout -out {name}.pub")
run(f"{COSIGN} generate-key-pair")
run("openssl req -new -x509 -key owner.pem -subj /CN=owner -days 1 -out owner.crt")
with open("owner.sec1.pem", "w") as file:
    file.write("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + text("owner.sec1-plain.pem"))
names = ["owner.pem", "owner.pub", "owner.sec1.pem", "owner.sec1-plain.pem", "owner.compressed.pub", "owner.encrypted.pem",
         "owner.encrypted-sec1.pem", "owner.crt", "other.pub", "cosign.key", "cosign.pub"]
names += [f"{name}.{end}" for name in ["secp384r1", "secp521r1", "secp256k1", "rsa", "ed25519"] for end in ["pem", "pub"]]
der = subprocess.run("openssl pkey -pubin -in owner.pub -outform DER".split(), check=True, capture_output=True).stdout
keys = {
    "origin": f"{run('openssl version').strip()}; cosign 2.5.0 (Debian trixie) for cosign.*",
    "owner_fingerprint": hashlib.sha256(der).hexdigest(),
    "files": {name: text(name) for name in names},
}

# Signatures, by cryptography.
owner = serialization.load_pem_private_key(text("owner.pem").encode(), None)


def sign(message, deterministic=False):
    return owner.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=deterministic))


def with_half(signature, high):
    r, s = utils.decode_dss_signature(signature)
    return utils.encode_dss_signature(r, s if (s > ORDER // 2) == high else ORDER - s)


snp, es = manifest("snp", ["11" * 48, "22" * 48]), manifest("sev-es", ["33" * 32])
by_cryptography = f"cryptography {cryptography.__version__}"
payload = json.dumps(statement(snp, "sha384")).encode()
right = sign(pae(TYPE, payload))
made = [
    {"name": "low s", "origin": by_cryptography, "key": "owner.pub", "envelope": envelope(payload, with_half(right, False))},
    {"name": "high s", "origin": by_cryptography, "key": "owner.pub", "envelope": envelope(payload, with_half(right, True))},
]
deterministic = []
for size in [0, 1, 11, 55, 56, 1000]:
    message = bytes(range(256)) * 4
    message = message[:size]
    deterministic.append({"payload_type": "text/plain", "payload": message.hex(), "signature": sign(pae("text/plain", message), True).hex()})

# Envelopes, whole, by others.
one = Envelope(json.dumps(statement(snp, "sha384")).encode(), TYPE, {})
signer = CryptoSigner(owner, SSlibKey.from_crypto(owner.public_key()))
one.sign(signer)
made.append({"name": "securesystemslib", "origin": f"securesystemslib {version('securesystemslib')}, its own id of the key",
             "key": "owner.pub", "envelope": json.dumps(one.to_dict())})
with open("es.json", "w") as file:
    json.dump(es, file)
with open("guest", "w") as file:
    file.write("a name")
by_cosign = run(f"{COSIGN} attest-blob --predicate es.json --type {PREDICATE} --key cosign.key --tlog-upload=false -y --hash {'33' * 32} guest")
made.append({"name": "cosign", "origin": "cosign 2.5.0 (Debian trixie): attest-blob", "key": "cosign.pub", "envelope": by_cosign})

for name, document in [
    ("keys.json", keys),
    ("envelopes.json", {"deterministic": {"origin": f"{by_cryptography}, deterministic_signing, by owner.pem", "signatures": deterministic},
                        "manifests": {"snp": snp, "sev-es": es}, "envelopes": made}),
]:
    with open(os.path.join(HERE, name), "w") as file:
        file.write(json.dumps(document, indent=2) + "\n")
for name in ["owner.pem", "owner.pub"]:
    with open(os.path.join(HERE, name), "w") as file:
        file.write(text(name))

"""securesystemslib, asked by `cargo xtask signed-manifests`.

    sign KEY PAYLOAD ENVELOPE   signs a payload, in securesystemslib's way, its own id of the key included
    half ENVELOPE OUT           writes the same with the other half of s, which ECDSA verifies too
    verify PUB ENVELOPE         exit code 0 if the key signed the envelope, 1 if not or if it is none
"""

import base64
import json
import sys

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

TYPE = "application/vnd.in-toto+json"
# The order of P-256. [FIPS 186-5]
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def read(name):
    with open(name, "rb") as file:
        return file.read()


def sign(key, payload, out):
    private = serialization.load_pem_private_key(read(key), None)
    envelope = Envelope(read(payload), TYPE, {})
    envelope.sign(CryptoSigner(private, SSlibKey.from_crypto(private.public_key())))
    with open(out, "w") as file:
        json.dump(envelope.to_dict(), file)


def half(name, out):
    envelope = json.loads(read(name))
    for signature in envelope["signatures"]:
        r, s = decode_dss_signature(base64.b64decode(signature["sig"]))
        signature["sig"] = base64.b64encode(encode_dss_signature(r, ORDER - s)).decode()
    with open(out, "w") as file:
        json.dump(envelope, file)


def verify(pub, name):
    envelope = Envelope.from_dict(json.loads(read(name)))
    if envelope.payload_type != TYPE:
        raise ValueError(envelope.payload_type)
    public = serialization.load_pem_public_key(read(pub))
    # A key by the id that the envelope says: securesystemslib passes over a signature with another one, and the id is signed by nobody.
    default = SSlibKey.from_crypto(public)
    keys = [SSlibKey(keyid, default.keytype, default.scheme, default.keyval) for keyid in envelope.signatures]
    envelope.verify(keys, 1)


try:
    {"sign": sign, "half": half, "verify": verify}[sys.argv[1]](*sys.argv[2:])
except Exception as error:  # noqa: BLE001
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(1)

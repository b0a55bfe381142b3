"""OpenSSL through Python's hashlib and hmac: the same figures, in the same form, as xtask/peers/src/floor.rs prints."""

import hashlib
import hmac
import json
import time

MIB = 1 << 20


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def each(function, items):
    for item in items:
        function(item)


stream = bytes(range(256)) * (64 * MIB // 256)
pages = [stream[at:at + 4096] for at in range(0, 16 * MIB, 4096)]
messages = [at.to_bytes(56, "little") for at in range(50_000)]
key = bytes(16)
rates = {
    "sha256": 64 * MIB / 1e6 / seconds(lambda: hashlib.sha256(stream).digest()),
    "sha384_pages": 16 * MIB / 1e6 / seconds(
        lambda: each(lambda page: hashlib.sha384(page).digest(), pages)),
    "hmac": len(messages) / seconds(
        lambda: each(lambda message: hmac.digest(key, message, "sha256"), messages)),
}
print(json.dumps({what: {"openssl by Python": rate} for what, rate in rates.items()}))

"""sev-snp-measure's own tests, with our program in place of what they test.

Arguments: our program under the tool's name, and the one under that of snp-create-id-block. It is run in the folder in which the
tool's `tests` lie, by a Python that has the tool, whose tables and names stay its own. Prints a line of JSON for each test.
"""

import base64
import json
import os
import subprocess
import sys
import unittest

from sevsnpmeasure import guest, id_block
from sevsnpmeasure.sev_mode import SevMode
from sevsnpmeasure.vmm_types import VMMType

MEASURE, ID_BLOCK = sys.argv[1:3]
MODES = {
    SevMode.SEV: "sev",
    SevMode.SEV_ES: "seves",
    SevMode.SEV_SNP: "snp",
    SevMode.SEV_SNP_SVSM: "snp:svsm",
}


def ask(program, flags, paths):
    """What the program prints. What it refuses is the error that the tool raises."""
    missing = [str(path) for path in paths if path and not os.path.exists(path)]
    if missing:
        raise unittest.SkipTest("no " + ", ".join(missing))
    done = subprocess.run([program, *map(str, flags)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout.rstrip("\n")


def calc_launch_digest(mode, vcpus, vcpu_sig, ovmf_file, kernel, initrd, append, guest_features,
                       snp_ovmf_hash_str='', vmm_type=VMMType.QEMU, dump_vmsa=False, svsm_file='',
                       ovmf_vars_size=0):
    flags = ["--mode", MODES[mode], "--ovmf", ovmf_file, "--vmm-type", vmm_type.name]
    for flag, value in (("--vcpus", vcpus), ("--vcpu-sig", vcpu_sig), ("--guest-features", guest_features),
                        ("--kernel", kernel), ("--initrd", initrd), ("--append", append),
                        ("--snp-ovmf-hash", snp_ovmf_hash_str), ("--svsm", svsm_file),
                        ("--vars-size", ovmf_vars_size)):
        # The command's default stands for what a caller of the library leaves out.
        if value is not None and value != '' and (value != 0 or flag != "--vars-size"):
            flags += [flag, value]
    if mode is SevMode.SEV_ES:
        # Callers of the library must give features, which are not looked at; in the command that is refused: see lines.txt.
        at = flags.index("--guest-features")
        del flags[at:at + 2]
    flags += ["--dump-vmsa"] if dump_vmsa else []
    return bytes.fromhex(ask(MEASURE, flags, (ovmf_file, kernel, initrd, svsm_file)))


def calc_snp_ovmf_hash(ovmf_file):
    return bytes.fromhex(ask(MEASURE, ["--mode", "snp:ovmf-hash", "--ovmf", ovmf_file], (ovmf_file,)))


def snp_calc_id_block(ld, idkey_file, authorkey_file):
    flags = ["--measurement", base64.b64encode(ld).decode(), "--idkey", idkey_file, "--authorkey", authorkey_file]
    return ask(ID_BLOCK, flags, (idkey_file, authorkey_file))


class Told(unittest.TestResult):
    """Each test's end, as a line of JSON."""

    def tell(self, test, result, text=""):
        print(json.dumps({"name": test.id().rsplit(".", 1)[-1], "result": result, "text": text}), flush=True)

    def addSuccess(self, test):
        self.tell(test, "passed")

    def addSkip(self, test, reason):
        self.tell(test, "skipped", reason)

    def addFailure(self, test, error):
        self.tell(test, "differs", str(error[1]).splitlines()[0])

    addError = addFailure


guest.calc_launch_digest = calc_launch_digest
guest.calc_snp_ovmf_hash = calc_snp_ovmf_hash
id_block.snp_calc_id_block = snp_calc_id_block
names = ["tests.test_guest", "tests.test_id_block"]
unittest.defaultTestLoader.loadTestsFromNames(names).run(Told())

"""sev-snp-measure's library inside of one process: seconds for the guests given, imports not counted.

Arguments: mode, firmware, kernel, initrd, CPU model, then vCPU count and command line of each guest.
"""

import sys
import time

from sevsnpmeasure import guest, vcpu_types
from sevsnpmeasure.sev_mode import SevMode
from sevsnpmeasure.vmm_types import VMMType

mode, firmware, kernel, initrd, cpu, *guests = sys.argv[1:]
mode = SevMode.from_str(mode)
signature = vcpu_types.CPU_SIGS[cpu]
started = time.perf_counter()
for vcpus, cmdline in zip(guests[::2], guests[1::2]):
    guest.calc_launch_digest(mode, int(vcpus), signature, firmware, kernel, initrd, cmdline, 1,
                             vmm_type=VMMType.QEMU)
print(time.perf_counter() - started)

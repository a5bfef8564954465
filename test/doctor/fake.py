#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prepared /proc and /sys trees for `vdk doctor --root`: fake.py DIR IMAGE [CHANGE...]

fake.py DIR IMAGE --stdin makes DIR/0, DIR/1 and so on, one for each line with changes.
Without a change the tree is that of a healthy machine with process 42 on it; each change is a
function below and makes it ill in one way. IMAGE serves as the kernel's vDSO. Addresses are low
ones, so that `mem` can be a sparse file on any file system.
"""
import os
import shutil
import struct
import sys

ROOT, IMAGE = sys.argv[1:3]
CLOCK = 'sys/devices/system/clocksource/clocksource0/'
VDSO, VVAR, STACK, START = 0x10004000, 0x10000000, 0x20000000, 0x2001F000
PAGE, ATTACHED = 0x18001000, 0x18002000
AT_NULL, AT_IGNORE, AT_PHNUM, AT_PAGESZ, AT_UID, AT_SYSINFO_EHDR, AT_HWCAP = 0, 1, 5, 6, 11, 33, 16
FLAGS = 'fpu tsc rdtscp constant_tsc nonstop_tsc'
NOW = 1000 * 10**9

image = open(IMAGE, 'rb').read()
files = {}   # path -> text or bytes
mem = {}     # address -> bytes
maps = []    # (start, end, rwxp, path, inode); a path that is a file of the tree gets its inode
saved = [(AT_SYSINFO_EHDR, VDSO), (AT_HWCAP, 0x1F8BFBFF), (AT_PAGESZ, 4096), (AT_PHNUM, 13),
         (AT_UID, 0)]
own = None   # None: the same
smaps = {'Private_Dirty': 0, 'Anonymous': 0, 'Swap': 0, 'VmFlags': 'rd ex mr mw me de'}
links = {'proc/42/ns/time': 'time:[4026531834]'}
words = 8

# `mov $228, %eax; syscall; ret`, as a C library without a vDSO has it.
RAW_CODE = bytes.fromhex('b8e4000000' '0f05' 'c3') + b'\x90' * 64


def elf(text=b'', bits=2):
    return b'\x7fELF' + bytes([bits, 1, 1]) + bytes(57) + text


def healthy():
    files.update({
        CLOCK + 'current_clocksource': 'tsc\n',
        CLOCK + 'available_clocksource': 'tsc hpet acpi_pm \n',
        'sys/devices/system/cpu/online': '0-7\n',
        'proc/cmdline': 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet\n',
        'proc/cpuinfo': f'processor\t: 0\nflags\t\t: {FLAGS}\n\n',
        'proc/version': 'Linux version 6.1.0-28-amd64 (debian)\n',
        'proc/self/status': 'Name:\tvdk\nCapEff:\t0000000000000000\n',
        'proc/42/status': 'Name:\tprog\nTracerPid:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n',
        'proc/42/timens_offsets': 'monotonic           0         0\nboottime            0         0\n',
        'proc/42/environ': b'HOME=/root\0TERM=linux\0',
        'proc/42/exe': elf(),
        'usr/bin/prog': elf(b'__vdso_clock_gettime\0' + RAW_CODE),
        'dev/kmsg': '6,1,100,-;tsc: Detected 2400.000 MHz processor\n',
        'measured': f'vdso 20\ncoarse 5\nsyscall 150\nvsyscall 900\nraw_call 0\nptrace 0\nnow {NOW}\n',
        'pristine': image,
    })
    maps.extend([
        (0x400000, 0x402000, 'r-xp', '/usr/bin/prog', None),
        (VVAR, VDSO, 'r--p', '[vvar]', 0),
        (VDSO, VDSO + len(image), 'r-xp', '[vdso]', 0),
        (STACK, STACK + 0x21000, 'rw-p', '[stack]', 0),
        (0xFFFFFFFFFF600000, 0xFFFFFFFFFF601000, '--xp', '[vsyscall]', 0),
    ])
    mem[VDSO] = image


# ---- Changes: each makes the tree ill in one way ------------------------------------------------

def clock_source():
    files[CLOCK + 'current_clocksource'] = 'acpi_pm\n'
    files['measured'] = f'vdso 1250\ncoarse 5\nsyscall 1190\nnow {NOW}\n'


def clock_source_unmeasured():
    files[CLOCK + 'current_clocksource'] = 'hpet\n'
    del files['measured']


def clock_source_fast():
    """A name that we do not know, but the vDSO is fast: no finding."""
    files[CLOCK + 'current_clocksource'] = 'newclock\n'


def clock_fallback():
    files[CLOCK + 'current_clocksource'] = 'kvm-clock\n'
    files['measured'] = f'vdso 190\nsyscall 160\nnow {NOW}\n'


def tsc_unstable():
    clock_source()
    files['dev/kmsg'] += ("4,2,200,-;clocksource: timekeeping watchdog on CPU1: Marking clocksource "
                          "'tsc' as unstable because the skew is too large:\n")


def tsc_unstable_but_fast():
    """The same message where the source is one that the vDSO reads: no finding."""
    tsc_unstable()
    healthy_measured()
    files[CLOCK + 'current_clocksource'] = 'kvm-clock\n'


def healthy_measured():
    files['measured'] = f'vdso 20\nsyscall 150\nnow {NOW}\n'


def virtual():
    files['proc/cpuinfo'] = 'processor\t: 0\nflags\t\t: fpu tsc hypervisor\n'
    files['sys/class/dmi/id/sys_vendor'] = 'innotek GmbH\n'
    files['sys/hypervisor/type'] = 'xen\n'


def boot_clocksource():
    clock_source()
    files['proc/cmdline'] = 'quiet clocksource=tsc clocksource=acpi_pm\n'


def boot_notsc():
    clock_source()
    files['proc/cmdline'] = 'quiet notsc nopti\n'


def boot_clock_unrelated():
    """Another source than the one asked for, and options for the first program only."""
    clock_source()
    files['proc/cmdline'] = 'quiet clocksource=tsc -- notsc clocksource=acpi_pm\n'


def boot_clock_harmless():
    files['proc/cmdline'] = 'quiet notsc tsc=unstable clocksource=hpet\n'


def no_vdso():
    saved[0] = (AT_HWCAP, 1)
    del maps[1:3]
    del mem[VDSO]


def boot_vdso():
    no_vdso()
    files['proc/cmdline'] = 'quiet vdso=1 vdso=0\n'


def boot_vdso_overruled():
    files['proc/cmdline'] = 'quiet vdso=0 vdso=1\n'


def boot_vdso_without_effect():
    files['proc/cmdline'] = 'quiet vdso=0\n'


def vdso_missing():
    no_vdso()


def vdso_hidden():
    global own
    own = [(AT_IGNORE, VDSO)] + saved[1:]


def vdso_foreign():
    global own
    own = [(AT_SYSINFO_EHDR, 0x15000000)] + saved[1:]
    maps.append((0x15000000, 0x15000000 + len(image), 'r-xp', '', 0))
    # Without the note it is none of vdk's.
    mem[0x15000000] = image.replace(b'vdk\0', b'xxx\0')


def vdso_lost():
    del maps[2]


def vdso_lost_overmapped():
    mem[VDSO] = b'no image' * 512


def vdso_modified():
    smaps.update({'Private_Dirty': 4, 'Anonymous': 4})
    changed = bytearray(image)
    for at in range(0x400, 0x410):
        changed[at] ^= 0xFF
    mem[VDSO] = bytes(changed)


def vdso_modified_swapped():
    vdso_modified()
    smaps.update({'Private_Dirty': 0, 'Anonymous': 0, 'Swap': 4})


def vdso_private_same():
    """A breakpoint that was taken away again: a private copy of the same bytes."""
    smaps.update({'Private_Dirty': 4, 'Anonymous': 4})


def vdso_private_unreadable():
    vdso_private_same()
    mem.clear()
    files['proc/42/mem'] = None


def vdso_sealed():
    smaps['VmFlags'] = 'rd ex mr mw me de sl'


def sandbox():
    """gVisor's: the program header's p_vaddr of the first PT_LOAD."""
    changed = bytearray(image)
    (phoff,), (phnum,) = struct.unpack_from('<Q', image, 32), struct.unpack_from('<H', image, 56)
    for i in range(phnum):
        if struct.unpack_from('<I', image, phoff + 56 * i)[0] == 1:
            struct.pack_into('<Q', changed, phoff + 56 * i + 16, 0xFFFFFFFFFF700000)
    mem[VDSO] = bytes(changed)
    files['proc/version'] = 'Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n'


def time_namespace():
    links['proc/42/ns/time'] = 'time:[4026532281]'
    files['proc/42/timens_offsets'] = 'monotonic       86400         0\nboottime        86400         0\n'


def time_namespace_absent():
    del links['proc/42/ns/time']
    del files['proc/42/timens_offsets']


def status(old, new, process='42'):
    path = f'proc/{process}/status'
    assert old in files[path]
    files[path] = files[path].replace(old, new)


def seccomp_filter():
    status('Seccomp:\t0\nSeccomp_filters:\t0', 'Seccomp:\t2\nSeccomp_filters:\t3')


def seccomp_denies():
    files['measured'] += 'raw_call 1\n'


def seccomp_kills():
    files['measured'] += 'raw_call -31\n'


def tsc_denied():
    files['measured'] += 'tsc_denied 1\n'


def yama(scope, capable=False):
    files['proc/sys/kernel/yama/ptrace_scope'] = f'{scope}\n'
    if capable:
        status('CapEff:\t0000000000000000', 'CapEff:\t000001ffffffffff', 'self')


def yama_attach():
    yama(2)


def yama_attach_never():
    yama(3, capable=True)


def yama_follow():
    yama(1)


def yama_capable():
    yama(1, capable=True)


def yama_off():
    yama(0)


def ptrace_denied():
    files['measured'] += 'ptrace 1\n'


def traced():
    status('TracerPid:\t0', 'TracerPid:\t77')


def program_32bit():
    global words
    words = 4
    files['proc/42/exe'] = elf(bits=1)


def libc_without():
    files['usr/bin/prog'] = elf(RAW_CODE)


def libc_without_but_loader():
    """The names are in another file that is mapped."""
    libc_without()
    files['lib/ld-musl-x86_64.so.1'] = elf(b'__vdso_clock_gettime\0')
    maps.append((0x30000000, 0x30001000, 'r-xp', '/lib/ld-musl-x86_64.so.1', None))


def libc_without_calls():
    """It never asks for the time."""
    files['usr/bin/prog'] = elf(b'\x90' * 64)


def libc_replaced_file():
    """The file of that name is not the one that is mapped: nothing can be said."""
    libc_without()
    maps[0] = maps[0][:4] + (999999999,)


def library():
    """A library that defines clock_gettime: IMAGE does."""
    files['usr/lib/libfaketime.so.1'] = image
    maps.append((0x31000000, 0x31000000 + len(image), 'r-xp', '/usr/lib/libfaketime.so.1', None))


def preload():
    library()
    files['proc/42/environ'] += b'LD_PRELOAD=/usr/lib/libnone.so:/usr/lib/libfaketime.so.1\0'


def preload_system():
    library()
    files['etc/ld.so.preload'] = '/usr/lib/libfaketime.so.1\n'


def preload_other():
    """Preloaded and mapped, but it defines no time function."""
    files['usr/lib/libother.so'] = elf(b'\x90' * 64)
    maps.append((0x31000000, 0x31001000, 'r-xp', '/usr/lib/libother.so', None))
    files['proc/42/environ'] += b'LD_PRELOAD=/usr/lib/libother.so\0'


def preload_unused():
    """Mapped, and defines one, but nobody preloaded it; or preloaded, but not mapped."""
    library()
    files['proc/42/environ'] += b'LD_PRELOAD=libnotthere.so\0'


# An attached vDSO: a page of the runtime directory and an image behind it.
def header(epoch=3, as_of=NOW - 10**9, void_after=0, pid=4711):
    return struct.pack('<8sIIQQII24xQQQQQQ16xQ56x', b'vdkpage\0', 1, 192, 4096, 0x1234, 192, 0,
                       epoch, as_of, void_after, pid, 0, 5, 0).ljust(4096, b'\0')


def attach(hook=True, **fields):
    files['run/vdk/room/page'] = header(**fields)
    files['run/vdk/room/image.so'] = image
    files['run/vdk/.room.lock'] = ''
    if hook:
        files['run/vdk/room/update.so'] = ''
    maps.append((PAGE, PAGE + 4096, 'r--s', '/run/vdk/room/page', None))
    maps.append((ATTACHED, ATTACHED + len(image), 'r-xp', '/run/vdk/room/image.so', None))
    mem[PAGE] = header(**fields)
    mem[ATTACHED] = image
    global own
    own = [(AT_SYSINFO_EHDR, ATTACHED)] + saved[1:]


def vdk_fed_by_hand():
    """No hook, and nobody holds the role: values come by `vdk set`."""
    attach(hook=False)


def vdk_orphan():
    attach()


def vdk_stale():
    attach(hook=False, void_after=NOW - 5 * 10**9)


def vdk_fresh():
    attach(hook=False, void_after=NOW + 5 * 10**9)


def vdk_replaced():
    attach(hook=False)
    maps[-1] = maps[-1][:4] + (999999998,)


def vdk_old_page():
    attach(hook=False)
    maps[-2] = maps[-2][:4] + (999999998,)


def vdk_old_page_renamed():
    """As replacing leaves it: the old folder had another name at last."""
    vdk_old_page()
    for i in (-1, -2):
        start, end, access, path, _ = maps[i]
        maps[i] = (start, end, access, path.replace('/room/', '/.room.a1B2c3/') + ' (deleted)', 999999990 - i)


def vdk_gone():
    attach(hook=False)
    maps[-2] = maps[-2][:4] + (999999998,)
    maps[-1] = maps[-1][:4] + (999999997,)
    for name in [name for name in files if name.startswith('run/')]:
        del files[name]


# ---- What cannot be looked at ---------------------------------------------------------------------

def tsc_unstable_for_a_terminal():
    tsc_unstable()
    files['dev/kmsg'] = files['dev/kmsg'].replace('as unstable', 'as unstable \033[31m\302\233')


def clock_without_others():
    del files[CLOCK + 'available_clocksource']


def pristine_absent():
    vdso_modified()
    del files['pristine']


def vdso_smaller():
    """Somebody took its last page away."""
    vdso_modified()
    files['pristine'] = image + bytes(4096)


def vdso_headers_broken():
    """Program headers that lie outside."""
    vdso_modified()
    mem[VDSO] = mem[VDSO][:32] + struct.pack('<Q', 1 << 60) + mem[VDSO][40:]


def vdso_without_load():
    vdso_modified()
    mem[VDSO] = mem[VDSO][:56] + struct.pack('<H', 0) + mem[VDSO][58:]


def vdso_of_32_bits():
    vdso_modified()
    mem[VDSO] = mem[VDSO][:4] + b'\1' + mem[VDSO][5:]


def smaps_absent():
    files['proc/42/smaps'] = None


def smaps_folder():
    files['proc/42/smaps'] = ONE_FOLDER


def time_offset_in_the_first():
    files['proc/42/timens_offsets'] = 'monotonic 0 0\nboottime 7 0\n'


def time_namespace_no_link():
    del links['proc/42/ns/time']
    files['proc/42/ns/time'] = 'time:[4026531834]'


def environ_folder():
    files['proc/42/environ'] = ONE_FOLDER


def preload_unmeasured():
    preload()
    del files['measured']


def measured_huge():
    files['measured'] = 'vdso 20\n' * 1000


def auxv_absent():
    files['proc/42/auxv'] = None


def page_path(path):
    attach(hook=False)
    maps[-2] = maps[-2][:3] + (path, 999999998)


def page_without_a_file():
    page_path('[anon_shmem:page]')


def page_of_another_name():
    page_path('/run/vdk/room/values')


def page_without_a_folder():
    page_path('/room/page')


def lock_folder():
    attach()
    files['run/vdk/.room.lock'] = ONE_FOLDER


def publication_file():
    attach(hook=False)
    maps[-2] = maps[-2][:4] + (999999998,)
    maps[-1] = maps[-1][:4] + (999999997,)
    for name in [name for name in files if name.startswith('run/')]:
        del files[name]
    files['run/vdk/room'] = ''


# ---- Changes that only a hostile or a broken tree has ------------------------------------------

EVERY = (CLOCK + 'current_clocksource', CLOCK + 'available_clocksource', 'proc/cmdline',
         'proc/cpuinfo', 'proc/self/status', 'proc/42/status', 'proc/42/timens_offsets',
         'proc/42/environ', 'proc/42/maps', 'proc/42/smaps', 'proc/42/auxv', 'proc/42/stat',
         'proc/42/mem', 'proc/42/exe', 'proc/sys/kernel/yama/ptrace_scope', 'etc/ld.so.preload',
         'dev/kmsg', 'pristine', 'usr/bin/prog')


def replace(kind):
    for path in EVERY:
        files[path] = kind


def all_missing():
    replace(None)


def all_fifos():
    replace(FIFO)


def all_folders():
    replace(FOLDER)


def all_links():
    replace(LINK)


def all_empty():
    replace('')


def all_binary():
    replace(bytes(range(256)) * 64)


def all_huge():
    replace(HUGE)


# A folder among files that are as they should be; of the others all are of one kind.
FIFO, FOLDER, LINK, HUGE, ONE_FOLDER = (object() for _ in range(5))


# ---- Writing ------------------------------------------------------------------------------------

def write(path, what):
    path = os.path.join(ROOT, path)
    if what is None:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if what is FIFO:
        os.mkfifo(path)
    elif what is FOLDER or what is ONE_FOLDER:
        os.mkdir(path)
    elif what is LINK:
        os.symlink('/../../../../etc/passwd', path)
    elif what is HUGE:
        with open(path, 'wb') as f:
            f.truncate(1 << 36)
    else:
        with open(path, 'wb') as f:
            f.write(what if isinstance(what, bytes) else what.encode())


def vector(entries):
    form = '<QQ' if words == 8 else '<II'
    return b''.join(struct.pack(form, kind, value) for kind, value in entries + [(AT_NULL, 0)])


def inode(path, given):
    if given is not None:
        return given
    return os.stat(os.path.join(ROOT, path.lstrip('/'))).st_ino


def write_process():
    lines, longer = [], []
    for start, end, access, path, given in sorted(maps):
        line = f'{start:08x}-{end:08x} {access} 00000000 08:01 {inode(path, given)} {path}'
        # The kernel's own have no file.
        if path.startswith('[') or not path:
            line = f'{start:08x}-{end:08x} {access} 00000000 00:00 0 {path}'
        lines.append(line)
        values = smaps if path == '[vdso]' else dict(smaps, Private_Dirty=0, Anonymous=0, Swap=0)
        longer.append(line)
        longer += [f'{key + ":":15} {value:8} kB' for key, value in values.items() if key != 'VmFlags']
        longer.append(f'VmFlags: {values["VmFlags"]} ')
    mem[START + 0x100] = vector(saved if own is None else own)
    made = {
        'maps': '\n'.join(lines) + '\n', 'smaps': '\n'.join(longer) + '\n', 'auxv': vector(saved),
        'stat': '42 (a ) prog) S ' + ' '.join(['0'] * 24) + f' {START} 0 0\n',
    }
    for name, text in made.items():
        if 'proc/42/' + name not in files:
            write('proc/42/' + name, text)
    if 'proc/42/mem' not in files:
        with open(os.path.join(ROOT, 'proc/42/mem'), 'wb') as f:
            for address, content in mem.items():
                f.seek(address)
                f.write(content)
            f.truncate(STACK + 0x21000 if 0x31000000 not in [m[0] for m in maps] else 0x32000000)


def make(changes):
    healthy()
    for name in changes:
        globals()[name]()
    shutil.rmtree(ROOT, ignore_errors=True)
    for path, what in files.items():
        write(path, what)
    for path, target in links.items():
        os.makedirs(os.path.dirname(os.path.join(ROOT, path)), exist_ok=True)
        os.symlink(target, os.path.join(ROOT, path))
    for folder in ('proc/42', 'proc/self'):
        os.makedirs(os.path.join(ROOT, folder), exist_ok=True)
    if not any(what is kind for what in files.values() for kind in (FIFO, FOLDER, LINK, HUGE)):
        try:
            write_process()
        except FileNotFoundError:
            pass


if sys.argv[3:] != ['--stdin']:
    make(sys.argv[3:])
    sys.exit(0)
for i, line in enumerate(sys.stdin):
    # A process for each: changes change what all functions here share.
    child = os.fork()
    if child == 0:
        ROOT = f'{ROOT}/{i}'
        make(line.split())
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit(f'{line.strip()}: not made')

"""What a box may see, use and ask of the kernel: the whole policy, as data.

A *box* is one sandboxed process that serves exactly one artefact. Two seccomp filters hold it:
the first, an allow-list, from before its interpreter starts; the second from after its imports
and before it has seen a byte of the artefact.
"""

from dataclasses import dataclass
from typing import Literal

BoxKind = Literal["onnx", "sklearn", "torch", "code", "table", "trainer", "metric", "probe"]


@dataclass(frozen=True)
class Allowance:
    """What one kind of box sees and may use, as little as what runs in it needs."""

    distributions: tuple[str, ...]
    """The installed distributions that it sees, besides what these require themselves."""
    waiting_memory_mb: int
    """What it holds while it waits, at most; for the pool's reckoning."""
    scratch_bytes: int = 0
    """The size of its /tmp, which is also the longest file that it may write; what lies there counts as
    memory. With 0 it may not make, change or remove a file once its artefact is there."""
    scratch_files: int = 0
    """Files and folders in its /tmp and /dev/shm together."""
    threads: bool = True
    """Whether it may start a thread once its artefact is there."""
    gpu: bool = False
    """Whether it may have a GPU, for a job that asks for one."""
    zoo: bool = False
    """Whether it sees the networks of the zoo, as the package `zoo`."""

    def processes(self, threads: int) -> int:
        """Tasks that it may hold, all of them counted, for a job of so many threads."""
        return STARTING_TASKS + (SPARE_THREADS + POOLS * threads if self.threads else 0)


STARTING_TASKS = 12
"""bubblewrap's two, the interpreter's, and what libraries start while they are imported."""
SPARE_THREADS = 16
POOLS = 3
"""Libraries that a model may use at once, each with threads of its own."""

_SCRATCH_BYTES = 64 * 2**20
_SCRATCH_FILES = 1000

KINDS: dict[BoxKind, Allowance] = {
    "onnx": Allowance(("numpy", "onnx", "onnxruntime"), 40, gpu=True),
    "sklearn": Allowance(("numpy", "scikit-learn", "skops", "joblib"), 90),
    "torch": Allowance(
        ("numpy", "torch", "safetensors"), 250, _SCRATCH_BYTES, _SCRATCH_FILES, gpu=True, zoo=True
    ),
    "code": Allowance(
        (
            "numpy",
            "scipy",
            "scikit-learn",
            "scikit-image",
            "pillow",
            "onnxruntime",
            "torch",
            "safetensors",
        ),
        40,
        scratch_bytes=320 * 2**20,  # A zip of code is unpacked in its box, weights and all.
        scratch_files=8000,
        gpu=True,
        zoo=True,
    ),
    "table": Allowance(("numpy", "pyarrow"), 60, threads=False),
    "trainer": Allowance(
        ("numpy", "scipy", "scikit-learn", "torch"), 90, _SCRATCH_BYTES, _SCRATCH_FILES, gpu=True, zoo=True
    ),
    "metric": Allowance(("numpy", "scipy", "scikit-learn"), 60, _SCRATCH_BYTES, _SCRATCH_FILES),
    "probe": Allowance((), 20, threads=False),
}

ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - the box's own tmpfs
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
    "PYTHONHASHSEED": "0",
    "SKLEARN_ASSUME_FINITE": "1",
}
"""One thread for every library, so that boxes of one machine don't fight over its cores: a loader gives
its own library as many as the job's limits say, and no other gets more."""


SUBSTITUTES = {"onnxruntime": "onnxruntime-gpu"}
"""Distributions that bring the same package; the second is taken where it is installed."""

GPU_PROVIDER = "CUDAExecutionProvider"
GPU_CONTROL_DEVICES = ("nvidiactl", "nvidia-uvm")
DRIVER_LIBRARY = "libcuda.so*"
DRIVER_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/nvidia/lib64",
    "/usr/lib/wsl/lib",
)
GPU_DISTRIBUTIONS = (
    "nvidia-cublas-cu12",
    "nvidia-cuda-nvrtc-cu12",
    "nvidia-cuda-runtime-cu12",
    "nvidia-cudnn-cu12",
    "nvidia-cufft-cu12",
    "nvidia-curand-cu12",
)
"""Libraries of CUDA that a box with a GPU sees as well, as far as they are installed."""
GPU_FOLDERS = ("/sys/bus/pci", "/sys/devices", "/sys/module/nvidia")
"""What the driver's library reads, read-only, as far as it is there. With a GPU a box also has a /proc, of
its own processes alone, any ioctl(2), since that is how the driver is spoken to, and no limit of
its address space, of which the driver reserves as much as all memory: a wider door, opened for jobs
that ask for a GPU and no other."""


def _names(text: str) -> list[str]:
    return text.split()


EMPTY_TMP_BYTES = 2**20
"""The size of /tmp where nothing is to be written: what libraries may put there while they are imported."""
SHM_BYTES = 16 * 2**20
OPEN_FILES = 256
CPU_QUOTA = 1.25
"""Processor time per time and thread of the job, which a box with more threads cannot go beyond; a quarter
more than one, so that an honest thread with a helper beside it is never made to wait."""
CPU_PERIOD_SECONDS = 0.1
INODE_BYTES = 1024
"""What the kernel holds for a file in /tmp besides its content."""


def tmp_bytes(kind: BoxKind) -> int:
    """The size of a box's /tmp."""
    return KINDS[kind].scratch_bytes or EMPTY_TMP_BYTES


ADDRESS_SPACE_OVERHEAD_BYTES = 2 * 2**30
"""What an interpreter with its libraries reserves without using it; on top of the memory limit."""

IDLE_MEMORY_BYTES = 2 * 2**30
"""The limit of a box that waits for its artefact; the job's own limit replaces it."""

WARM_MEMORY_MB = 700
"""What all boxes that wait together may hold, as reckoned."""
KEPT_WARM_SECONDS = 900.0
"""How long a box of a kind that was asked for waits for the next job of the kind."""
STALE_SECONDS = 3600.0
"""A box that waited longer is replaced: what it imported may have been upgraded since."""

START_SECONDS = 30.0
UNPRIVILEGED_UID = 60000
UNPRIVILEGED_UIDS = 1000
"""In rootuid mode each box runs under a uid of its own from this range."""

ALLOWED = _names("""
access arch_prctl brk capget capset chdir chmod clock_getres clock_gettime clock_nanosleep close
close_range copy_file_range dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_wait
eventfd2 execve exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fcntl
fdatasync flock fork fstat fstatfs fsync ftruncate futex futex_waitv get_robust_list getcpu getcwd
getdents getdents64 getegid geteuid getgid getgroups getitimer getpgid getpgrp getpid getppid
getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid
gettimeofday getuid kill lseek lstat madvise membarrier mincore mkdir mkdirat mmap mprotect mremap
msync munmap nanosleep newfstatat open openat openat2 pause pipe pipe2 poll ppoll prctl pread64
preadv preadv2 prlimit64 pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv
recvfrom recvmsg rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait sched_get_priority_max
sched_get_priority_min sched_getaffinity sched_getparam sched_getscheduler sched_setaffinity
sched_yield seccomp select sendfile sendmsg sendto set_robust_list set_tid_address setgid setgroups
setitimer setresgid setresuid setrlimit setuid shutdown sigaltstack stat statfs statx symlink
symlinkat sysinfo tgkill time timer_create timer_delete timer_settime times truncate umask uname
unlink unlinkat utimensat vfork wait4 waitid write writev
""")
"""Stage 1 allows these. Anything else answers ENOSYS, at which the C library falls back."""

REFUSED = _names("""
accept accept4 add_key bind bpf chroot connect execveat fanotify_init fanotify_mark finit_module
fsconfig fsmount fsopen fspick inotify_add_watch inotify_init inotify_init1 init_module
io_uring_enter io_uring_register io_uring_setup kcmp kexec_file_load kexec_load keyctl link linkat
listen memfd_create memfd_secret mknod mknodat mount mount_setattr move_mount msgctl msgget msgrcv
msgsnd name_to_handle_at open_by_handle_at open_tree perf_event_open personality pidfd_getfd
pidfd_open pidfd_send_signal pivot_root process_madvise process_vm_readv process_vm_writev ptrace
quotactl reboot request_key semctl semget semop semtimedop setdomainname sethostname setns setsid
shmat shmctl shmdt shmget socket socketpair splice swapoff swapon syslog tee umount2 unshare
userfaultfd vhangup vmsplice
""")
"""Stage 1 refuses these with EPERM, so that an attempt is told no rather than `not implemented`."""

NEW_NAMESPACES = 0x7E020080
"""Every CLONE_NEW* bit of clone(2): NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME."""

CLONE_THREAD = 0x00010000

IOCTLS = (0x5401, 0x5421, 0x541B, 0x5450, 0x5451)
"""The ioctl(2) requests that stage 1 allows: TCGETS, FIONBIO, FIONREAD, FIONCLEX, FIOCLEX."""

REFUSED_AFTER_IMPORTS = _names("""
capset chmod execve fchmod fchmodat fork kill rt_sigqueueinfo seccomp setfsgid setfsuid setgid
setgroups setpgid setregid setresgid setresuid setreuid setuid symlink symlinkat vfork
""")
"""Stage 2 refuses these as well, and clone(2) for anything but a thread: no program can start."""

WRITES = _names("""
copy_file_range creat fallocate
ftruncate mkdir mkdirat rename renameat renameat2 rmdir truncate unlink unlinkat
""")
"""Stage 2 refuses these where a kind of box has no scratch space, and to open a file with `OPEN_TO_WRITE`."""

OPEN_TO_WRITE = (0o1, 0o2, 0o100)
"""Flags of open(2) of which any means that a file is changed or made: O_WRONLY, O_RDWR, O_CREAT."""

"""The kernels that are booted: where each comes from, what it can do, and how it is started."""

import dataclasses

import roots

AMD64, ARM64 = "linux-image-cloud-amd64", "linux-image-cloud-arm64"


@dataclasses.dataclass(frozen=True)
class Kernel:
    """`package` is the name that always stands for a suite's newest kernel of one kind; libcs come from that suite."""

    name: str
    release: str  # what its version begins with
    machine: str
    suite: str
    package: str
    page_size: int = 4096
    has_mseal: bool = True
    has_guards: bool = True
    seals_special_contents: bool = False  # 6.12 refuses to discard those of vDSO and vvar, as of anonymous memory

    @property
    def architecture(self):
        return {"x86_64": "amd64", "aarch64": "arm64"}[self.machine]

    @property
    def has_criu(self):
        """Whether the suite has a CRIU that also restores guards: 4.2."""
        return self.suite == "sid"

    def fetch(self):
        """The file to boot. Raises roots.RootUnavailable."""
        root = roots.packages_root(f"kernel-{self.name}", self.suite, self.architecture, [self._image_pattern()])
        images = [*root.path.glob("boot/vmlinuz-*"), *root.path.glob("usr/lib/modules/*/vmlinuz")]
        assert len(images) == 1, f"{root.path} has {len(images)} kernels, not one"
        return images[0]

    def fetch_libc(self, libc):
        """The root of a libc of the same suite and machine. Raises roots.RootUnavailable."""
        ending = "-arm64" if self.architecture == "arm64" else ""
        return roots.root(f"{libc}-{self.suite}{ending}")

    def fetch_criu(self):
        """The root of CRIU, with all its libraries. Raises roots.RootUnavailable."""
        return roots.program_root("criu", self.suite, self.architecture)

    def _image_pattern(self):
        """The package with the kernel itself, in apt's pattern language: what `package` depends on; in sid that in
        its turn depends on parts, of which only the kernel is wanted, not the modules."""
        image = f"?reverse-depends(?exact-name({self.package}))"
        return image if self.suite != "sid" else f"?name(^linux-binary-)?reverse-depends({image})"

    def emulator(self):
        """The emulator and the machine it plays. Without cmpxchg16b: with it a 6.12 guest can oops under TCG."""
        if self.machine == "x86_64":
            return ["qemu-system-x86_64", "-M", "q35", "-accel", "tcg", "-cpu", "max,-cx16"]
        return ["qemu-system-aarch64", "-M", "virt", "-accel", "tcg", "-cpu", "max,pauth-impdef=on"]

    @property
    def console(self):
        return "ttyS0" if self.machine == "x86_64" else "ttyAMA0"


KERNELS = [
    Kernel("amd64-6.1", "6.1.", "x86_64", "bookworm", AMD64, has_mseal=False, has_guards=False),
    Kernel("amd64-6.12", "6.12.", "x86_64", "trixie", AMD64, has_guards=False,
           seals_special_contents=True),
    Kernel("amd64-7", "7.", "x86_64", "sid", AMD64),
    Kernel("arm64-7", "7.", "aarch64", "sid", ARM64),
    Kernel("arm64-7-16k", "7.", "aarch64", "sid", "linux-image-arm64-16k", page_size=16384),
]

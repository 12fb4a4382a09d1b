"""Real work for programs that compress, pack and keep data."""

from real_harness import Case

CASES = (
    Case(
        name="gzip_bzip2_lz4", programs=("/usr/bin/gzip", "/usr/bin/bzip2", "/usr/bin/lz4"), package="gzip bzip2 lz4",
        script="""
            seq 1 60000 > data
            for pack in "$gzip -n" "$bzip2" "$lz4 -q"; do
                $pack -9 -c data > packed; wc -c < packed; $pack -d -c < packed | cmp - data && echo same
                $pack -t < packed; head -c 3000 packed | $pack -d -c > part 2> why || echo damaged
            done
            $gzip -n -k data && $gzip -l data.gz; rm packed part why
        """,
        says=("same\ndamaged",),
    ),
    Case(
        name="xz_with_threads", programs=("/usr/bin/xz",), package="xz-utils",
        script="""
            seq 1 300000 > data
            $xz -T2 --block-size=200KiB -k -0 data && $xz -l data.xz | tail -1 && $xz -t -v data.xz 2>/dev/null && echo whole
            $xz -dc -T2 data.xz | cmp - data && echo same
            $xz -9e --check=sha256 --x86 --lzma2=preset=6,lc=4 -c /usr/bin/dash | $xz -dc | cmp - /usr/bin/dash && echo filtered
            printf garbage | $xz -d
        """,
        status=1, says=("whole", "same", "filtered"),
    ),
    Case(
        name="zstd_with_threads", programs=("/usr/bin/zstd",), package="zstd",
        script="""
            for i in $(seq 1 200); do echo "sample $i $(seq $i $((i + 20)))" > s$i; done
            $zstd -q --train s* -o dictionary --maxdict=4096 && $zstd -q -D dictionary s1 -o s1.zst && $zstd -q -D dictionary -d s1.zst -o back && cmp s1 back
            seq 1 400000 | $zstd -q -T2 -B512K -12 > big.zst; $zstd -dc big.zst | sha256sum; $zstd -q --test big.zst && echo whole
            seq 1 1000 | $zstd -q --format=gzip | gzip -d | tail -1; printf no | $zstd -d
        """,
        status=1, says=("whole", "1000"),
    ),
    Case(
        name="tar_and_cpio", programs=("/usr/bin/tar", "/usr/bin/cpio"), package="tar cpio",
        script="""
            mkdir -p tree/deep; seq 1 9999 > tree/numbers; ln -s numbers tree/link; ln tree/numbers tree/hard; touch tree/deep/empty
            truncate -s 2M tree/hole; echo x >> tree/hole; find tree -exec touch -h -d @1000000000 {} +
            for how in gzip bzip2 xz zstd; do
                $tar -c --sort=name --owner=0 --group=0 --numeric-owner -S --use-compress-program=$how -f tree.$how tree
                $tar -d -f tree.$how && echo equal; $tar -tvf tree.$how | md5sum
            done
            mkdir out; $tar -x -C out --exclude=deep --transform=s/tree/moved/ -f tree.zstd; ls out/moved
            find tree | sort | $cpio -o -H newc --reproducible --quiet -R 0:0 > archive.cpio; $cpio -t < archive.cpio
            mkdir again; (cd again && $cpio -idm --no-absolute-filenames --quiet < ../archive.cpio && cmp tree/hole ../tree/hole && echo unpacked)
            $tar -tf tree/numbers
        """,
        status=2, says=("equal", "unpacked"), ignored_files=(r"archive\.cpio",),
    ),
    Case(
        name="zip", programs=("/usr/bin/zip", "/usr/bin/unzip"), package="zip unzip",
        script="""
            mkdir d; seq 1 5000 > d/numbers; cp /usr/bin/dash d/program; find d -exec touch -d @1000000000 {} +
            $zip -X -r -9 a.zip d; $unzip -t a.zip; $unzip -Z -v a.zip | md5sum; mkdir o; $unzip -q a.zip -d o && diff -r d o/d && echo same
            $zip -X -q -P secret e.zip d/numbers; $unzip -p -P secret e.zip | tail -1; $unzip -p -P wrong e.zip
        """,
        status=82, says=("No errors detected", "same"), ignored_files=(r"e\.zip",),
    ),
    Case(
        name="dpkg_deb", programs=("/usr/bin/dpkg-deb", "/usr/bin/dpkg"), package="dpkg",
        script="""
            mkdir -p p/DEBIAN p/usr/share/doc/thing; seq 1 2000 > p/usr/share/doc/thing/text
            printf 'Package: thing\\nVersion: 1.0-1\\nArchitecture: all\\nMaintainer: A <a@example.org>\\nDescription: a thing\\n' > p/DEBIAN/control
            for how in gzip xz zstd none; do
                $dpkg_deb -Z$how --root-owner-group -b p thing-$how.deb && $dpkg_deb -I thing-$how.deb | tail -5
                $dpkg_deb -c thing-$how.deb | awk '{ print $1, $2, $3, $6 }'; $dpkg_deb --fsys-tarfile thing-$how.deb | tar -t | wc -l
            done
            $dpkg_deb -x thing-xz.deb out && diff -r out/usr p/usr && echo same
            $dpkg --compare-versions 1.0~rc1 lt 1.0 && echo older; $dpkg --print-architecture
            $dpkg -l dash dpkg | tail -2; $dpkg -S /usr/bin/dpkg-deb; $dpkg -V dash; $dpkg_deb -I p/DEBIAN/control
        """,
        status=2, says=("same", "older", "dpkg: /usr/bin/dpkg-deb"), ignored_files=(r".*\.deb",),
        changes=((r"size \d+ bytes: control archive=\d+ bytes", "size N"),),
    ),
    Case(
        name="apt_cache", programs=("/usr/bin/apt-cache", "/usr/bin/apt-config"), package="apt",
        script="""
            only_installed="-o Dir::State::Lists=$PWD/tmp -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache="
            $apt_cache $only_installed policy dash | head -2; $apt_cache $only_installed depends dash; $apt_cache $only_installed show dash | grep ^Maint
            $apt_config dump | grep -c ::; $apt_cache $only_installed show no-such-package
        """,
        status=100, says=("Depends: debianutils",),
    ),
    Case(
        name="sqlite3", programs=("/usr/bin/sqlite3",), package="sqlite3",
        script="$sqlite3 store.db < work.sql; $sqlite3 -json store.db 'select * from totals limit 3'; $sqlite3 store.db 'select nothing'",
        status=1, says=('"kind":"k0"', "integrity|ok", "full text|2"),
    ),
    Case(
        name="rsync_local", programs=("/usr/bin/rsync",), package="rsync",
        script="""
            mkdir from; for i in $(seq 1 30); do seq $i 2000 > from/file$i; done; ln -s file1 from/link; find from -exec touch -h -d @1000000000 {} +
            $rsync -a --out-format='%i %n' from/ to/ | sort; seq 5 2001 > from/file5; rm from/file6
            $rsync -a --delete --checksum --itemize-changes from/ to/; $rsync -a --no-whole-file --inplace --compress from/ to/
            diff -r from to && echo same; $rsync -a missing to
        """,
        status=23, says=("same", "*deleting   file6"),
        changes=((r"(rsync error.*\(code \d+\) at main).*", r"\1"),),
    ),
)

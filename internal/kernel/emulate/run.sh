#!/bin/sh
# Runs the kernels' tests on an emulated processor with AVX-512, where this machine's has
# none: bit for bit against the specification. It takes three minutes, and says nothing of
# speed.
#
# Bochs, the emulator, boots Debian's smallest kernel with a single program, which runs the
# tests (init/). What is missing of the following is installed from Debian, for which it
# takes root: bochs, its BIOS, a boot loader and xorriso. The kernel is only unpacked.
#
# Of the processors with AVX-512 that Bochs knows, Linux boots on corei7_skylake_x only.
#
# Exit status 2 says that the tools cannot be had.
set -eu
cd "$(dirname "$0")/.."
model=corei7_skylake_x
limit=${LIMIT:-400} # seconds

work=$(mktemp -d)
trap 'pkill -9 -f "$work/bochsrc" || true; rm -rf "$work"' EXIT

# tools installs and downloads what is missing.
tools() {
	packages="bochs bochs-term bochsbios vgabios isolinux syslinux-common xorriso cpio"
	dpkg -s $packages >/dev/null || apt-get install -qy --no-install-recommends $packages || {
		apt-get update -q
		apt-get install -qy --no-install-recommends $packages
	}
	image=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends:/ { print $2; exit }')
	[ -n "$image" ] && (cd "$work" && apt-get -o APT::Sandbox::User=root download "$image" && dpkg-deb -x linux-image-*.deb linux)
}
if ! tools >"$work/tools.log" 2>&1; then
	cat "$work/tools.log" >&2
	echo "run.sh: the emulator's packages cannot be installed" >&2
	exit 2
fi

disk=$work/disk
mkdir -p "$work/root" "$disk/isolinux"
CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -o "$work/root/init" ./emulate/init
CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go test -c -o "$work/root/test" .
(cd "$work/root" && find . | cpio --quiet -o -H newc | gzip -1) >"$disk/initrd"
cp "$work"/linux/boot/vmlinuz-* "$disk/vmlinuz"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$disk/isolinux/"
# Without XSAVEC and XSAVES (321 and 323): their layout is not what Linux expects, which
# would go without AVX.
cat >"$disk/isolinux/isolinux.cfg" <<-END
	DEFAULT test
	PROMPT 0
	LABEL test
	KERNEL /vmlinuz
	INITRD /initrd
	APPEND console=ttyS0 quiet loglevel=1 panic=-1 nosmp nokaslr mitigations=off tsc=reliable clearcpuid=321,323
END
xorriso -as mkisofs -quiet -o "$work/disk.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
	-no-emul-boot -boot-load-size 4 -boot-info-table "$disk" 2>"$work/xorriso.log" || { cat "$work/xorriso.log" >&2; exit 1; }

cat >"$work/bochsrc" <<-END
	cpu: model=$model, count=1, ips=50000000
	memory: guest=512, host=512
	romimage: file=/usr/share/bochs/BIOS-bochs-latest
	vgaromimage: file=/usr/share/vgabios/vgabios.bin
	ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
	ata0-master: type=cdrom, path=$work/disk.iso, status=inserted
	boot: cdrom
	log: $work/bochs.log
	com1: enabled=1, mode=file, dev=$work/serial
	display_library: term
END
printf 'c\nq\n' >"$work/debugger" # continue, quit: Debian's Bochs starts in its debugger
: >"$work/serial"
echo "booting an emulated $model ..."
# Bochs wants a terminal, and exits with 1 when the machine is switched off.
TERM=xterm timeout "$limit" script -qec "bochs -q -f $work/bochsrc -rc $work/debugger" /dev/null >/dev/null 2>&1 </dev/null || true
tr -d '\r' <"$work/serial"
grep -q 'PASS: TestPathsAgree/avx512' "$work/serial" && grep -q 'init: done' "$work/serial" || {
	tail -n 5 "$work/bochs.log" >&2
	echo "run.sh: the tests did not pass on the emulated machine" >&2
	exit 1
}

#!/bin/sh
# Every kernel variant that a GPU is given by default compiles for GPUs of NVIDIA (H100) and AMD
# (Radeon VII: gfx906, RX 6600: gfx1032), without spills, without a stack, and within the 32 KiB of
# local memory that every GPU has. No GPU is needed: clang-15 and libclc-15 compile, NVIDIA's ptxas,
# where it is, turns PTX into machine code. Without ptxas there are no registers for NVIDIA, and its
# stack is that of clang. The columns are those of the compilers; "waves" are the most that one
# multiprocessor (of 64) or SIMD (gfx906: of 10, gfx1032: of 16) holds.
#
# Without clang-15 or libclc-15 the test is skipped, unless DESCENT_NEEDS_GPU_COMPILERS is set.
set -eu
variants=$1/tests/gpu_variants
clc=${CLC:-/usr/lib/clc}
ptxas=$(command -v ptxas || ls /usr/local/cuda/bin/ptxas 2>/dev/null || true)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

if ! command -v clang-15 >/dev/null || ! test -e "$clc/nvptx64--nvidiacl.bc" ||
    ! test -e "$clc/amdgcn--amdhsa.bc"; then
    echo "skipped: clang-15 and libclc-15 are not installed"
    test -z "${DESCENT_NEEDS_GPU_COMPILERS:-}" || exit 1
    exit 77
fi
test -n "$ptxas" || echo "no ptxas: NVIDIA's registers and spills are not looked at"

# compile BITCODE CLANG-OPTIONS...: NAME.cl with NAME.options -> out
compile() {
    bitcode=$1
    shift
    # shellcheck disable=SC2046
    clang-15 -x cl -Xclang -finclude-default-header -O3 -S -Wno-linker-warnings \
        -Xclang -mlink-bitcode-file -Xclang "$clc/$bitcode" $(cat "$folder/$name.options") "$@" \
        -o "$folder/out" "$folder/$name.cl"
}

# Lines of: variant kernel target registers spilled stack local waves
amd() {
    compile amdgcn--amdhsa.bc -target amdgcn-amd-amdhsa -mcpu="$1" -nogpulib
    awk -v variant="$name" -v target="$1" '
        /^\t\.type\t.*@function/ { split($2, part, ","); at = part[1] }
        /^; Occupancy:/ { waves[at] = $3 }
        /^    \.group_segment_fixed_size:/ { bytes = $2 }
        /^    \.name: / { kernel = $2 }
        /^    \.private_segment_fixed_size:/ { stack = $2 }
        /^    \.vgpr_count:/ { registers = $2 }
        /^    \.vgpr_spill_count:/ {
            print variant, kernel, target, registers, $2, stack, bytes, waves[kernel]
        }' "$folder/out"
}

nvidia() {
    compile nvptx64--nvidiacl.bc -target nvptx64-nvidia-nvcl -march=sm_75
    if test -z "$ptxas"; then
        awk -v variant="$name" '
            function end() { if (kernel) print variant, kernel, "sm_90", "-", "-", stack, bytes, "-" }
            /\.entry / {
                end(); kernel = $0; gsub(/.*\.entry |\(.*/, "", kernel); stack = bytes = 0
            }
            /^[ \t]*\.shared .*\[[0-9]+\];/ { split($0, part, /[][]/); bytes += part[2] }
            /^[ \t]*\.local .*__local_depot/ { split($0, part, /[][]/); stack += part[2] }
            END { end() }' "$folder/out"
        return
    fi
    "$ptxas" -v -arch=sm_90 -o "$folder/cubin" "$folder/out" 2>"$folder/log"
    awk -v variant="$name" '
        FNR == NR {
            if (/\.entry /) { kernel = $0; gsub(/.*\.entry |\(.*/, "", kernel) }
            if (/^[ \t]*\.reqntid/) { gsub(",", ""); items[kernel] = $2 * $3 * $4 }
            next
        }
        /Function properties for/ { kernel = $NF }
        /bytes stack frame/ { stack = $1; spilled = $5 + $9 }
        / Used [0-9]+ registers/ {
            bytes = 0
            for (i = 1; i <= NF; i++) {
                if ($i == "Used") registers = $(i + 1)
                if ($i ~ /^smem/) bytes = $(i - 2)
            }
            warps = (items[kernel] ? items[kernel] : 128) / 32
            per_warp = int((registers * 32 + 255) / 256) * 256
            groups = int(int(65536 / per_warp / 4) * 4 / warps) # registers of a multiprocessor
            by_local = int(228 * 1024 / (bytes + 1024))
            if (by_local < groups) groups = by_local
            if (groups * warps > 64) groups = int(64 / warps)
            if (groups > 32) groups = 32
            print variant, kernel, "sm_90", registers, spilled, stack, bytes, groups * warps
        }' "$folder/out" "$folder/log"
}

row='%-20s %-34s %-8s %9s %7s %5s %6s %5s %s\n'
# Prints the lines of its input as a table; the number of kernels that are not as they should be.
judge() {
    bad=0
    while read -r variant kernel target registers spilled stack bytes waves; do
        word=
        test "$spilled" = 0 || test "$spilled" = - || word="$word spills"
        test "$stack" = 0 || word="$word stack"
        test "$bytes" -le 32768 || word="$word local-memory"
        test -z "$word" || bad=$((bad + 1))
        # shellcheck disable=SC2059
        printf "$row" "$variant" "$kernel" "$target" "$registers" "$spilled" "$stack" "$bytes" \
            "$waves" "${word:+<-$word}"
    done <"$1"
}

# Kernels that must not pass: one of a large private array, one of much local memory.
name=planted
echo "-cl-std=CL1.2" >"$folder/$name.options"
cat >"$folder/$name.cl" <<'PLANTED'
kernel void stack(global float *x, const int n) {
    float much[3000];
    for (int i = 0; i < 3000; i++)
        much[(i * n) % 3000] = x[i];
    x[get_global_id(0)] = much[n] + much[x[0] > 0.0f ? 1 : 2 * n];
}
kernel void crowded(global float *x, const int n) {
    local float shared[10000];
    for (int i = get_local_id(0); i < 10000; i += get_local_size(0))
        shared[i] = x[i];
    barrier(CLK_LOCAL_MEM_FENCE);
    x[get_global_id(0)] = shared[n];
}
PLANTED
for target in amd\ gfx906 amd\ gfx1032 nvidia; do
    $target >"$folder/lines"
    judge "$folder/lines" >"$folder/table"
    if test "$bad" -ne 2 || test "$(wc -l <"$folder/lines")" -ne 2; then
        echo "the planted kernels were not found out by $target:"
        cat "$folder/table"
        exit 1
    fi
done

"$variants" "$folder"
rm "$folder/planted.cl"
for file in "$folder"/*.cl; do
    name=$(basename "$file" .cl)
    amd gfx906
    amd gfx1032
    nvidia
done >"$folder/lines"
# shellcheck disable=SC2059
printf "$row" variant kernel target registers spilled stack local waves ""
judge "$folder/lines"
for target in gfx906 gfx1032 sm_90; do # a table without a kernel proves nothing
    grep -q "^ops dense_tile $target " "$folder/lines"
    grep -q "^ops dense_join $target " "$folder/lines"
    grep -q "^network_wide network_updates $target " "$folder/lines"
done
echo "$(wc -l <"$folder/lines") kernels, $bad of them with spills, a stack or too much local memory"
test "$bad" -eq 0

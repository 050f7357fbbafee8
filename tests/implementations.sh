# implementations.sh NAME BUILD SOURCE: judges kernels of every kind with another implementation of OpenCL.
#
#     rusticl        Mesa's, on llvmpipe: results within their bounds there, too, portable ones with the
#                    bits of the plain device, and loops that go beyond what llvmpipe makes of them
#     races          Oclgrind: no data race, no access out of bounds, no wrong use of the API
#     uninitialized  Oclgrind: no number that nobody wrote; of kernels that it can run so
#
# Oclgrind's must also find what is planted. Where the implementation is not installed the test is
# skipped, or fails where DESCENT_NEEDS_IMPLEMENTATIONS is 1.
set -eu
name=$1
shift
build=$1 source=$2
. "$(dirname "$0")/planted_faults.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# missing WHAT PACKAGE
missing() {
    echo "$1 is not installed; on Debian: apt-get install $2"
    test "${DESCENT_NEEDS_IMPLEMENTATIONS:-0}" = 1 && exit 1
    exit 77
}

# The only implementation that the loader finds from here on, by its library.
only() {
    mkdir vendors
    echo "$1" >vendors/only.icd
    export OCL_ICD_VENDORS="$scratch/vendors"
}

doctor() {
    "$build/descent" doctor --quiet --quick "$@" >said 2>&1 || {
        cat said
        return 1
    }
}

# The simulator writes what it finds to `log`, and says nothing by its exit status.
found() {
    test -s log
}

expect_nothing() {
    test -e log || { echo "there is no log"; exit 1; }
    if found; then
        head -n 60 log
        exit 1
    fi
}

# expect_found FAULT WORDS
expect_found() {
    grep -q "$2" log || {
        echo "planted and not found: $1"
        cat said log
        exit 1
    }
}

# The weights that a recipe ends with in portable math are those of the plain device.
same_bits() {
    for device in plain auto; do
        "$build/descent" train "$@" --set math=portable --device $device --out bits --json --quiet \
            --no-verify 2>/dev/null | grep '"weights_hash"' >"bits.$device"
    done
    test -s bits.plain && cmp bits.plain bits.auto || { echo "other bits: $*"; exit 1; }
}

rusticl() {
    ldconfig -p | grep -q libRusticlOpenCL.so.1 || missing rusticl mesa-opencl-icd
    only libRusticlOpenCL.so.1
    export RUSTICL_ENABLE=llvmpipe
    "$build/descent" devices | grep -q llvmpipe
    for case in '*/3x37x9/*' gradient_norm; do
        doctor --case "$case"
    done
    same_bits "$source/data/batches/noise.yaml" --set 'stop={updates: 3}'
    same_bits "$source/data/kink/kink.yaml" --set 'stop={updates: 20}'
    "$build/descent" train "$source/data/batches/noise.yaml" \
        --set 'stop={updates: 3}' --check-every 1 --out checked --quiet
}

# Unoptimized: LLVM moves loads in front of the condition that keeps them from racing.
simulated() {
    rm -f log
    oclgrind --build-options -cl-opt-disable --log log --data-races --check-api --max-errors 20 \
        "$build/descent" doctor --quiet --quick "$@" >said 2>&1
}

races() {
    command -v oclgrind >/dev/null || missing oclgrind oclgrind
    plant_race
    DESCENT_KERNEL_DIR=$planted simulated --case softmax_forward/tiles || true
    expect_found race 'data race'
    plant_overrun
    DESCENT_KERNEL_DIR=$planted simulated --case softmax_forward/tiles || true
    expect_found "a read out of bounds" 'Invalid read'
    for case in '*/3x37x9/*' gradient_norm 'network_*/train-3/*'; do
        simulated --case "$case" || { cat said; exit 1; }
        expect_nothing
    done
}

# Oclgrind 21.10 ends with a segmentation fault where it follows numbers through vectors, and takes
# parts of a buffer that the host wrote for unwritten: no kernels of vectors, and a layer that writes
# buffers whole.
uninitialized() {
    library=/usr/lib/oclgrind/liboclgrind-rt-icd.so
    test -e $library || missing oclgrind oclgrind
    only $library
    export OPENCL_LAYERS="$build/tests/libwhole_writes.so" OCLGRIND_UNINITIALIZED=1
    export OCLGRIND_LOG="$scratch/log" OCLGRIND_MAX_ERRORS=20
    plant_uninitialized
    rm -f log
    DESCENT_KERNEL_DIR=$planted doctor --case softmax_forward/tiles >/dev/null || true
    expect_found "an uninitialized number" "ninitialized value"
    for operation in '*_forward' '*_backward' 'm?e*' 'huber*' '*cross_entropy*' 'sgd*' 'ada*' \
        'rmsprop*' gather record; do
        rm -f log
        doctor --case "$operation/tiles/3x37x9/*"
        expect_nothing
    done
}

$name

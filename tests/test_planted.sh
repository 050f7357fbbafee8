# The doctor can fail: it names a kernel that leaves an element unwritten, one that reads the
# neighbour of what it should, one that is wrong by a unit of rounding too many, and a portable one
# that has not the bits that it must have everywhere.
set -eu
build=$1
. "$(dirname "$0")/planted_faults.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# expect FAULT CASES WORDS: the doctor ends with 1, and says so.
expect() {
    "plant_$1"
    status=0
    DESCENT_KERNEL_DIR=$planted "$build/descent" doctor --quiet --quick --first --case "$2" \
        >said 2>&1 || status=$?
    if test $status -ne 1 || ! grep -q "^descent: $2.*$3" said; then
        echo "planted: $1; the doctor ended with $status and said:"
        cat said
        exit 1
    fi
}

"$build/descent" doctor --quiet --quick --case relu_forward >said
expect unwritten relu_forward 'unwritten output'
expect misread sgd 'wrong value'
expect ulp gather 'wrong value'
expect bits network_updates/lanes-8x2-global-portable 'other bits'

# mutate_kernels.py tells a wrong kernel from one that nobody can tell from the right one.
set -eu
build=$1 source=$2
command -v python3 >/dev/null || exit 77
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
judge() {
    python3 "$source/tests/mutants/mutate_kernels.py" --descent "$build/descent" --file gather.cl \
        --quick --verbose "$@"
}

judge --sample 2 --seed 88 >said || { cat said >&2; exit 1; }
grep -q '^is wrong' said && grep -q '^survived' said || { cat said >&2; exit 1; }

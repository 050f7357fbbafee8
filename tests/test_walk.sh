# Every command of data/README.md ends well on the first OpenCL device, typed as it stands there at
# the project's top, and leaves the files that it names and no picture beside them. The commands are
# taken out of that file, so that none is forgotten.
set -eu
build=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
PATH=$build:$PATH

fail() {
    echo "$1" >&2
    exit 1
}

# ---- the top of a project: FILE is a series of one's own, and MNIST is not shipped ----

mkdir data
for folder in "$source"/data/*/; do
    mkdir "data/$(basename "$folder")"
    ln -s "$folder"* "data/$(basename "$folder")"
done
cp "$source/data/views/views.csv" FILE

# An IDX file of twenty pictures of 28 x 28 points, or of their labels.
pictures() {
    printf '\0\0\010\003\0\0\0\024\0\0\0\034\0\0\0\034'
    head -c 15680 "$source/data/digits/digits.csv.gz"
}
labels() {
    printf '\0\0\010\001\0\0\0\024'
    printf '\0\001\002\003\004\005\006\007\010\011\0\001\002\003\004\005\006\007\010\011'
}
for set in train t10k; do
    pictures >"data/mnist/$set-images-idx3-ubyte.gz"
    labels >"data/mnist/$set-labels-idx1-ubyte.gz"
done

# ---- what to type ----

# All that stands between backquotes and begins as a command does; "..." is the recipe before. Words
# in capitals and commands without an operand explain how to read the others.
grep -o '`[^`]*`' "$source/data/README.md" | tr -d '`' | sed 's/\\|/|/g' |
    sed -n 's/^\(train\|explain\) /descent \1 data\//; s/^\(descent [a-z]* \)data\/\.\.\./\1.../; /^descent [a-z]* ./p' |
    grep -v 'RECIPE\|NAME' |
    awk '{ if ($3 == "...") $3 = recipe; else recipe = $3; if (!seen[$0]++) print }' >commands
test "$(wc -l <commands)" -ge 60 || fail "data/README.md has fewer commands than it had"

# ---- typing it ----

# What a run says that it left is there, and all its pictures are said.
check_files() {
    sed -n '/^files /,$p' printed | grep -o 'run/[A-Za-z0-9_./]*' >files ||
        fail "$1: it names no file"
    while read -r file; do
        test -e "$file" || fail "$1: there is no $file"
    done <files
    for picture in run/plots/*.svg; do
        test ! -e "$picture" || grep -qx "$picture" files || fail "$1: $picture is not its own"
    done
}

while read -r command; do
    case $command in
    "descent train"*) set -- "$command --device 0:0" ;;
    "descent generate"*) set -- "$command" ;;
    *) set -- "$command --device 0:0" ;;
    esac
    sh -c "$1" >printed 2>said </dev/null || fail "$1: exit $?: $(cat printed said)"
    test -s printed || fail "$1: it prints nothing"
    case $1 in
    "descent train"*) check_files "$1" ;;
    "descent generate"*) test ! -s said || fail "$1: $(cat said)" ;; # a pipe's exit is gzip's
    esac
done <commands

# The command line means what people type: tables from pipes, several targets, options that are
# given twice, paths from where they are typed, and a printed recipe that gives the same weights.
set -eu
build=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

fail() {
    echo "$1" >&2
    cat said >&2
    exit 1
}

descent() {
    "$build/descent" "$@" 2>said || return $?
}

# hash WORDS...: the weights that training gives.
hash() {
    descent train --json "$@" --out run >json || fail "train $*"
    sed -n 's/.*"weights_hash":[^"]*"\([0-9a-f]\{64\}\)".*/\1/p' json
}

# same WHAT HASH: the hash of the table in a file.
same() {
    [ "$2" = "$expected" ] || fail "$1: other weights"
}

# says TEXT: standard error holds it.
says() {
    grep -qF -- "$1" said || fail "nothing says: $1"
}

# refused TEXT WORDS...: exit status 2, and one line that holds the text.
refused() {
    text=$1
    shift
    status=0
    descent train "$@" --out refused >out || status=$?
    [ $status = 2 ] || fail "status $status: train $*"
    [ "$(wc -l <said)" = 1 ] || fail "not one line: train $*"
    says "$text"
}

awk 'BEGIN { print "a,b,\"a,b\",kind"
    for (i = 0; i < 90; i++) printf "%d,%d,%d,%s\n", i % 7, i * i % 11, i % 5, substr("xyz", i % 3 + 1, 1) }' >t.csv

# ---- pipes ----

expected=$(hash --data t.csv --target kind --layers "4 relu")
same "a pipe" "$(cat t.csv | hash --data - --target kind --layers "4 relu")"
same "a file as standard input" "$(hash --data - --target kind --layers "4 relu" <t.csv)"
same "/dev/stdin" "$(cat t.csv | hash --data /dev/stdin --target kind --layers "4 relu")"
mkfifo pipe
cat t.csv >pipe &
same "a named pipe" "$(hash --data pipe --target kind --layers "4 relu")"
wait

# What was printed is a recipe of the same weights, for the pipe, too.
cat t.csv | descent train --data - --target kind --layers "4 relu" --out run >out
sed '/^$/,$d' out >printed.yaml
same "the printed recipe" "$(hash printed.yaml <t.csv)"
same "the recipe from standard input" "$(sed 's/train: "-"/train: t.csv/' printed.yaml | hash -)"
sed 's/train: "-"/train: -/' printed.yaml >dash.yaml
same "train: -" "$(hash dash.yaml <t.csv)"
same "data.train=-" "$(hash printed.yaml --set data.train=- <t.csv)"
echo 'data:
  train: -
  target: kind' >block.yaml
refused 'for standard input write "-", in quotes' block.yaml

# Runs of a sweep share what was read, and tell a note once; other data cannot come again.
cat t.csv | descent train --data - --target a --layers "4 3" --out sweep --set 'sweep={batch: [8, 16]}' >out ||
    fail "a sweep from a pipe"
[ "$(grep -c 'no activation' said)" = 1 ] || fail "a note is told for each run"
cat t.csv | descent train --data - --target kind --layers "4 relu" --out sweep \
    --set 'sweep={seed: [1, 2]}' >out && fail "a pipe was read twice"
says "standard input: nothing came from it; it can be read once"
cat t.csv | descent train --data - --target kind --layers "4 relu" --out run --resume --set epochs=101 >out ||
    fail "a pipe that comes again is resumed"
descent plot run confusion </dev/null >out && fail "a picture of data that is gone"
says "nothing came from it"

# ---- several targets ----

expected=$(hash --data t.csv --target a --target b --layers "4 relu" --set data.exclude=kind)
same "targets with a comma" "$(hash --data t.csv --target "a, b" --layers "4 relu" --set data.exclude=kind)"
descent train --data t.csv --target a,b --layers "4 relu" --out run >out
grep -q 'dense: 1' out || fail "a column whose name has a comma is taken apart"
descent train --data t.csv --target a,b --target a --layers "4 relu" --out run >out
grep -q 'target: \["a,b", "a"\]' out || fail "--target once more takes a name apart"
descent train --data t.csv --target "b,a" --layers "4 relu" --out run >out
grep -q 'dense: 2' out || fail "b,a is no two columns"
refused 'no column "c"' --data t.csv --target b,c --layers "4 relu"

# ---- given twice ----

refused '--data is given twice, "t.csv" and "u.csv"; give it once' --data t.csv --data u.csv --target a \
    --layers 4
refused '--layers is given twice' --data t.csv --target a --layers 4 --layers=8
refused '--device is given twice' --data t.csv --target a --layers 4 --device auto --device 0:0

# ---- paths ----

mkdir sub
cp t.csv sub/s.csv
echo 'data: {train: s.csv, target: a, features: [b]}
model: [{dense: 2}, relu, {dense: 1}]
loss: mse
optimizer: adam
plots: [fit]' >sub/r.yaml
expected=$(hash sub/r.yaml)
rm sub/s.csv
same "data.train" "$(hash sub/r.yaml --set data.train=t.csv)"
same "data" "$(hash sub/r.yaml --set 'data={train: t.csv, target: a, features: b}')"
(cd sub && "$build/descent" plot ../run fit) >out 2>said || fail "a picture from another folder"
hash sub/r.yaml --set data.train=t.csv --set init.file=run/model.safetensors --set epochs=0 >start
same "init.file" "$(cat start)"
refused "$scratch/absent.csv: No such file" sub/r.yaml --set data.train=absent.csv
refused "sub/s.csv: No such file" sub/r.yaml

"$build/descent" generate views --rows 200 >series.csv 2>said || "$build/descent" generate views >series.csv
descent train "$source/data/views/any.yaml" --set data.train=series.csv --set plots=none --set epochs=1 \
    --out run >out || fail "the README's line"

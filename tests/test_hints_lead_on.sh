# No hint leads to a message that leads back. Each situation is a table, perhaps a recipe, and a
# command that fails, or says something in a note. Every remedy that the message names, --set
# KEY=VALUE, is taken as it stands there, one after the other, and so are those of the messages that
# follow: within four steps each way ends with a run that trains.
set -eu
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
trials=0

fail() {
    echo "$1" >&2
    exit 1
}

# The remedies in a text, a line each, without the place that it begins with.
remedies() {
    sed 's/^descent: --set [^:]*: //' | grep -o -e "--set '[^']*'" -e "--set [a-z_.0-9]*+*=[^' ,;:)]*[^' ,;:).]" | sort -u
}

# follow STEP SEEN COMMAND: runs the command, then every way that its message names.
follow() (
    step=$1 seen=$2 command=$3
    echo "  descent train $command"
    if eval "\"$build/descent\" train $command --set epochs=1 --no-verify --out run" >/dev/null 2>said; then
        grep '^descent: note: ' said | remedies >"notes$step" || exit 0
        while read -r remedy; do
            case $command in *"$remedy"*) continue ;; esac
            [ "$step" -ge 4 ] || follow $((step + 1)) "$seen" "$command $remedy" || exit 1
        done <"notes$step"
        exit 0
    fi
    message=$(grep '^descent: ' said | grep -v '^descent: note: ' | tail -1)
    echo "    $message"
    case $seen in *"$message"*) fail "leads back" ;; esac
    [ "$step" -lt 4 ] || fail "no end after four steps"
    printf '%s\n' "$message" | remedies >"ways$step"
    [ -s "ways$step" ] || fail "no way out is named"
    while read -r remedy; do
        follow $((step + 1)) "$seen$message" "$command $remedy" || exit 1
    done <"ways$step"
)

# situation NAME COMMAND, the files written before.
situation() {
    trials=$((trials + 1))
    echo "$1"
    follow 0 "" "$2" || fail "see above: $1"
}

# numbers FROM TO LINE: a line for each number, which stands for N in it.
numbers() {
    awk -v from="$1" -v to="$2" -v line="$3" 'BEGIN {
        for (i = from; i <= to; i++) { text = line; gsub("N", i, text); print text } }'
}

layers='--layers "8 relu"'

{ echo x,w,y; numbers 1 20 "N,a,1N"; echo ,b,20; numbers 5 20 "N,b,2N"; } >missing.csv
situation "a number is missing" "--data missing.csv --target y $layers"
{ echo x,w,y; numbers 1 20 "N,a,1N"; echo 9,,20; numbers 5 20 "N,b,2N"; } >missing.csv
situation "a text is missing" "--data missing.csv --target y $layers"
{ echo x,w,y; numbers 1 20 "N,a,1N"; echo 9,a,; numbers 5 20 ",b,2N"; } >missing.csv
situation "a target is missing, and a number" "--data missing.csv --target y $layers"
{ echo x,w,y; numbers 1 20 ",a,1N"; } >missing.csv
situation "a column is empty" "--data missing.csv --target y $layers"
{ echo 1,2,3; numbers 1 20 "N,N.5,1N"; } >heading.csv
situation "names are numbers" "--data heading.csv --target 1 $layers"
{ echo high,a,x; numbers 1 20 "low,b,N"; numbers 1 9 "high,a,N"; } >nohead.csv
situation "there are no names" "--data nohead.csv --target c1 $layers"
{ echo x,y; numbers 10 29 'N,"1N,123"'; } >thousands.csv
situation "commas between thousands, or before decimals" "--data thousands.csv --target y $layers"
{ echo x,id,y; numbers 1 9 "1,N,N"; echo 1,K7,2; numbers 11 19 "1,N,N"; } >ids.csv
situation "a name among numbers" "--data ids.csv --target y $layers"
{ echo "x,the id,y"; numbers 1 9 "1,N,N"; echo 1,K7,2; numbers 11 19 "1,N,N"; } >ids.csv
situation "names with blanks" "--data ids.csv --target y $layers"
{ echo x,name,y; numbers 1 40 "N,kN,N"; } >names.csv
situation "a column of names" "--data names.csv --target y $layers"
{ echo x,name,y; numbers 1 4100 "N,kN,N"; } >names.csv
situation "a column of too many names" "--data names.csv --target y $layers"
{ echo x,lane; numbers 1 8 "N,3"; numbers 3 12 "N,4"; numbers 6 14 "N,5"; } >lanes.csv
situation "classes that are numbers" "--data lanes.csv --target lane $layers"
situation "no activation" '--data lanes.csv --target lane --layers "8 4"'
situation "a last layer by hand" '--data lanes.csv --target lane --layers "8 relu 3 softmax"'

# recipe DATA [LOSS [MORE]]: one for a table, with a last layer of one unit.
recipe() {
    printf 'data: {train: t.csv, %s}\nmodel: [{dense: 4}, relu, {dense: 1}]\nloss: %s\n%s\n' \
        "$1" "${2:-mse}" "${3:-optimizer: adam}" >recipe.yaml
}

cp lanes.csv t.csv
recipe "target: lane, categories: lane"
situation "a target of words for mse" recipe.yaml
recipe "target: lane, classes: [3, 4, 5]"
situation "classes for mse" recipe.yaml
recipe "target: lane, normalize_target: standard" cross_entropy
situation "classes that are normalized" recipe.yaml
recipe "target: lane, target_kind: numbers" cross_entropy
situation "a kind that does not fit the loss" recipe.yaml
recipe "target: lane, categories: lane" binary_cross_entropy
situation "three classes for two" recipe.yaml
recipe "target: lane, baselines: last" cross_entropy
situation "baselines of classes" recipe.yaml
{ echo x,n,lane; numbers 1 8 "N,NN,3"; numbers 3 12 "N,N,4"; } >t.csv
recipe "target: lane, features: x, exclude: n"
situation "columns that are taken and left out" recipe.yaml
recipe "target: lane" mse "{optimizer: adam, clip: 0}"
sed 's/^{\(.*\), \(.*\)}$/\1\n\2/' recipe.yaml >clip.yaml
situation "no clipping" clip.yaml
recipe "target: lane" mse "optimizer: {sgd: {rate: 0.001, nesterov: true}}"
situation "nesterov without a momentum" recipe.yaml
recipe "target: lane, split: {at: 2021-01-20}"
{ echo day,x,lane; numbers 10 28 "2021-01-N,N,N"; } >t.csv
situation "a split at a date, but no dates" recipe.yaml
{ echo g,y; numbers 1 9 "M,N"; numbers 1 9 "F,N"; } >t.csv
recipe "target: g, values: {g: {M: 0, F: 1}}" cross_entropy
situation "numbers for classes" recipe.yaml

series='target: y, date: day, lags: {of: y, steps: 3}'
{ echo day,y; numbers 10 28 "2021-01-N,N"; } >t.csv
recipe "$series, split: {validation: 0.2, by: random}"
situation "lags at random" recipe.yaml
recipe "target: y, date: day, lags: {of: y, steps: 40}"
situation "too few rows for the lags" recipe.yaml
recipe "target: y, date: day, baselines: {seasonal: 30}, features: y2"
{ echo day,y2,y; numbers 10 28 "2021-01-N,N,N"; } >t.csv
situation "too few rows for a season" recipe.yaml
{ echo day,y; numbers 10 28 "2021-01-N,N"; echo 2021-01-28,7; } >t.csv
recipe "$series"
situation "a date that comes twice" recipe.yaml
{ echo day,y; numbers 1 9 "0N/02/2021,N"; } >t.csv
situation "day and month may change places" recipe.yaml
{ echo day,seen,y; numbers 10 28 "2021-01-N,2021-02-N,N"; } >t.csv
recipe "target: y, date: auto, lags: {steps: 2}"
situation "two columns of dates" recipe.yaml
{ echo day,x,y; numbers 10 28 "2021-01-N,N,N"; } >t.csv
recipe "date: auto, lags: {steps: 2}"
situation "two columns to predict" recipe.yaml
{ echo x,u,y; numbers 10 28 "N,,N"; } >t.csv
recipe "target: y, missing: mean, features: [x, u]"
situation "a feature without a number" recipe.yaml
recipe "target: y, missing: drop"
situation "no row is whole" recipe.yaml

{ echo day,store,y; numbers 10 28 "2021-01-N,A,N"; numbers 10 28 "2021-01-N,B,9N"; } >t.csv
recipe "$series"
situation "two series on the same dates" recipe.yaml
recipe "target: y, date: {column: day, duplicates: mean}, lags: {of: y, steps: 3}"
situation "a mean of two series" recipe.yaml
recipe "target: y, lags: {of: y, steps: 3}"
situation "two series, one below the other" recipe.yaml
{ echo x,w,y; numbers 1 20 "N,EU,N"; numbers 1 20 "N,null,N"; } >t.csv
recipe "target: y"
situation "null may be a word" recipe.yaml
{ echo x,kind; numbers 1 20 "N,ape"; numbers 1 20 "9N,cat"; } >t.csv
recipe "target: kind" cross_entropy
sed -i 's/dense: 1}/dense: 2}/' recipe.yaml
"$build/descent" train recipe.yaml --out first --quiet >/dev/null
sed -i 's/cat/dog/' t.csv
situation "a class that the model to go on from has not" \
    "recipe.yaml --set 'init={file: first/model.safetensors}'"
sed 's/x,kind/z,kind/' t.csv >other.csv
situation "a column that it has not" \
    "recipe.yaml --set data.train=other.csv --set 'init={file: first/model.safetensors}'"

[ "$trials" -gt 36 ] || fail "situations are missing"

# The man page knows every command and every option that --help knows, and its recipe runs.
set -eu
build=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
sed 's/\\-/-/g; s/\\f[BIR]//g' "$source/host/cli/descent.1" >page

fail() {
    echo "$1" >&2
    exit 1
}

commands=$("$build/descent" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
test -n "$commands" || fail "no command in --help"
for command in $commands; do
    grep -q "^\.B $command\$" page || fail "the man page lacks the command $command"
    for option in $("$build/descent" "$command" --help | sed -n 's/^  .*--\([a-z]*\) .*/\1/p'); do
        grep -q -- "--$option" page || fail "the man page lacks --$option of $command"
    done
done

awk '/^\.SH RECIPES/ { found = 1 } found && /^\.fi/ { exit } found && !/^\./' page >recipe.yaml
cp "$source/data/people/people.csv" .
"$build/descent" train recipe.yaml --device reference --quiet

# The C program of the README, compiled exactly as it stands there, must print what the README says.
set -eu
build=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# The first fenced block of a language after the line "<!-- NAME -->".
block() {
    awk -v name="<!-- $1 -->" '
        $0 == name { found = 1; next }
        found && /^```/ { if (inside) exit; inside = 1; next }
        inside' "$source/README.md"
}

block "program" >program.c
block "program output" >expected.txt
test -s program.c && test -s expected.txt

libraries=$(find "$build" -maxdepth 1 -name 'libdescent.so')
"$CC" -std=c11 -Wall -Wextra -Werror ${SANITIZE:+-fsanitize=$SANITIZE} -I"$source/include" program.c \
    "$libraries" -Wl,-rpath,"$build" -o program
./program >printed.txt
diff -u expected.txt printed.txt

# Installs into a scratch folder, moves the result, and builds and runs a program against it both
# ways: by pkg-config and by find_package.
set -eu
build=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
flags=${SANITIZE:+-fsanitize=$SANITIZE}

DESTDIR=$scratch/stage "$CMAKE" --install "$build" --prefix /opt/descent >/dev/null
mv "$scratch/stage/opt/descent" "$scratch/moved"
cd "$scratch/moved"

fail() {
    echo "$1" >&2
    exit 1
}

"bin/descent" --version | grep -q '^descent [0-9]' || fail "the installed command does not run"
test -s include/descent.h || fail "no header"
test -s share/man/man1/descent.1 || fail "no man page"
pc=$(find . -name descent.pc)
test -s "$pc" || fail "no descent.pc"
grep -rIl "$build\|$source" . && fail "a path of the build is left in these"

PKG_CONFIG_PATH=$(dirname "$scratch/moved/$pc")
export PKG_CONFIG_PATH
libdir=$(pkg-config --variable=libdir descent)
# shellcheck disable=SC2046
"$CC" -std=c11 $flags "$source/tests/installed/installed_program.c" \
    $(pkg-config --cflags --libs descent) -lm -Wl,-rpath,"$libdir" -o "$scratch/by_pkg_config"
"$scratch/by_pkg_config"

"$CMAKE" -S "$source/tests/installed" -B "$scratch/by_cmake" -DCMAKE_C_COMPILER="$CC" \
    -DCMAKE_C_FLAGS="$flags" -DCMAKE_PREFIX_PATH="$scratch/moved" >/dev/null
"$CMAKE" --build "$scratch/by_cmake" >/dev/null
"$scratch/by_cmake/installed_program"

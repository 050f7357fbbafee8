#!/bin/sh
# Sets up the peers on Debian: `sh tests/bench/setup.sh [FOLDER]`, as root for the packages. FOLDER
# (build/peers) becomes a virtual environment of several GB, since PyTorch brings its CUDA libraries.
set -e
folder=${1:-build/peers}
packages="python3-venv g++ python3-dev libfann-dev libopenblas-dev libclblast-dev"
if [ "$(id -u)" = 0 ]; then
    apt-get install -y --no-install-recommends $packages
else
    echo "not root; for all peers install: $packages"
fi
python3 -m venv "$folder"
"$folder/bin/pip" install numpy torch jax tinygrad scikit-learn
echo "now: cmake -B build -DDESCENT_BENCH=ON && cmake --build build"
echo "     $folder/bin/python tests/bench/bench.py"

#!/usr/bin/env bash
# Runs coroutine_shapes.cpp with every compiler of this machine; see docs/decisions/0001-compiler.md.
set -u
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for compiler in g++ clang++-16; do
  command -v "$compiler" >/dev/null || { echo "$compiler: not here"; continue; }
  for level in -O0 -O2; do
    echo "$("$compiler" --version | head -1), $level"
    "$compiler" -std=c++20 "$level" coroutine_shapes.cpp -o "$folder/shapes" && "$folder/shapes"
    echo "  shapes gone wrong: $?"
  done
done

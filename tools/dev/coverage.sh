# Line and branch coverage of the C++ tests. Read, not targeted, except wire, profile, strategy and the arbiter, where
# every branch should be reached. Sourced by ./dev.

run_coverage() {
  setup
  web_build
  build_cpp coverage
  say "running the tests"
  rm -rf build/coverage/raw && mkdir -p build/coverage/raw
  LLVM_PROFILE_FILE=$PWD/build/coverage/raw/%p.profraw \
    ctest --test-dir build/coverage -j "$(jobs_count)" --output-on-failure --no-tests=error -LE slow
  llvm-profdata-16 merge -sparse -o build/coverage/all.profdata build/coverage/raw/*.profraw
  local programs=() program not_ours='_test\.cpp$|^/usr/|(^|/)(tests|build)/'
  for program in build/coverage/{src,apps,tests}/*/*_test; do programs+=(-object "$program"); done
  llvm-cov-16 show "${programs[@]}" -instr-profile=build/coverage/all.profdata -format=html \
    -output-dir=build/coverage/html -ignore-filename-regex="$not_ours" >/dev/null
  llvm-cov-16 report "${programs[@]}" -instr-profile=build/coverage/all.profdata \
    -ignore-filename-regex="$not_ours" | python3 tools/dev/coverage_by_module.py
  say "every line: build/coverage/html/index.html"
}

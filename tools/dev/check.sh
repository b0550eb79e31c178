# Before a commit: the quick half of ./dev test and ./dev lint. Sourced by ./dev.
source tools/dev/lint.sh
source tools/dev/test.sh

run_check() {
  setup
  lint_tidy
  lint_format
  web_build
  build_cpp dev
  changed_cpp_files | lint_clang_tidy
  say "unit tests"
  ctest --test-dir build/dev --output-on-failure -j "$(jobs_count)" -LE slow
}

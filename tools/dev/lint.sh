# What a reviewer should not have to say. Sourced by ./dev.

cpp_files() { git ls-files -co --exclude-standard -- '*.cpp' '*.hpp' | while read -r f; do [ -f "$f" ] && echo "$f"; done; }

# C++ files that differ from main (or from the last commit, when on main), for the slow checks.
changed_cpp_files() {
  local base
  base=$(git merge-base HEAD main 2>/dev/null || git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$base" -- '*.cpp' '*.hpp'
    git ls-files -o --exclude-standard -- '*.cpp' '*.hpp'; } | sort -u
}

lint_format() {
  say "clang-format"
  cpp_files | xargs -r -n 50 -P "$(jobs_count)" clang-format-16 --dry-run -Werror ||
    die "not formatted: run clang-format-16 -i on the files above"
}

lint_tidy() {
  say "tidy"
  python3 tools/tidy/tidy.py "$@"
}

# Every header alone in a unit of its own: whoever includes it first must not need to know what it needs.
lint_headers() {
  configure dev
  say "headers compile alone"
  ninja -C build/dev --quiet busbar_headers_alone
}

# A header is checked through the sources beside it; .clang-tidy lists the few errors and why each is one.
lint_clang_tidy() { # FILES
  local sources
  sources=$(sed 's/\.hpp$/.cpp/' | sort -u | while read -r f; do [ -f "$f" ] && echo "$f"; done)
  [ -n "$sources" ] || { say "clang-tidy: nothing changed"; return 0; }
  configure dev
  say "clang-tidy on $(wc -l <<<"$sources") files"
  # Generated sources must exist before anything that includes them is read.
  xargs -r -n 4 -P "$(jobs_count)" clang-tidy-16 -p build/dev --quiet <<<"$sources" 2>build/clang-tidy.log
}

lint_web() {
  [ -f web/package.json ] || return 0
  web_packages
  node -e "process.exit(require('./web/package.json').scripts?.lint ? 0 : 1)" || return 0
  say "web: types and rules"
  (cd web && npm run --silent lint)
}

run_lint() { # [--all|--smells]
  if [ "${1:-}" = --smells ]; then python3 tools/tidy/tidy.py --smells; return; fi
  setup
  lint_tidy
  lint_format
  lint_headers
  if [ "${1:-}" = --all ]; then cpp_files | lint_clang_tidy; else changed_cpp_files | lint_clang_tidy; fi
  lint_web
  web_build
  build_cpp gcc
  say "lint: nothing to say"
}

# Configure and build a preset; build the web interface that the gateway embeds. Sourced by ./dev.

# web/dist from web/: packages only when the lock changed, the bundle only when a source is newer than it.
web_build() {
  [ -f web/package.json ] || return 0
  install_packages "${packages[@]}"
  setup_node
  web_packages
  if [ -f web/dist/index.html ] && [ -z "$(web_newer_than_bundle)" ]; then return 0; fi
  say "building the web interface"
  (cd web && npm run --silent build)
}

web_packages() {
  local lock
  lock=$(sha256sum web/package-lock.json | cut -d' ' -f1)
  [ "$(cat web/node_modules/.lock-sha256 2>/dev/null)" = "$lock" ] && return 0
  say "installing the packages of web/package-lock.json"
  (cd web && npm ci --no-audit --no-fund --loglevel=error)
  echo "$lock" >web/node_modules/.lock-sha256
}

web_newer_than_bundle() {
  find web src/api/openapi.yaml -path web/node_modules -prune -o -path web/dist -prune -o \
    -type f -newer web/dist/index.html -print 2>/dev/null | head -1
}

configure() { # PRESET
  [ -f "build/$1/build.ninja" ] && return 0
  say "configuring $1"
  mkdir -p build
  cmake --preset "$1" >"build/configure-$1.log" 2>&1 ||
    { cat "build/configure-$1.log" >&2; rm -f "build/$1/build.ninja"; die "CMake could not configure preset $1"; }
}

build_cpp() { # PRESET [TARGET...]
  local preset=$1 started=$SECONDS
  shift
  configure "$preset"
  say "building $preset${*:+: $*}"
  ninja -C "build/$preset" --quiet "$@"
  say "built $preset in $((SECONDS - started)) s"
}

build() { # [PRESET] [TARGET...]
  setup
  web_build
  build_cpp "${1:-dev}" "${@:2}"
}

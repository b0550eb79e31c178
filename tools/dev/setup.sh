# What has to be on the machine: Debian packages, a Node new enough for the web interface, the commit hook.
# Sourced by ./dev. Every package has its row in docs/reference/dependencies.md (checked by tools/tidy).

packages=(
  # compilers and build
  clang-16 clang-tidy-16 clang-format-16 libclang-rt-16-dev llvm-16 lld-16 g++ ninja-build cmake ccache pkg-config
  # libraries of the product
  libboost1.81-dev libboost-json1.81-dev libssl-dev libsqlite3-dev libfmt-dev libyaml-cpp-dev libargon2-dev
  libcurl4-openssl-dev libhowardhinnant-date-dev zlib1g-dev brotli
  # tests and their independent peers
  doctest-dev librapidcheck-dev libbenchmark-dev libmodbus-dev python3 python3-pymodbus python3-serial-asyncio python3-yaml python3-jsonschema mbpoll
  chromium fonts-dejavu-core wrk curl sqlite3
  # what the scripts call
  git ca-certificates iproute2 procps
)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null || die "installing packages needs root: run as root, or install sudo"
  sudo "$@"
}

# Installs those of the named Debian packages that are absent.
install_packages() {
  local installed missing=()
  installed=$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii  *//p' || true)
  local p
  for p in "$@"; do grep -qxF "$p" <<<"$installed" || missing+=("$p"); done
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || die "missing: ${missing[*]} (this script installs them on Debian 12 only)"
  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  mkdir -p build
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
    >build/apt.log 2>&1 || { tail -20 build/apt.log >&2; die "apt-get failed; the log is build/apt.log"; }
}

# True when the node on PATH can run Vite 8 (20.19 and later of 20, 22.12 and later) and npm is beside it.
node_is_new_enough() {
  command -v node >/dev/null && command -v npm >/dev/null || return 1
  node -e 'const [a, b] = process.versions.node.split(".").map(Number);
           process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null
}

# Debian 12 has Node 18. The npm package `node` carries the real binary: Debian's npm fetches it into .cache/node.
setup_node() {
  local cached=$PWD/.cache/node/node_modules/.bin
  if [ -x "$cached/node" ]; then export PATH=$cached:$PATH; fi
  if node_is_new_enough; then return 0; fi
  install_packages npm
  say "fetching Node 22 into .cache/node (this machine has $(node --version 2>/dev/null || echo none); Vite 8 needs 20.19)"
  mkdir -p .cache/node
  npm install --prefix .cache/node --no-audit --no-fund --loglevel=error node@22 ||
    die "npm could not fetch node@22; with a Node >= 20.19 on PATH it is not needed"
  export PATH=$cached:$PATH
  hash -r
  node_is_new_enough || die "the fetched Node does not run: $cached/node --version"
}

# A linked worktree shares the hooks of its clone, so only the clone itself sets them.
setup_hook() {
  [ -d .git ] && [ "$(git config --get core.hooksPath || true)" != tools/hooks ] || return 0
  say "installing the commit hook (tools/hooks/pre-commit)"
  git config core.hooksPath tools/hooks
}

setup() {
  install_packages "${packages[@]}"
  if [ -f web/package.json ]; then setup_node; fi
  setup_hook
}

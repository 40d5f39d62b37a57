# Shared by ./run, ./test and eng/postgres.sh. Works with bash 3.2 and later (macOS). Source it, do not run it.
# shellcheck shell=bash

# Progress goes to standard error, so that a command's standard output is its answer and nothing else.
say() { printf '%s\n' "$*" >&2; }
step() { printf '\n== %s\n' "$*" >&2; }
fail() {
  printf '\n%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Puts a lock file's exclusive lock on file descriptor 9 where flock exists (Linux); elsewhere there is no waiting.
# A command that goes to the background inside the lock must be started with 9>&-, or it would keep the lock.
with_lock() {
  local file=$1
  shift
  if command -v flock >/dev/null 2>&1; then
    ( flock 9; "$@" ) 9>"$file"
  else
    "$@"
  fi
}

# A number that stands for a text, for folder names. POSIX cksum is on every system.
short_hash() { printf '%s' "$1" | cksum | cut -d ' ' -f 1; }

# What a set of files is now: changes with any of their contents or names. Arguments as of find.
fingerprint() { find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 cksum | cksum; }

# A TCP port of the loopback address that nobody listens on at this moment.
free_port() {
  node -e 'const s = require("net").createServer(); s.listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); });'
}

# Whether somebody listens on a port of the loopback address. bash opens the connection itself.
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Ends with a sentence unless the tools that everything here needs are there, in a version that will do.
need_tools() {
  local have
  command -v dotnet >/dev/null 2>&1 || fail 'the .NET SDK 10 is needed and "dotnet" is not on the PATH. See https://dotnet.microsoft.com/download/dotnet/10.0'
  dotnet --list-sdks 2>/dev/null | grep -Eq '^1[0-9]\.' \
    || fail "the .NET SDK 10 is needed; this machine has: $(dotnet --list-sdks 2>/dev/null | cut -d ' ' -f 1 | tr '\n' ' '). See https://dotnet.microsoft.com/download/dotnet/10.0"
  need_node
  have=$(npm --version 2>/dev/null) || fail 'npm is needed and is not on the PATH. It comes with Node.js: https://nodejs.org'
  [ -n "$have" ] || fail 'npm does not answer "npm --version".'
}

need_node() {
  local have
  command -v node >/dev/null 2>&1 || fail 'Node.js 20.19 or later is needed and "node" is not on the PATH. See https://nodejs.org'
  have=$(node -p 'process.versions.node')
  node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)' \
    || fail "Node.js 20.19 or later is needed; this machine has $have. See https://nodejs.org"
}

# Installs a folder's npm packages from its lock file, unless that has been done since the lock file changed.
# Install scripts of packages are never run.
npm_install() {
  local folder=$1 stamp=$1/node_modules/.warroom-installed now
  now=$(cksum <"$folder/package-lock.json")
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] && return 0
  say "installing the npm packages of ${folder#"$root"/}"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) \
    || fail "npm could not install the packages of ${folder#"$root"/}; its messages are above."
  printf '%s\n' "$now" >"$stamp"
}

# Builds projects or a solution in Release. The compiler server gets a name of its own, so that it can be ended afterwards without
# touching another build's; MSBuild leaves no process behind.
build_release() {
  local target
  compiler=warroom-$$ # one for all builds of this script
  for target in "$@"; do
    say "building $target"
    MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 \
      dotnet build "$target" -c Release -v q --nologo -clp:ErrorsOnly -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" >&2 \
      || fail "$target does not build; the compiler's messages are above."
  done
}

stop_compiler() {
  local pid
  [ -n "${compiler:-}" ] || return 0
  for pid in $(ps -A -o pid= -o command= | awk -v name="-pipename:$compiler" 'index($0, name) && !index($0, "awk") { print $1 }'); do
    kill "$pid" 2>/dev/null || true
  done
  rm -f "${TMPDIR:-/tmp}/$compiler" # its socket, which a compiler that is ended leaves behind
  compiler=''
}

# Builds the page into src/Frontend/wwwroot, unless nothing it is made of changed since the last time.
build_web() {
  local web=$root/src/Frontend/web out=$root/src/Frontend/wwwroot stamp now
  stamp=$web/node_modules/.warroom-built
  npm_install "$web"
  now=$(cd "$web" && fingerprint . -path ./node_modules -prune -o -path ./dist -prune -o)
  if [ -f "$out/index.html" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ]; then
    say 'the web page is up to date'
    return 0
  fi
  say 'building the web page'
  (cd "$web" && npm run --silent build >&2) || fail 'the web page does not build; the messages are above.'
  [ -f "$out/index.html" ] || fail 'the build of the web page left no src/Frontend/wwwroot/index.html.'
  printf '%s\n' "$now" >"$stamp"
}

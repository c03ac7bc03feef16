# Sourced: installs what packages.txt and tools/npm ask for, and nothing when it is all there.

# packages_in SECTION…: the names listed under those headings.
packages_in() {
  local section
  for section in "$@"; do
    awk -v wanted="[$section]" '/^\[/ { inside = ($0 == wanted); next } inside && NF && !/^#/ { print $1 }' packages.txt
  done
}

package_is_installed() {
  [[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

# A nodejs from elsewhere brings its own npm and conflicts with Debian's package of that name.
is_satisfied() {
  package_is_installed "$1" || { [[ "$1" == npm ]] && command -v npm >/dev/null; }
}

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  else
    command -v sudo >/dev/null || die "packages are missing and this needs root or sudo: $*"
    sudo "$@"
  fi
}

# Packages such as postgresql start their service on installation, unless this file says no.
readonly service_policy=/usr/sbin/policy-rc.d

forbid_services() {
  [[ ! -e $service_policy ]] || return 0
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$service_policy" >/dev/null
  as_root chmod 755 "$service_policy"
  trap 'as_root rm -f "$service_policy"' EXIT
}

# install_packages SECTION…
install_packages() {
  local name missing=()
  for name in $(packages_in "$@"); do
    is_satisfied "$name" || missing+=("$name")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  say "installing from Debian: ${missing[*]}"
  (
    forbid_services
    as_root apt-get update -q >"$(log_file apt)" 2>&1 || { cat "$(log_file apt)" >&2 && exit 1; }
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" \
      >>"$(log_file apt)" 2>&1 || { tail -n 40 "$(log_file apt)" >&2 && exit 1; }
  )
}

# install_npm FOLDER: the npm packages of tools/npm or web, exactly as locked.
install_npm() {
  local stamp=$1/node_modules/.installed
  cmp -s "$1/package-lock.json" "$stamp" && return 0
  say "installing the npm packages of $1"
  npm --prefix "$1" ci --no-audit --no-fund --ignore-scripts --fetch-timeout=60000 --fetch-retries=2 >"$(log_file npm)" 2>&1 ||
    { tail -n 40 "$(log_file npm)" >&2 && return 1; }
  cp "$1/package-lock.json" "$stamp"
}

#: alerts                 check the alert rules of deploy/prometheus with promtool, and play their tests
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

# Debian has promtool in the package of the server, 96 MB that also come with a service. So the package is fetched and
# unpacked beside the builds, and not installed.
promtool_path() {
  if command -v promtool >/dev/null; then
    command -v promtool
    return
  fi
  local folder=$PWD/build/promtool
  if [[ ! -x $folder/usr/bin/promtool ]]; then
    say "fetching promtool: 19 MB from Debian" >&2
    mkdir -p "$folder"
    (cd "$folder" && apt-get download -q prometheus >"$(log_file apt)" 2>&1 && dpkg -x prometheus_*.deb .) ||
      die "apt-get download prometheus failed; see $(log_file apt)"
    rm -f "$folder"/prometheus_*.deb "$folder/usr/bin/prometheus"
  fi
  echo "$folder/usr/bin/promtool"
}

promtool=$(promtool_path)
cd deploy/prometheus
"$promtool" check rules alerts.yml
"$promtool" test rules alerts_test.yml

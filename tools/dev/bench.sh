#: bench [program…]       build the benchmarks for speed and run them all, or those named, one after the other
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_packages run test bench
install_npm tools/npm
build_preset bench

readonly folder=build/bench/bench
programs=("$@")
[[ $# -gt 0 ]] || programs=(server_bench store_bench postgres_bench use_cases_bench units_bench crypto_bench webauthn_bench passkey_bench push_bench push_send_bench mail_bench dispatch_bench contact_bench risk_bench beside_python pages)
for program in "${programs[@]}"; do
  say "$program"
  case "$program" in
    beside_python) /usr/bin/python3 -B bench/beside_python.py "$folder" ;;
    pages) CS_SERVER=$PWD/build/bench/countersign node bench/pages.mjs ;;
    *)
      [[ -x "$folder/$program" ]] || die "there is no benchmark \"$program\""
      "$folder/$program"
      ;;
  esac
done

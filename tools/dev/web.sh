#: web [--check]        build web/dist, which is committed; --check compares instead, with types, unit tests and sizes
source tools/dev/lib/common.sh
source tools/dev/lib/packages.sh

install_npm web

# Node of Debian 12 does not read TypeScript, so the tests are bundled first.
unit_tests() {
  rm -rf build/web-tests
  web/node_modules/.bin/esbuild web/test/*.test.ts --bundle --platform=node --format=esm --out-extension:.js=.mjs \
    --outdir=build/web-tests --log-level=warning
  node --test build/web-tests/*.mjs
}

case "${1:-}" in
  --check)
    web/node_modules/.bin/tsc --project web
    unit_tests
    node web/tools/build.mjs --check
    ;;
  "") node web/tools/build.mjs ;;
  *) die "web takes --check or nothing" ;;
esac

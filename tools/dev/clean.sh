#: clean                remove everything built (not data/)
source tools/dev/lib/common.sh

rm -rf build tools/npm/node_modules tests/sdks/node/node_modules tests/oracles/node/node_modules

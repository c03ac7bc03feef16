#include "support/vectors.h"

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/encoding.h"

namespace countersign::testing {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "cannot read " << path << '\n';
    std::abort();
  }
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

json::value own_vectors(std::string_view name) {
  return json::parse(read_file(fs::path(CS_SOURCE_DIR) / "tests/vectors" / name));
}

std::optional<json::value> extra_vectors(std::string_view name) {
  const char* named = std::getenv("CS_EXTRA_VECTORS");
  const fs::path folder =
      named != nullptr ? fs::path(named) : fs::path(CS_SOURCE_DIR) / "../shared/vectors/third-party";
  if (!fs::exists(folder / name)) {
    std::cout << "extra vectors " << name << ": not there, not run\n";
    return std::nullopt;
  }
  return json::parse(read_file(folder / name));
}

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

std::string bytes_of_hex(const json::value& value) { return from_hex(text_of(value)).value(); }

}  // namespace countersign::testing

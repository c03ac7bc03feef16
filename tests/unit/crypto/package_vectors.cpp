#include "unit/crypto/package_vectors.h"

#include <filesystem>
#include <iostream>
#include <sstream>

#include "support/vectors.h"

namespace countersign::testing {

namespace fs = std::filesystem;

std::string package_file(std::string_view path) {
  const fs::path file = fs::path("/usr/lib/python3/dist-packages/cryptography_vectors") / path;
  if (fs::exists(file)) return read_file(file);
  std::cout << "package python3-cryptography-vectors: " << path << " not there, not run\n";
  return {};
}

std::vector<Record> package_vectors(std::string_view path) {
  std::istringstream in(package_file(path));
  std::vector<Record> records;
  for (std::string line; std::getline(in, line);) {
    const std::size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
    const auto trimmed = [](std::string_view text) {
      const std::size_t from = text.find_first_not_of(" \t\r");
      const std::size_t to = text.find_last_not_of(" \t\r");
      return from == std::string_view::npos ? std::string() : std::string(text.substr(from, to - from + 1));
    };
    const std::string name = trimmed(std::string_view(line).substr(0, equals));
    if (records.empty() || records.back().contains(name)) records.emplace_back();
    records.back()[name] = trimmed(std::string_view(line).substr(equals + 1));
  }
  return records;
}

}  // namespace countersign::testing

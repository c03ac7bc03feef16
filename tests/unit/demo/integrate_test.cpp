#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace countersign::demo {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// What docs/integrate.md shows is what runs.
TEST(Integrate, EveryPieceOfCodeIsInTheSource) {
  std::string sources;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(CS_SOURCE_DIR "/src/demo")) {
    if (entry.path().extension() == ".cpp") sources += content_of(entry.path());
  }
  const std::string document = content_of(CS_SOURCE_DIR "/docs/integrate.md");
  const std::string begin = "```cpp\n";
  int pieces = 0;
  for (auto at = document.find(begin); at != std::string::npos; at = document.find(begin, at)) {
    at += begin.size();
    const auto piece = document.substr(at, document.find("```", at) - at);
    EXPECT_NE(sources.find(piece), std::string::npos) << piece;
    ++pieces;
  }
  EXPECT_GE(pieces, 7);
}

}  // namespace
}  // namespace countersign::demo

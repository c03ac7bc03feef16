// The seeds of the fuzzer of all routes, and inputs made of them: whatever is asked, in whatever order, there is one
// answer that can be sent, and none is a 500 (fuzz/router_fuzzer.cpp). A failure ends the process.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace countersign {
namespace {

using Lines = std::vector<std::string>;

std::vector<Lines> seeds() {
  const std::filesystem::path folder = std::filesystem::path(CS_SOURCE_DIR) / "fuzz/corpus/router_fuzzer";
  std::vector<std::filesystem::path> files{std::filesystem::directory_iterator(folder), {}};
  std::ranges::sort(files);
  std::vector<Lines> all;
  for (const auto& file : files) {
    std::ifstream in(file);
    Lines lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    all.push_back(std::move(lines));
  }
  return all;
}

void run(const Lines& lines) {
  std::string input;
  for (const auto& line : lines) input += line + '\n';
  SCOPED_TRACE(input);
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()), 0);
}

class Chance {
 public:
  std::size_t below(std::size_t end) { return generator_() % end; }

 private:
  std::mt19937 generator_{20'261'130};
};

/// One of what a careless or malicious client does to requests that are right.
void change(Lines& lines, const std::vector<Lines>& all, Chance& chance) {
  const std::size_t at = chance.below(lines.size());
  auto& line = lines[at];
  switch (chance.below(6)) {
    case 0:
      if (lines.size() > 1) lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    case 1:
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), std::string(line));
      return;
    case 2:
      return std::swap(line, lines[chance.below(lines.size())]);
    case 3:
      if (!line.empty()) line[chance.below(line.size())] = static_cast<char>(chance.below(256));
      return;
    case 4:
      line.resize(chance.below(line.size() + 1));
      return;
    default: {
      const auto& other = all[chance.below(all.size())];
      line = other[chance.below(other.size())];
    }
  }
}

TEST(RouterInputs, EachSeedIsAnswered) {
  const auto all = seeds();
  ASSERT_GE(all.size(), 5U);
  for (const auto& lines : all) run(lines);
}

TEST(RouterInputs, WhatIsNearTheSeedsIsAnswered) {
  const auto all = seeds();
  Chance chance;
  for (int i = 0; i < 300; ++i) {
    Lines lines = all[chance.below(all.size())];
    for (auto changes = 1 + chance.below(6); changes > 0; --changes) change(lines, all, chance);
    run(lines);
  }
}

}  // namespace
}  // namespace countersign

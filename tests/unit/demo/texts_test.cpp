#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "demo/files.h"
#include "html/template.h"

namespace countersign::demo {
namespace {

html::Catalogue catalogue() { return html::Catalogue::load(locales()).value(); }

TEST(Texts, EveryTemplateCanBeRead) {
  const auto texts = catalogue();
  const auto parsed = html::Templates::parse(templates(), texts);
  ASSERT_TRUE(parsed) << parsed.error().sentence;
}

/// Faults reach the page by their key alone, so nothing but this sees one that has no text.
TEST(Texts, EveryFaultHasOne) {
  const auto texts = catalogue();
  const std::regex key("\"((?:fault|notice|error|review|display|confirm(?:ed|ing)|dashboard|not_found)\\.[a-z_.]+)\"");
  std::set<std::string> named;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(CS_SOURCE_DIR "/src/demo")) {
    if (entry.path().extension() != ".cpp") continue;
    std::stringstream source;
    source << std::ifstream(entry.path()).rdbuf();
    const std::string code = source.str();
    for (std::sregex_iterator it(code.begin(), code.end(), key), end; it != end; ++it) named.insert((*it)[1]);
  }
  EXPECT_GE(named.size(), 50U);
  for (const auto& name : named) EXPECT_TRUE(texts.find("pt-BR")->has(name)) << name;
}

}  // namespace
}  // namespace countersign::demo

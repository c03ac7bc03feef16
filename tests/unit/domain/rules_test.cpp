#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "rule_file.h"

namespace countersign::domain {
namespace {

using Findings = std::vector<std::string>;
const std::filesystem::path kRulesFolder = std::filesystem::path(CS_SOURCE_DIR) / "tests/unit/domain/rules";

std::string all_of(const Findings& findings) {
  std::string text;
  for (const auto& finding : findings) text += finding + '\n';
  return text;
}

TEST(RuleFiles, ComeOutAsTheySay) {
  for (const auto& book : rule_books()) {
    std::set<std::string> used;
    EXPECT_EQ(all_of(play_folder(kRulesFolder / book.folder, book, used)), "");
    EXPECT_EQ(used, book.scene()->forms()) << book.folder << ": a step that no file uses";
  }
}

TEST(RuleFiles, EveryFolderIsPlayed) {
  std::set<std::string> played;
  for (const auto& book : rule_books()) played.insert(book.folder);
  std::set<std::string> there;
  for (const auto& entry : std::filesystem::directory_iterator(kRulesFolder)) {
    if (entry.is_directory()) there.insert(entry.path().filename());
  }
  EXPECT_EQ(there, played);
}

std::string play_transaction(const std::string& text) {
  const auto scene = rule_books().at(1).scene();
  return all_of(play_rules("a.txt", text, *scene));
}

TEST(RuleFiles, SayWhereTheyComeOutOtherwise) {
  const std::string held = "# A rule.\nheld any_of=sms until=1h\n";
  EXPECT_EQ(play_transaction(held + "1m cancel -> canceled\n"), "");
  EXPECT_EQ(play_transaction(held + "\n# Next.\n1m cancel -> denied\n"),
            "a.txt:5: 1m cancel\n  expected: denied\n  actual:   canceled\n");
  EXPECT_EQ(play_transaction(held + "1m cancel\n"), "a.txt:3: 1m cancel\n  expected: \n  actual:   canceled\n");
}

TEST(RuleFiles, MustBeUnderstoodWhole) {
  const std::string held = "# A rule.\nheld any_of=sms until=1h\n";
  EXPECT_EQ(play_transaction(held + "1m cancle -> canceled\n"), "a.txt:3: no such step: 1m cancle\n");
  EXPECT_EQ(play_transaction(held + "1m prove smoke -> verified\n"),
            "a.txt:3: 1m prove smoke: no such method: smoke\n");
  EXPECT_EQ(play_transaction("# A rule.\nheld any_of=sms until=1h forever=yes\n"),
            "a.txt:2: held any_of=sms until=1h forever=yes: no such word: forever=yes\n");
  EXPECT_EQ(play_transaction(held + "2m state -> held\n1m state -> held\n"), "a.txt:4: 1m state: goes back in time\n");
  EXPECT_EQ(play_transaction(held + "2w state -> held\n"), "a.txt:3: no such step: 2w state\n");
  EXPECT_EQ(play_transaction("held any_of=sms until=1h\n"), "a.txt:1: the first line says which rule it is: # …\n");
  EXPECT_EQ(play_transaction("# A rule.\n\n# Of which nothing is said.\n"), "a.txt:3: has no steps\n");
  EXPECT_EQ(play_transaction(""), "a.txt:0: has no steps\n");
}

TEST(RuleFiles, AFolderHasSome) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / "rules of nothing";
  std::filesystem::remove_all(folder);
  std::set<std::string> used;
  const auto& book = rule_books().front();
  EXPECT_EQ(play_folder(folder, book, used), Findings{folder.string() + ": has no rule files"});
  std::filesystem::create_directory(folder);
  EXPECT_EQ(play_folder(folder, book, used), Findings{folder.string() + ": has no rule files"});
  std::ofstream(folder / "rule.md") << "# A rule.\nnothing proved\n";
  EXPECT_EQ(play_folder(folder, book, used), Findings{"policy/rule.md: is no rule file (.txt)"});
  std::filesystem::remove_all(folder);
}

TEST(RuleFiles, TimesAreReadAndWritten) {
  for (const auto* text : {"0s", "30s", "9m59s", "1h30m", "3d", "7d1h"})
    EXPECT_EQ(duration_text(duration_of(text)), text);
  for (const auto* text : {"", "5", "m", "5w", "1m5"}) EXPECT_ANY_THROW((void)duration_of(text)) << text;
}

}  // namespace
}  // namespace countersign::domain

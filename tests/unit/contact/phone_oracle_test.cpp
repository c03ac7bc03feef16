// Our numbering plans beside two other readers of the same world: libphonenumber itself, whose metadata in Debian 12 is
// of 2022, and libphonenumber-js with the very metadata that our table is made from.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "contact/phone_number.h"

namespace countersign::contact {
namespace {

struct ClosePipe {
  void operator()(FILE* pipe) const { pclose(pipe); }
};

/// The oracle's type in our words.
std::string our_word(std::string_view type) {
  if (type == "fixed_line_or_mobile") return "fixed_or_mobile";
  if (type == "premium_rate") return "premium";
  if (type == "personal_number") return "personal";
  return std::string(type);
}

std::string oracle_answer(const json::object& line) {
  if (!line.at("valid").as_bool()) return "refused";
  const std::string e164(line.at("e164").as_string());
  const std::string region(line.at("region").is_string() ? line.at("region").as_string() : "");
  // We keep what is above countries apart, by calling code.
  const bool above = region == "001";
  const bool satellite = above && (e164.starts_with("+870") || e164.starts_with("+88")) && !e164.starts_with("+888") &&
                         !e164.starts_with("+886") && !e164.starts_with("+880");
  return e164 + ' ' + (above ? "" : region) + ' ' +
         (satellite ? "satellite" : our_word(std::string_view(line.at("type").as_string())));
}

std::string our_answer(const json::object& line) {
  const auto number = PhoneNumber::parse(std::string_view(line.at("typed").as_string()),
                                         std::string_view(line.at("default").as_string()));
  if (!number) return "refused";
  return std::string(number->text()) + ' ' + std::string(number->region()) + ' ' + std::string(to_text(number->kind()));
}

struct Difference {
  std::string kind, e164, text;
};

struct Comparison {
  std::map<std::string, int> compared;  // By kind of line.
  std::vector<Difference> differences;
};

Comparison compare(const std::string& command) {
  Comparison result;
  const std::unique_ptr<FILE, ClosePipe> lines(popen(command.c_str(), "r"));
  CS_CHECK(lines != nullptr);
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), lines.get()) != nullptr) {
    const auto line = json::parse(buffer.data()).as_object();
    const std::string kind(line.at("kind").as_string());
    ++result.compared[kind];
    const auto theirs = oracle_answer(line);
    const auto ours = our_answer(line);
    if (theirs == ours) continue;
    const auto& known = theirs == "refused" ? ours : theirs;
    result.differences.push_back(
        {kind, known.substr(0, known.find(' ')),
         kind + ' ' + std::string(line.at("typed").as_string()) + ": " + theirs + " there, " + ours + " here"});
  }
  return result;
}

int count(const Comparison& comparison, std::string_view kind) {
  return static_cast<int>(std::ranges::count(comparison.differences, kind, &Difference::kind));
}

/// Parts of plans that changed after Debian's metadata was made.
constexpr std::string_view kChangedSince2022[] = {
    "+1345849",  // Cayman Islands: pagers became fixed lines
    "+2125288",  // Western Sahara: counted to Morocco
    "+229",      // Benin: all numbers have ten digits since 2024
    "+23418",    // Nigeria: fixed lines of Lagos
    "+26313",    // Zimbabwe: short numbers of one area withdrawn
    "+26779",    // Botswana: voip became mobile
    "+38561",    // Croatia: short premium numbers
    "+55300",    // Brazil: 300 became shared cost, in fewer shapes
    "+6426",     // New Zealand: pagers became mobile
    "+85630",    // Laos: became mobile
    "+998",      // Uzbekistan: no trunk prefix 8 any more
    "+966811",   // Saudi Arabia: withdrawn
};

TEST(PhoneOracle, AgreesWithLibphonenumberWhereThePlanIsStillTheSame) {
  const auto result = compare("/usr/bin/python3 '" CS_SOURCE_DIR "/tests/unit/contact/phone_oracle.py'");
  int unexplained = 0;
  for (const auto& difference : result.differences) {
    std::cout << difference.text << '\n';
    const bool is_known = std::ranges::any_of(
        kChangedSince2022, [&](std::string_view prefix) { return difference.e164.starts_with(prefix); });
    unexplained += difference.kind == "example" && !is_known ? 1 : 0;
  }
  ASSERT_TRUE(result.compared.contains("example")) << "needs python3-phonenumbers";
  EXPECT_GT(result.compared.at("example"), 2500);
  EXPECT_EQ(unexplained, 0) << "printed above";
  EXPECT_LE(count(result, "example") * 50, result.compared.at("example"));
  EXPECT_LE(count(result, "changed") * 50, result.compared.at("changed"));
}

TEST(PhoneOracle, AgreesWithTheLibraryOfTheSameMetadata) {
  if (!std::filesystem::exists(CS_SOURCE_DIR "/tools/npm/node_modules/libphonenumber-js")) {
    GTEST_SKIP() << "the packages of tools/npm are not installed";
  }
  const auto result = compare("node '" CS_SOURCE_DIR "/tests/unit/contact/phone_oracle.mjs'");
  for (const auto& difference : result.differences) {
    // Where a plan names no mobile numbers, libphonenumber-js takes fixed lines for both; libphonenumber does not.
    EXPECT_TRUE(difference.e164.starts_with("+2908")) << difference.text;
  }
  EXPECT_GT(result.compared.at("random"), 30'000);
}

}  // namespace
}  // namespace countersign::contact

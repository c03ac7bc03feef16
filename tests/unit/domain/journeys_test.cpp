#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <regex>
#include <sstream>

#include "standing_world.h"
#include "support/vectors.h"

// Plays tests/unit/domain/journeys/*.txt. A journey is a list of lines `TIME what happens`, where TIME is `90m`, `30h`
// or `4d` since its beginning. Whatever happens is also checked: what is refused must say so, with the reason. The
// sentences are the table in `JourneyLine::sentences()`; lines before the first time set the scene.
namespace countersign::domain::standing {
namespace {

using Words = std::vector<std::string>;

Words journey_words(const std::string& text) {
  std::istringstream in(text);
  Words out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

Duration journey_time(const std::string& text) {
  const int number = std::stoi(text);
  return text.back() == 'm' ? Duration(minutes(number)) : Duration(hours(text.back() == 'd' ? 24 * number : number));
}

class Journey {
 public:
  void play(const std::string& line) {
    static const std::regex kTimed("(\\d+[mhd]) (.*)");
    std::smatch parts;
    std::string sentence = line;
    if (std::regex_match(line, parts, kTimed)) {
      world_.at(kNoon + journey_time(parts[1]));
      sentence = parts[2];
    }
    for (const auto& [form, act] : sentences()) {
      if (std::regex_match(sentence, parts, form)) {
        act(*this, parts);
        return;
      }
    }
    ADD_FAILURE() << "no such sentence";
  }

 private:
  using Act = std::function<void(Journey&, const std::smatch&)>;
  using Sentences = std::vector<std::pair<std::regex, Act>>;

  static const Sentences& sentences();

  static void expect(const std::optional<Refused>& refused, const std::string& reason) {
    EXPECT_EQ(refused ? std::string(to_text(*refused)) : "", reason);
  }

  static Policy policy_named(const std::string& name) {
    Policy policy = name == "two" ? two_kinds() : one_kind();
    if (name == "sms") policy.any_of = {Method::kSms};
    if (name == "slow") policy.wait = hours(7 * 24);
    if (name == "codes") policy.any_of.add(Method::kRecoveryCode);
    if (name == "first-use") policy.trust_on_first_use = true;
    return policy;
  }

  void approve(const std::string& with, const std::string& policy, const std::string& missing) {
    EXPECT_EQ(to_text(world_.approve(journey_words(with), policy_named(policy)).missing), missing);
  }

  void check_counts(const std::string& source, const std::string& as) {
    const Counts c = world_.counted(source);
    std::string said(to_text(c.counted));
    if (c.counted == Counted::kRepeat) said = "a repeat of " + std::string(to_text(*c.repeat_of));
    EXPECT_EQ(said, as);
  }

  void check_not(const std::string& source, const std::string& why, const std::string& from) {
    const Counts c = world_.counted(source);
    EXPECT_FALSE(c.any());
    EXPECT_EQ(to_text(c.why_not), why);
    EXPECT_EQ(c.counts_from.has_value(), !from.empty());
    if (c.counts_from && !from.empty()) {
      EXPECT_EQ(*c.counts_from, kNoon + journey_time(from)) << (*c.counts_from - kNoon) / minutes(1) << "m";
    }
  }

  void check_told(const std::string& about, const std::string& names) {
    std::vector<Id> expected;
    if (names != "nobody") {
      for (const auto& name : journey_words(names)) expected.push_back(world_.id(name));
    }
    EXPECT_EQ(world_.binding(about).told, expected);
  }

  void import(const std::string& names, bool verified, const std::string& until, const std::string& reason) {
    std::vector<Offer> offers;
    for (const auto& name : journey_words(names)) offers.push_back(world_.offer(name));
    Import terms;
    terms.verified = verified;
    if (!until.empty()) terms.founding_until = kNoon + journey_time(until);
    expect(world_.take(standing::import(world_.history, offers, terms, world_.rules, world_.now)), reason);
  }

  void prove(const std::string& tx, const std::string& name, const std::string& policy, const std::string& reason) {
    expect(world_.prove(held_.at(tx), name, terms_of(policy_named(policy))), reason);
  }

  void check_voided(const std::string& tx, const std::string& names) {
    std::vector<Id> expected;
    for (const auto& name : journey_words(names)) expected.push_back(world_.id(name));
    const HeldOne& held = held_.at(tx);
    EXPECT_EQ(voided(world_.history, held.proofs, held.held_at, world_.now, {}), expected);
  }

  StandingWorld world_;
  std::map<std::string, HeldOne> held_;
};

const Journey::Sentences& Journey::sentences() {
  using J = Journey&;
  using M = const std::smatch&;
  const auto form = [](const char* text) { return std::regex(text); };
  static const Sentences kSentences{
      // The scene.
      {form("notices reach (.*)"),
       [](J j, M m) {
         j.world_.reach.clear();
         for (const auto& word : journey_words(m[1])) {
           if (word != "nobody") j.world_.reach.insert(kind_of(method_named(word)));
         }
       }},
      {form("no webhook"), [](J j, M) { j.world_.webhook = false; }},
      // What the application does, and support by it.
      {form("application gives (\\S+)"), [](J j, M m) { expect(j.world_.give(m[1]), ""); }},
      {form("application gives (\\S+) for (\\S+)"), [](J j, M m) { expect(j.world_.give(m[1], m[2]), ""); }},
      {form("application imports (.*), (un)?verified(?:, founding until (\\S+))?(?:: (\\S+))?"),
       [](J j, M m) { j.import(m[1], !m[2].matched, m[3], m[4]); }},
      {form("application loses (\\S+)"), [](J j, M m) { expect(j.world_.end(m[1]), ""); }},
      {form("application removes (\\S+)"), [](J j, M m) { expect(j.world_.end(m[1], GoneWhy::kRemoved), ""); }},
      {form("application suspects (\\S+)"), [](J j, M m) { expect(j.world_.suspect(m[1]), ""); }},
      {form("application erases everything"), [](J j, M) { j.world_.history = close_founding({}, j.world_.now); }},
      {form("support vouches for (\\S+)"), [](J j, M m) { expect(j.world_.vouch(m[1]), ""); }},
      {form("support vouches for (\\S+) for (\\S+)"), [](J j, M m) { expect(j.world_.vouch(m[1], m[2]), ""); }},
      // What the person does, or somebody in her place.
      {form("the link binds (\\S+)(?:: (\\S+))?"),
       [](J j, M m) {
         expect(j.world_.take(found_by_link(j.world_.history, j.world_.offer(m[1]), j.world_.rules, j.world_.now)),
                m[2]);
       }},
      {form("(\\S+) is added with ([^:]*?)(?:: (\\S+))?"),
       [](J j, M m) { expect(j.world_.add(m[1], journey_words(m[2])), m[3]); }},
      {form("(\\S+) is added for (\\S+) with (.*)"),
       [](J j, M m) { expect(j.world_.add(m[1], journey_words(m[3]), m[2]), ""); }},
      {form("(\\S+) objects to (\\S+?)(?:: (\\S+))?"),
       [](J j, M m) { expect(j.world_.object(m[2], m[1] == "application" ? "" : m[1].str()), m[3]); }},
      {form("(\\S+) (keeps|drops) (\\S+?)(?:: (\\S+))?"),
       [](J j, M m) { expect(j.world_.decide(m[3], m[2] == "keeps", m[1] == "application" ? "" : m[1].str()), m[4]); }},
      // Transactions.
      {form("(T\\d) is held"), [](J j, M m) { j.held_[m[1]] = j.world_.hold(); }},
      {form("(T\\d) is proved with (\\S+?)(?: under (\\S+?))?(?:: (\\S+))?"),
       [](J j, M m) { j.prove(m[1], m[2], m[3], m[4]); }},
      {form("(T\\d) misses (\\S+) under (\\S+)"),
       [](J j, M m) {
         EXPECT_EQ(to_text(j.world_.judgement(j.held_.at(m[1]), policy_named(m[3])).missing), m[2].str());
       }},
      {form("(T\\d) is met under (\\S+)"),
       [](J j, M m) {
         EXPECT_EQ(to_text(j.world_.judgement(j.held_.at(m[1]), policy_named(m[2])).missing), "nothing");
       }},
      {form("(T\\d) is voided by (.*)"), [](J j, M m) { j.check_voided(m[1], m[2]); }},
      {form("(T\\d) is not voided"), [](J j, M m) { j.check_voided(m[1], ""); }},
      {form("approved with (.*) under (\\S+)"), [](J j, M m) { j.approve(m[1], m[2], "nothing"); }},
      {form("not approved with (.*) under (\\S+), misses (\\S+)"), [](J j, M m) { j.approve(m[1], m[2], m[3]); }},
      // What counts.
      {form("(\\S+) counts as (.*)"), [](J j, M m) { j.check_counts(m[1], m[2]); }},
      {form("(\\S+) does not count, (\\S+?)(?:, until (\\S+))?"), [](J j, M m) { j.check_not(m[1], m[2], m[3]); }},
      {form("told of (\\S+): (.*)"), [](J j, M m) { j.check_told(m[1], m[2]); }},
  };
  return kSentences;
}

class JourneyOf : public ::testing::TestWithParam<std::string> {};

TEST_P(JourneyOf, ComesOutSo) {
  const auto path = std::filesystem::path(CS_SOURCE_DIR) / "tests/unit/domain/journeys" / (GetParam() + ".txt");
  std::istringstream file(testing::read_file(path));
  Journey journey;
  int number = 0;
  int played = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    SCOPED_TRACE(path.filename().string() + ":" + std::to_string(number) + ": " + line);
    journey.play(line);
    ++played;
  }
  EXPECT_GT(played, 2);
}

std::vector<std::string> journey_names() {
  std::vector<std::string> names;
  const auto folder = std::filesystem::path(CS_SOURCE_DIR) / "tests/unit/domain/journeys";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Journeys, JourneyOf, ::testing::ValuesIn(journey_names()), [](const auto& chosen) {
  std::string name = chosen.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace countersign::domain::standing

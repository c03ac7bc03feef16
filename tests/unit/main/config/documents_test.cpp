#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "main/config/init.h"
#include "main/config/sources.h"
#include "support/fake_time.h"
#include "support/vectors.h"
#include "unit/main/workplace.h"

// docs/configuration.md, the annotated example and the reader of the configuration know the same keys.

namespace countersign::main {
namespace {

/// The example with every `# key = …` and `# [table]` switched on.
std::string everything_switched_on() {
  static const std::regex commented(R"(^# ((?:\[.*\]|[a-z0-9_]+ = .*))$)", std::regex::multiline);
  return std::regex_replace(std::string(example_config()), commented, "$1");
}

/// `providers.twilio.type` → `providers.NAME.type`: tables whose names are the operator's.
std::string generic(const std::string& key) {
  static const std::regex named(
      R"(^(providers|policies|risk\.built_in|risk\.signals|shared_signals|secrets\.seal_keys|services\.channels|services\.shared_with)\.([^.]+))");
  static const std::regex by_name(
      R"(^(providers\.NAME\.(?:languages|voices|whatsapp_content|query|headers|form|senders|report\.states|report\.reasons|cost)|services\.routes\.weights|risk\.money\.(?:rates|countries)|risk\.expected)\..+$)");
  return std::regex_replace(std::regex_replace(key, named, "$1.NAME"), by_name, "$1.NAME");
}

void collect(const toml::table& table, const std::string& prefix, std::set<std::string>& keys) {
  for (const auto& [key, node] : table) {
    const auto name = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      collect(*inner, name + ".", keys);
    } else if (const auto* list = node.as_array(); list != nullptr && list->is_array_of_tables()) {
      for (const auto& element : *list) collect(*element.as_table(), name + ".", keys);
    } else {
      keys.insert(generic(name));
    }
  }
}

std::set<std::string> example_keys() {
  const auto table = parse_toml(everything_switched_on(), "example");
  EXPECT_TRUE(table) << table.error().sentence;
  std::set<std::string> keys;
  if (table) collect(*table, "", keys);
  return keys;
}

/// The first column of the tables: | `limits.attempts_max` | … |
std::set<std::string> documented_keys(const std::string& text) {
  static const std::regex row(R"(^\| `([a-z_.NAME0-9]+)` \|)", std::regex::multiline);
  std::set<std::string> keys;
  for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end; ++it) keys.insert((*it)[1]);
  return keys;
}

std::string reference() { return testing::read_file(std::filesystem::path(CS_SOURCE_DIR) / "docs/configuration.md"); }

TEST(ConfigDocuments, ReferenceAndExampleNameTheSameKeys) { EXPECT_EQ(documented_keys(reference()), example_keys()); }

TEST(ConfigDocuments, ReferenceNamesEveryVariable) {
  const auto text = reference();
  for (const auto& variable : variables()) EXPECT_NE(text.find(variable.name), std::string::npos) << variable.name;
  EXPECT_NE(text.find("COUNTERSIGN_SEAL_KEY"), std::string::npos);
}

TEST(ConfigDocuments, EverySecretOfAProviderHasAVariable) {
  static const std::regex secret(R"(^\| `providers\.NAME\.([a-z_]+)` \|[^|]*secret \|)", std::regex::multiline);
  const auto text = reference();
  std::set<std::string> documented;
  for (std::sregex_iterator it(text.begin(), text.end(), secret), end; it != end; ++it)
    documented.insert("providers.name." + (*it)[1].str());
  std::set<std::string> settable;
  for (const auto& variable : provider_variables("name")) {
    settable.insert(variable.key);
    EXPECT_NE(text.find('`' + variable.name + '`'), std::string::npos) << variable.name;
  }
  EXPECT_EQ(settable, documented);
}

TEST(ConfigDocuments, ReaderKnowsEveryKeyOfTheExample) {
  const Workplace place;
  auto sources = place.production(everything_switched_on());
  // Both files as one that may hold secrets: what is asked here is only whether a key is known.
  sources.secrets_file = place.write("all.toml", everything_switched_on());
  EXPECT_EQ(sentence_of(sources).find("is not a known key"), std::string::npos) << sentence_of(sources);
}

TEST(ConfigDocuments, CommentedLinesShowTheDefaults) {
  const Workplace place;
  testing::SeededRandom random;
  place.write("countersign.secrets.toml", fresh_secrets(random).expose());
  auto text = std::string(example_config());
  for (const std::string_view table : {"limits", "transactions", "retention", "webhooks", "log"}) {
    const auto start = text.find("[" + std::string(table) + "]");
    ASSERT_NE(start, std::string::npos) << table;
    auto end = text.find("\n\n", start);
    auto block = text.substr(start, end - start);
    block = std::regex_replace(block, std::regex(R"(\n# ([a-z_]+ = ))"), "\n$1");
    text.replace(start, end - start, block);
  }
  const auto plain = load_config(place.production(example_config()));
  const auto shown = load_config(place.production(text));
  ASSERT_TRUE(plain) << plain.error().sentence;
  ASSERT_TRUE(shown) << shown.error().sentence;
  EXPECT_EQ(shown->limits.attempts_max, plain->limits.attempts_max);
  EXPECT_EQ(shown->limits.resend_waits, plain->limits.resend_waits);
  EXPECT_EQ(shown->limits.sends_per_contact, plain->limits.sends_per_contact);
  EXPECT_EQ(shown->limits.sends_per_subject, plain->limits.sends_per_subject);
  EXPECT_EQ(shown->limits.sends_per_address, plain->limits.sends_per_address);
  EXPECT_EQ(shown->limits.sends_per_ip, plain->limits.sends_per_ip);
  EXPECT_EQ(shown->limits.checks_per_ip, plain->limits.checks_per_ip);
  EXPECT_EQ(shown->limits.strangers_share, plain->limits.strangers_share);
  EXPECT_EQ(shown->limits.sends_per_account, plain->limits.sends_per_account);
  EXPECT_EQ(shown->limits.sends_per_country, plain->limits.sends_per_country);
  EXPECT_EQ(shown->limits.failures.first_lock, plain->limits.failures.first_lock);
  EXPECT_EQ(shown->limits.failures.longest_lock, plain->limits.failures.longest_lock);
  EXPECT_EQ(shown->limits.failures.disable_at, plain->limits.failures.disable_at);
  EXPECT_EQ(shown->transactions.expires_in, plain->transactions.expires_in);
  EXPECT_EQ(shown->transactions.expires_in_max, plain->transactions.expires_in_max);
  EXPECT_EQ(shown->transactions.claim_window, plain->transactions.claim_window);
  EXPECT_EQ(shown->transactions.acknowledge_within, plain->transactions.acknowledge_within);
  EXPECT_EQ(shown->retention.messages, plain->retention.messages);
  EXPECT_EQ(shown->retention.transactions, plain->retention.transactions);
  EXPECT_EQ(shown->retention.audit, plain->retention.audit);
}

/// One row of the table in docs/security-budget.md.
std::string budget_row(std::string_view name, const domain::GuessTerms& terms) {
  const auto budget = domain::guesses_in_a_year(terms);
  return fmt::format("| {} | {:.1e} | {:.1e} | {:.1e} | {:.1e} |\n", name, budget.line, budget.provider_line,
                     budget.app, budget.accompanied_app);
}

TEST(ConfigDocuments, TheBudgetOfGuessesIsWhatTheDefaultsCompute) {
  const auto document = testing::read_file(std::filesystem::path(CS_SOURCE_DIR) / "docs/security-budget.md");
  const domain::Limits limits;
  const ServiceConfig service;
  const domain::GuessTerms defaults{
      .code_length = service.code_length, .attempts_max = limits.attempts_max, .failures = limits.failures};
  std::string table = budget_row("the defaults", defaults);
  for (const std::int64_t successes : {12, 365}) {
    auto terms = defaults;
    terms.successes = successes;
    table += budget_row(fmt::format("and {} right codes of her own in that year", successes), terms);
  }
  auto terms = defaults;
  terms.code_length = 8;
  table += budget_row("`code_length = 8`", terms);
  terms = defaults;
  terms.attempts_max = 1;
  table += budget_row("`attempts_max = 1`", terms);
  terms = defaults;
  terms.code_length = 4;
  table += budget_row("`allow_short_codes`, `code_length = 4`", terms);
  terms = defaults;
  terms.app_skew = 2;
  table += budget_row("`allow_wide_totp_window`", terms);
  EXPECT_NE(document.find(table), std::string::npos) << "docs/security-budget.md should have\n" << table;

  const auto budget = domain::guesses_in_a_year(defaults);
  const auto sum = fmt::format("Telephone, mailbox and app together: {:.1e}.", 2 * budget.line + budget.app);
  EXPECT_NE(document.find(sum), std::string::npos) << sum;
  EXPECT_LE(2 * budget.line + budget.app, domain::kGuessBudgetMax);
}

}  // namespace
}  // namespace countersign::main

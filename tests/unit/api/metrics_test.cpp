#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "api/operations/operations.h"
#include "api/operations/process_figures.h"

namespace countersign::api {
namespace {

using contact::Channel;
using ::testing::HasSubstr;
using ::testing::Not;

struct Shown {
  std::string type;
  std::set<std::string> labels;  ///< Of its series, `le` apart.
  friend bool operator==(const Shown&, const Shown&) = default;
};
void PrintTo(const Shown& shown, std::ostream* out) {
  *out << shown.type << " {" << ::testing::PrintToString(shown.labels) << "}";
}

/// One of everything.
void count_everything(Metrics& metrics) {
  const usecase::Tally::Place place{"shop", "default"};
  metrics.on_request({.method = http::Method::kGet,
                      .route = "hold",
                      .pattern = "/v1/transactions",
                      .status = 201,
                      .duration = {},
                      .bytes_in = 0,
                      .bytes_out = 0,
                      .request_id = "",
                      .peer = "",
                      .tls = false,
                      .object = "",
                      .account = "",
                      .code = "",
                      .client = {}});
  metrics.on_message("twilio", Channel::kSms, "accepted");
  metrics.on_delivery("WE00", "delivered");
  metrics.on_set_aside("messages");
  metrics.on_unacknowledged("shop", 1, WallTime{});
  metrics.on_queue("messages", std::nullopt);
  metrics.on_space({.pages = 300, .free = 20, .page_bytes = 4096});
  metrics.on_metadata(place, std::chrono::sys_days(std::chrono::days(20'000)));
  metrics.set_build("1.2.3", "0123456789ab");
  metrics.on_event(place, "transaction.held");
  metrics.on_started(place, Channel::kSms, "BR");
  metrics.on_carried("twilio", Channel::kSms, "BR");
  metrics.on_converted("twilio", Channel::kSms, "BR");
  metrics.on_approved(place, "totp", "none");
  metrics.on_claimed(place, "sms");
  metrics.on_limit("shop", "sends_per_country", "BR");
  metrics.on_lock("shop", "line");
  metrics.on_signal("carrier", "known", std::chrono::milliseconds(200));
  risk::Match match;
  match.rule = "country_day";
  match.outcome = risk::Outcome::kRefuse;
  metrics.on_decision(place, risk::decide(risk::Point::kSend, {match}, {}), "BR");
  metrics.on_accepted(place, Channel::kSms, "BR", std::chrono::milliseconds(400));
  metrics.on_message_failed(place, "twilio", Channel::kSms, "BR", "blocked");
  metrics.on_delivery_report("twilio", Channel::kSms, "failed", "blocked", "advanced");
  metrics.on_webhook_failed("WE00");
}

/// A provider of which everything is to be said.
Figures with_a_provider() {
  Figures figures;
  figures.providers = {{"twilio", true, {"BR", ""}, {{{"sms", "BR"}, 250}}}, {"other", false, {}, {}}};
  figures.budgets = {{"shop", "", "", 12.5, 100, 120}, {"shop", "", "BR", 12.5, {}, {}}};
  figures.stopped = {"all"};
  return figures;
}

/// By name, as the text says.
std::map<std::string, Shown> shown(const std::string& text) {
  static const std::regex head(R"(# TYPE (\S+) (\S+))");
  static const std::regex series(R"((\w+?)(_bucket|_sum|_count)?(\{(.*)\})? \S+)");
  static const std::regex label(R"((\w+)=")");
  std::map<std::string, Shown> all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (std::regex_match(line, found, head)) all[found[1]].type = found[2];
    if (line.starts_with('#') || !std::regex_match(line, found, series)) continue;
    auto family = all.find(found[1].str() + found[2].str());
    if (family == all.end()) family = all.find(found[1].str());
    if (family == all.end()) {
      ADD_FAILURE() << "no TYPE before " << line;
      continue;
    }
    const std::string labels = found[4];
    for (std::sregex_iterator one(labels.begin(), labels.end(), label), end; one != end; ++one) {
      if ((*one)[1] != "le") family->second.labels.insert((*one)[1]);
    }
  }
  return all;
}

/// The table of docs/operations.md: | `name` | type | labels | meaning |
std::map<std::string, Shown> documented() {
  static const std::regex row(R"(\| `((?:countersign|process)_\w+)` \| (counter|gauge|histogram) \|([^|]*)\|.*)");
  static const std::regex word(R"(\w+)");
  std::map<std::string, Shown> all;
  std::ifstream file(CS_SOURCE_DIR "/docs/operations.md");
  for (std::string line; std::getline(file, line);) {
    std::smatch found;
    if (!std::regex_match(line, found, row)) continue;
    auto& metric = all[found[1]];
    metric.type = found[2];
    const std::string labels = found[3];
    for (std::sregex_iterator one(labels.begin(), labels.end(), word), end; one != end; ++one)
      metric.labels.insert(one->str());
  }
  return all;
}

TEST(Metrics, AreThoseOfTheTableInTheDocuments) {
  Metrics metrics;
  count_everything(metrics);
  EXPECT_EQ(shown(metrics.text(with_a_provider())), documented());
}

TEST(Metrics, SayWhichProvidersFailAreSilentAndHaveLostWeight) {
  const auto text = Metrics().text(with_a_provider());
  EXPECT_THAT(text, HasSubstr("countersign_provider_circuit_open{provider=\"twilio\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("countersign_provider_circuit_open{provider=\"other\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("countersign_provider_silent{provider=\"twilio\",country=\"BR\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("countersign_provider_silent{provider=\"twilio\",country=\"none\"} 1\n"));
  EXPECT_THAT(
      text, HasSubstr("countersign_provider_weight_share{provider=\"twilio\",channel=\"sms\",country=\"BR\"} 0.25\n"));
}

TEST(Metrics, SayWhatIsSpentAndStopped) {
  const auto text = Metrics().text(with_a_provider());
  const std::string whole = R"({account="shop",service="",country=""})";
  EXPECT_THAT(text, HasSubstr("countersign_budget_spent" + whole + " 12.5\n"));
  EXPECT_THAT(text, HasSubstr("countersign_budget_limit" + whole + " 100\n"));
  EXPECT_THAT(text, HasSubstr("countersign_budget_closes" + whole + " 120\n"));
  EXPECT_THAT(text, HasSubstr(R"(countersign_budget_spent{account="shop",service="",country="BR"} 12.5)"));
  EXPECT_THAT(text, HasSubstr("countersign_spending_stopped{account=\"all\"} 1\n"));
}

TEST(Metrics, AreAllNamedBeforeAnythingHasHappened) {
  std::set<std::string> before, after;
  Metrics metrics;
  for (const auto& [name, metric] : shown(metrics.text({}))) before.insert(name);
  count_everything(metrics);
  for (const auto& [name, metric] : shown(metrics.text({}))) after.insert(name);
  EXPECT_EQ(before, after);
  EXPECT_GT(before.size(), 30U);
}

TEST(Metrics, HaveNamesAndUnitsAsPrometheusWantsThem) {
  Metrics metrics;
  count_everything(metrics);
  for (const auto& [name, metric] : shown(metrics.text({}))) {
    EXPECT_EQ(name.ends_with("_total"), metric.type == "counter") << name;
    EXPECT_TRUE(std::regex_match(name, std::regex("[a-z][a-z0-9_]*"))) << name;
    EXPECT_TRUE(metric.type != "histogram" || name.ends_with("_seconds")) << name;
  }
}

TEST(Metrics, HaveABoundOnWhatComesFromOutsideAndTheRestIsOther) {
  Metrics metrics;
  for (int i = 0; i < 5000; ++i) metrics.on_delivery("WE" + std::to_string(i), i % 2 == 0 ? "delivered" : "failed");
  metrics.on_delivery("WE1", "failed");
  const std::string text = metrics.text({});
  const std::regex series("countersign_webhook_attempts_total\\{");
  const auto lines = std::distance(std::sregex_iterator(text.begin(), text.end(), series), {});
  EXPECT_EQ(lines, 200 + 2);
  EXPECT_THAT(text, HasSubstr("countersign_webhook_attempts_total{endpoint=\"other\",outcome=\"delivered\"} 2400\n"));
  EXPECT_THAT(text, HasSubstr("countersign_webhook_attempts_total{endpoint=\"other\",outcome=\"failed\"} 2400\n"));
  EXPECT_THAT(text, HasSubstr("countersign_webhook_attempts_total{endpoint=\"WE1\",outcome=\"failed\"} 2\n"));
}

TEST(Metrics, OfEveryFamilyWithCountriesAndServicesAreBounded) {
  Metrics metrics;
  for (int i = 0; i < 3000; ++i) {
    const usecase::Tally::Place place{"shop", "VA" + std::to_string(i)};
    const std::string country = std::to_string(i % 250);
    metrics.on_event(place, "transaction.held");
    metrics.on_started(place, Channel::kSms, country);
    metrics.on_approved(place, "sms", country);
    metrics.on_claimed(place, "sms");
    metrics.on_limit(place.service, "sends_per_country", country);
    metrics.on_lock(place.service, "line");
    metrics.on_accepted(place, Channel::kSms, country, {});
    metrics.on_message_failed(place, "twilio", Channel::kSms, country, "blocked");
    metrics.on_webhook_failed(place.service);
    metrics.on_message(place.service, Channel::kSms, "accepted");
  }
  std::map<std::string, int> series;
  std::istringstream lines(metrics.text({}));
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) ++series[line.substr(0, line.find_first_of("{ "))];
  }
  for (const auto& [name, count] : series) EXPECT_LE(count, 2050) << name;
  EXPECT_LE(series["countersign_message_acceptance_seconds_count"], 101);
  EXPECT_EQ(series["countersign_verifications_started_total"], 1001);
}

TEST(Metrics, SayHowManyClaimsNobodyHasAcknowledgedAndSinceWhen) {
  Metrics metrics;
  metrics.on_unacknowledged("shop", 3, *from_rfc3339("2026-11-22T12:00:00Z"));
  metrics.on_unacknowledged("other", 0, std::nullopt);
  auto text = metrics.text({});
  EXPECT_THAT(text, HasSubstr("countersign_claimed_unacknowledged{account=\"shop\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("countersign_claimed_unacknowledged_since_seconds{account=\"shop\"} 1795348800\n"));
  EXPECT_THAT(text, HasSubstr("countersign_claimed_unacknowledged{account=\"other\"} 0\n"));
  metrics.on_unacknowledged("shop", 0, std::nullopt);
  text = metrics.text({});
  EXPECT_THAT(text, HasSubstr("countersign_claimed_unacknowledged{account=\"shop\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("countersign_claimed_unacknowledged_since_seconds{account=\"shop\"} 0\n"));
}

TEST(Metrics, OfTheProcessAreThisOnes) {
  const auto now = static_cast<double>(to_unix_seconds(system_clock().now()));
  const auto figures = process_figures();
  EXPECT_GT(figures.resident_bytes, 1'000'000U);
  EXPECT_GT(figures.virtual_bytes, figures.resident_bytes);
  EXPECT_GE(figures.open_fds, 3U);
  EXPECT_GT(figures.max_fds, figures.open_fds);
  EXPECT_GE(figures.threads, 1U);
  EXPECT_NEAR(figures.start_time_seconds, now, 300);
  std::ifstream one_more("/proc/self/stat");
  EXPECT_EQ(process_figures().open_fds, figures.open_fds + 1);
}

}  // namespace
}  // namespace countersign::api

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "api/operations/operations.h"
#include "base/ascii.h"
#include "base/json.h"

// The alert rules and the dashboard of deploy/ ask for what there is.

namespace countersign::api {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(CS_SOURCE_DIR "/" + path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The names of series that Prometheus has of us.
std::set<std::string> series_names() {
  static const std::regex head(R"(# TYPE (\S+) (\S+))");
  const Metrics metrics;
  const std::string text = metrics.text({});
  std::set<std::string> names;
  for (std::sregex_iterator one(text.begin(), text.end(), head), end; one != end; ++one) {
    const std::string name = (*one)[1];
    if ((*one)[2] == "histogram")
      for (const auto* suffix : {"_bucket", "_sum", "_count"}) names.insert(name + suffix);
    else
      names.insert(name);
  }
  return names;
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex form(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator one(text.begin(), text.end(), form), end; one != end; ++one) found.insert(one->str(1));
  return found;
}

std::set<std::string> metrics_in(const std::string& expression) {
  return matches(expression, R"(\b((?:countersign|process)_\w+))");
}

TEST(Alerts, AskForMetricsThatExist) {
  const auto known = series_names();
  std::istringstream lines(file_text("deploy/prometheus/alerts.yml"));
  std::size_t asked = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    for (const auto& name : metrics_in(line)) {
      ++asked;
      EXPECT_TRUE(known.contains(name)) << name << " in " << line;
    }
  }
  EXPECT_GT(asked, 20U);
}

TEST(Alerts, HaveEachTheirPlaceInTheDocumentsAndTheDocumentsNoOther) {
  const auto rules = file_text("deploy/prometheus/alerts.yml");
  const auto alerts = matches(rules, R"(- alert: (\w+))");
  EXPECT_GT(alerts.size(), 10U);
  EXPECT_EQ(matches(file_text("docs/operations.md"), R"(\n### (Countersign\w+)\n)"), alerts);
  std::set<std::string> anchors;
  for (const auto& alert : alerts) anchors.insert(lower_case(alert));
  EXPECT_EQ(matches(rules, R"(runbook: docs/operations\.md#(\S+))"), anchors);
}

TEST(Alerts, AreAllPlayed) {
  const auto played = matches(file_text("deploy/prometheus/alerts_test.yml"), R"((?:alertname="|alertname: )(\w+))");
  EXPECT_EQ(played, matches(file_text("deploy/prometheus/alerts.yml"), R"(- alert: (\w+))"));
}

TEST(Dashboard, AsksForMetricsThatExist) {
  const auto known = series_names();
  const auto dashboard = parse_json(file_text("deploy/grafana/dashboard.json"));
  ASSERT_TRUE(dashboard);
  std::set<std::string> shown;
  std::set<std::int64_t> ids;
  for (const auto& panel : dashboard->at("panels").as_array()) {
    EXPECT_TRUE(ids.insert(panel.at("id").to_number<std::int64_t>()).second) << "an id of two panels";
    if (panel.at("type") == "row") continue;
    ASSERT_FALSE(panel.at("targets").as_array().empty()) << panel.at("title");
    for (const auto& target : panel.at("targets").as_array()) {
      const std::string expression(target.at("expr").as_string());
      const auto names = metrics_in(expression);
      EXPECT_FALSE(names.empty()) << expression;
      for (const auto& name : names) EXPECT_TRUE(known.contains(name)) << name << " in " << panel.at("title");
      shown.insert(names.begin(), names.end());
    }
  }
  for (const auto& variable : dashboard->at("templating").at("list").as_array()) {
    if (variable.at("type") != "query") continue;
    for (const auto& name : metrics_in(std::string(variable.at("definition").as_string())))
      EXPECT_TRUE(known.contains(name)) << name;
  }
  // What is counted is also shown. Of a histogram the buckets are enough.
  for (const auto& name : known) {
    if (name.ends_with("_sum") || name.ends_with("_count")) continue;
    EXPECT_TRUE(shown.contains(name)) << name << " is in no panel";
  }
}

}  // namespace
}  // namespace countersign::api

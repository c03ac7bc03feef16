#include "rule_file.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "support/vectors.h"
#include "transition_words.h"

namespace countersign::domain {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kArrow = " -> ";

struct TimeUnit {
  char name;
  Duration length;
};
constexpr std::array<TimeUnit, 4> kTimeUnits{{{'d', hours(24)}, {'h', hours(1)}, {'m', minutes(1)}, {'s', seconds(1)}}};

}  // namespace

void RuleScene::know(const std::string& form, Act act) {
  steps_.emplace(form, std::pair(std::regex(form), std::move(act)));
}

std::set<std::string> RuleScene::forms() const {
  std::set<std::string> all;
  for (const auto& [form, step] : steps_) all.insert(form);
  return all;
}

std::optional<std::string> RuleScene::step(const std::string& line) {
  static const std::regex kTimed("(just before )?([0-9][0-9dhms]*) (.*)");
  std::smatch timed;
  std::string words = line;
  if (std::regex_match(line, timed, kTimed)) {
    const WallTime then = kNoon + duration_of(timed[2]) - (timed[1].matched ? kTick : Duration(0));
    if (then < now_) throw std::runtime_error("goes back in time");
    now_ = then;
    on_time();
    words = timed[3];
  }
  for (const auto& [form, step] : steps_) {
    std::smatch parts;
    if (!std::regex_match(words, parts, step.first)) continue;
    used_.insert(form);
    return step.second(parts);
  }
  return std::nullopt;
}

std::vector<std::string> play_rules(const std::string& name, const std::string& text, RuleScene& scene) {
  std::vector<std::string> findings;
  std::istringstream in(text);
  int number = 0;
  int steps = 0;
  const auto find = [&](const std::string& what) {
    findings.push_back(name + ":" + std::to_string(number) + ": " + what);
  };
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (number == 1 && !line.starts_with("# ")) find("the first line says which rule it is: # …");
    if (line.empty() || line.starts_with('#')) continue;
    ++steps;
    const auto arrow = line.find(kArrow);
    const std::string step = line.substr(0, arrow);
    const std::string expected = arrow == std::string::npos ? "" : line.substr(arrow + kArrow.size());
    try {
      const auto actual = scene.step(step);
      if (!actual)
        find("no such step: " + step);
      else if (*actual != expected)
        find(step + "\n  expected: " + expected + "\n  actual:   " + *actual);
    } catch (const std::exception& wrong) {
      find(step + ": " + wrong.what());
    }
  }
  if (steps == 0) find("has no steps");
  return findings;
}

std::vector<std::string> play_folder(const fs::path& folder, const RuleBook& book, std::set<std::string>& used) {
  std::vector<fs::path> files;
  if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  }
  if (files.empty()) return {folder.string() + ": has no rule files"};
  std::ranges::sort(files);
  std::vector<std::string> findings;
  for (const auto& file : files) {
    const auto name = book.folder + "/" + file.filename().string();
    if (file.extension() != ".txt") {
      findings.push_back(name + ": is no rule file (.txt)");
      continue;
    }
    const auto scene = book.scene();
    const auto more = play_rules(name, testing::read_file(file), *scene);
    findings.insert(findings.end(), more.begin(), more.end());
    used.insert(scene->used().begin(), scene->used().end());
  }
  return findings;
}

Duration duration_of(const std::string& text) {
  Duration all{};
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t digits = 0;
    const int number = std::stoi(text.substr(at), &digits);
    const auto* const unit =
        std::ranges::find(kTimeUnits, at + digits < text.size() ? text[at + digits] : '?', &TimeUnit::name);
    if (number < 0 || unit == kTimeUnits.end()) throw std::runtime_error("no such time: " + text);
    all += number * unit->length;
    at += digits + 1;
  }
  if (at == 0) throw std::runtime_error("no time");
  return all;
}

std::string duration_text(Duration duration) {
  std::string out;
  for (const auto& unit : kTimeUnits) {
    if (duration < unit.length) continue;
    out += std::to_string(duration / unit.length) + unit.name;
    duration %= unit.length;
  }
  return out.empty() ? "0s" : out;
}

std::map<std::string, std::string> values_of(const std::string& text, const std::set<std::string>& known) {
  std::map<std::string, std::string> values;
  for (const auto& word : words_of(text)) {
    const auto equals = word.find('=');
    const auto key = word.substr(0, equals);
    if (equals == std::string::npos || !known.contains(key)) throw std::runtime_error("no such word: " + word);
    if (!values.emplace(key, word.substr(equals + 1)).second) throw std::runtime_error("twice: " + key);
  }
  return values;
}

}  // namespace countersign::domain

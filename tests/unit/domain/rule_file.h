#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "some.h"

// Rules as files that people read and a test plays: rules/README.md says how they are written.
namespace countersign::domain {

/// What the steps of the files of one folder mean. One object plays one file.
class RuleScene {
 public:
  RuleScene() = default;
  RuleScene(const RuleScene&) = delete;
  RuleScene& operator=(const RuleScene&) = delete;
  virtual ~RuleScene() = default;

  /// What comes of the step `TIME words`, empty where nothing is to be said of it; TIME may be absent. Nothing where
  /// the step is not known. Throws std::runtime_error where a word in it is not.
  [[nodiscard]] std::optional<std::string> step(const std::string& line);

  /// The forms of all steps, and of those that were taken.
  [[nodiscard]] std::set<std::string> forms() const;
  [[nodiscard]] const std::set<std::string>& used() const { return used_; }

 protected:
  using Act = std::function<std::string(const std::smatch&)>;
  /// A step; `form` is a regular expression for all of it but its time.
  void know(const std::string& form, Act act);

  WallTime now_ = kNoon;

 private:
  virtual void on_time() {}
  std::map<std::string, std::pair<std::regex, Act>> steps_;
  std::set<std::string> used_;
};

/// A folder of rule files, and who plays them.
struct RuleBook {
  std::string folder;
  std::function<std::unique_ptr<RuleScene>()> scene;
};
/// All there are; rule_scenes.cpp.
[[nodiscard]] const std::vector<RuleBook>& rule_books();

/// What is wrong with a file that holds `text`, a line each: `name:line: …`. Nothing where it came out as it says.
[[nodiscard]] std::vector<std::string> play_rules(const std::string& name, const std::string& text, RuleScene& scene);
/// The same for all files of a folder, which holds at least one. `used` hears of every form that a file has used.
[[nodiscard]] std::vector<std::string> play_folder(const std::filesystem::path& folder, const RuleBook& book,
                                                   std::set<std::string>& used);

/// `90s`, `1h30m`, `3d`. Throws for anything else.
[[nodiscard]] Duration duration_of(const std::string& text);
/// The shortest of that form.
[[nodiscard]] std::string duration_text(Duration duration);
/// `key=value key=value …`. Throws for a key that is not in `known`, and for one that is there twice.
[[nodiscard]] std::map<std::string, std::string> values_of(const std::string& text, const std::set<std::string>& known);

}  // namespace countersign::domain

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <functional>
#include <memory>

#include "risk/expression.h"

namespace countersign::risk {
namespace {

/// A condition as a tree, judged as its description reads, and written with more parentheses than it needs.
struct Tree {
  std::string op;  ///< Empty: a leaf.
  std::string leaf;
  std::vector<Tree> parts;
};

using Value = std::optional<double>;  ///< Truths are 0 and 1; nothing: not known.

const std::vector<Feature>& numbers() {
  static const std::vector<Feature> kNumbers{Feature::kAmount, Feature::kHoldsDay, Feature::kLocalHour};
  return kNumbers;
}
const std::vector<Feature>& truths() {
  static const std::vector<Feature> kTruths{Feature::kNewDevice, Feature::kEstablished};
  return kTruths;
}
std::string name_of(Feature feature) { return std::string(info(feature).name); }

Tree any_number(int depth);
Tree any_truth(int depth);

Tree any_number(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 8 : 2);
  if (kind == 0) return {"", std::to_string(*rc::gen::inRange(0, 4)), {}};
  if (kind == 1) return {"", name_of(*rc::gen::elementOf(numbers())), {}};
  if (kind == 2) return {"negate", "", {any_number(depth - 1)}};
  const std::vector<std::string> ops{"+", "-", "*", "/", "min", "max"};
  return {*rc::gen::elementOf(ops), "", {any_number(depth - 1), any_number(depth - 1)}};
}

Tree any_truth(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 10 : 5);
  if (kind == 0) return {"", *rc::gen::element<std::string>("true", "false"), {}};
  if (kind == 1) return {"", name_of(*rc::gen::elementOf(truths())), {}};
  if (kind == 2) return {"known", name_of(*rc::gen::elementOf(numbers())), {}};
  if (kind == 3) return {"country", *rc::gen::element<std::string>("BR", "PT"), {}};
  if (kind == 4) return {"other country", *rc::gen::element<std::string>("BR", "PT"), {}};
  if (kind == 5) return {"not", "", {any_truth(depth - 1)}};
  if (kind <= 7) return {*rc::gen::element<std::string>("&&", "||"), "", {any_truth(depth - 1), any_truth(depth - 1)}};
  const std::vector<std::string> ops{"<", "<=", ">", ">=", "==", "!="};
  return {*rc::gen::elementOf(ops), "", {any_number(depth - 1), any_number(depth - 1)}};
}

std::string written(const Tree& tree) {
  const auto part = [&](std::size_t i) { return written(tree.parts.at(i)); };
  if (tree.op.empty()) return tree.leaf;
  if (tree.op == "known") return "known(" + tree.leaf + ")";
  if (tree.op == "country") return "(country == '" + tree.leaf + "')";
  if (tree.op == "other country") return "(country != '" + tree.leaf + "')";
  if (tree.op == "negate") return "(-" + part(0) + ")";
  if (tree.op == "not") return "(!" + part(0) + ")";
  if (tree.op == "min" || tree.op == "max") return tree.op + "(" + part(0) + "," + part(1) + ")";
  return "(" + part(0) + " " + tree.op + " " + part(1) + ")";
}

Value judged(const Tree& tree, const Features& features) {
  const auto part = [&](std::size_t i) { return judged(tree.parts.at(i), features); };
  const auto truth = [](bool value) -> Value { return value ? 1 : 0; };
  if (tree.op.empty()) {
    if (tree.leaf == "true" || tree.leaf == "false") return truth(tree.leaf == "true");
    if (const auto feature = parse_feature(tree.leaf)) return features.get(*feature);
    return std::stod(tree.leaf);
  }
  if (tree.op == "known") return truth(features.knows(*parse_feature(tree.leaf)));
  if (tree.op == "country" || tree.op == "other country") {
    if (features.words.country.empty()) return std::nullopt;
    return truth((features.words.country == tree.leaf) == (tree.op == "country"));
  }
  const Value a = part(0);
  if (tree.op == "negate") return a ? Value(-*a) : a;
  if (tree.op == "not") return a ? truth(*a == 0) : a;
  const Value b = part(1);
  if (tree.op == "&&") {
    if ((a && *a == 0) || (b && *b == 0)) return 0;
    return a && b ? Value(1) : std::nullopt;
  }
  if (tree.op == "||") {
    if ((a && *a == 1) || (b && *b == 1)) return 1;
    return a && b ? Value(0) : std::nullopt;
  }
  if (!a || !b) return std::nullopt;
  if (tree.op == "+") return *a + *b;
  if (tree.op == "-") return *a - *b;
  if (tree.op == "*") return *a * *b;
  if (tree.op == "/") return *b == 0 ? Value() : *a / *b;
  if (tree.op == "min") return std::min(*a, *b);
  if (tree.op == "max") return std::max(*a, *b);
  if (tree.op == "<") return truth(*a < *b);
  if (tree.op == "<=") return truth(*a <= *b);
  if (tree.op == ">") return truth(*a > *b);
  if (tree.op == ">=") return truth(*a >= *b);
  if (tree.op == "==") return truth(*a == *b);
  return truth(*a != *b);
}

Features any_features() {
  Features features;
  for (const auto feature : numbers()) {
    if (*rc::gen::inRange(0, 4) > 0) features.set(feature, *rc::gen::inRange(0, 4));
  }
  for (const auto feature : truths()) {
    if (*rc::gen::inRange(0, 3) > 0) features.set(feature, *rc::gen::inRange(0, 2));
  }
  features.words.country = *rc::gen::element<std::string>("BR", "PT", "");
  return features;
}

TEST(RiskExpressionProperty, TheProgramAnswersAsTheTree) {
  EXPECT_TRUE(rc::check("matches() is the tree's judgement", [] {
    const Tree tree = any_truth(4);
    const std::string text = written(tree);
    RC_PRE(text.size() <= kExpressionBytesMax);
    const auto parsed = Expression::parse(text);
    if (!parsed) RC_PRE(parsed.error().sentence.find("more than 128") == std::string::npos);
    RC_LOG(text);
    RC_ASSERT(parsed.has_value());
    for (int i = 0; i < 8; ++i) {
      const Features features = any_features();
      RC_ASSERT(parsed->matches(Point::kHold, features) == (judged(tree, features) == Value(1)));
      static_cast<void>(parsed->figures(Point::kHold, features));
    }
  }));
}

TEST(RiskExpressionProperty, NoTextIsTooStrange) {
  EXPECT_TRUE(rc::check("parse() answers any mixture of its words", [] {
    const std::vector<std::string> words{"amount", "new_device", "country", "'BR'", "5", "(", ")",   "!",   "&&",  "||",
                                         "<",      "==",         "in",      ",",    "-", "*", "/",   "not", "and", "or",
                                         "known",  "min",        "\"",      "'",    "é", "=", "0.5", " "};
    std::string text;
    for (const auto& word : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(words)))
      text += word + " ";
    const auto parsed = Expression::parse(text);
    if (parsed)
      static_cast<void>(parsed->matches(Point::kSend, any_features()));
    else
      RC_ASSERT(parsed.error().column >= 1U && parsed.error().column <= text.size() + 1);
  }));
}

}  // namespace
}  // namespace countersign::risk

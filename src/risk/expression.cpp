#include "risk/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace countersign::risk {

namespace {

constexpr std::array<std::string_view, kWords> kWordNames{"point",   "service",  "type",     "channel",
                                                          "country", "currency", "line_type"};

/// What is not known, between two steps. No value is ever infinite: such a result is not known.
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double finite(double value) { return std::isfinite(value) ? value : kUnknown; }
double truth(bool value) { return value ? 1 : 0; }
double negation(double value) { return 1 - value; }  // Not known stays not known.

double conjunction(double a, double b) {
  if (a == 0 || b == 0) return 0;
  return a * b;
}
double disjunction(double a, double b) { return negation(conjunction(negation(a), negation(b))); }

std::string_view word_of(Word word, Point point, const Words& words) {
  switch (word) {
    case Word::kPoint:
      return to_text(point);
    case Word::kService:
      return words.service;
    case Word::kType:
      return words.type;
    case Word::kChannel:
      return words.channel;
    case Word::kCountry:
      return words.country;
    case Word::kCurrency:
      return words.currency;
    case Word::kLineType:
      return words.line_type;
  }
  CS_CHECK(false);
}

bool is_truth(Feature feature) { return info(feature).unit == "yes or no"; }

/// A sequence without an end, the same every time.
class Sequence {
 public:
  std::size_t below(std::size_t end) {
    constexpr std::uint64_t kMultiplier = 6364136223846793005U;
    state_ = state_ * kMultiplier + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33U) % end;
  }

 private:
  std::uint64_t state_ = 1;
};

}  // namespace

std::string_view to_text(Word word) { return kWordNames.at(static_cast<std::size_t>(word)); }

std::string to_text(const ExpressionError& error) { return fmt::format("column {}: {}", error.column, error.sentence); }

template <class OnComparison>
double Expression::run(Point point, const Features& features, const OnComparison& on_comparison) const {
  // The compiler has bounded the depth: a step adds at most one value.
  std::array<double, kExpressionStepsMax> stack;
  std::size_t top = 0;  // Values on the stack.
  for (const Step& step : steps_) {
    const auto word = [&] { return word_of(static_cast<Word>(step.what), point, features.words); };
    switch (step.op) {
      case Op::kNumber:
        stack[top++] = step.number;
        continue;
      case Op::kFeature:
        stack[top++] = finite(features.get(static_cast<Feature>(step.what)).value_or(kUnknown));
        continue;
      case Op::kKnown:
        stack[top++] = truth(std::isfinite(features.get(static_cast<Feature>(step.what)).value_or(kUnknown)));
        continue;
      case Op::kWordIs: {
        const auto text = word();
        stack[top++] = text.empty() ? kUnknown : truth(text == literals_[step.literal]);
        continue;
      }
      case Op::kWordKnown:
        stack[top++] = truth(!word().empty());
        continue;
      case Op::kNegate:
        stack[top - 1] = -stack[top - 1];
        continue;
      case Op::kNot:
        stack[top - 1] = negation(stack[top - 1]);
        continue;
      default:
        break;
    }
    const double right = stack[--top];
    const double left = stack[top - 1];
    double& result = stack[top - 1];
    const bool known = !std::isnan(left) && !std::isnan(right);
    const auto compared = [&](bool holds) {
      on_comparison(step, left, right);
      return known ? truth(holds) : kUnknown;
    };
    switch (step.op) {
      case Op::kAdd:
        result = finite(left + right);
        break;
      case Op::kSubtract:
        result = finite(left - right);
        break;
      case Op::kMultiply:
        result = finite(left * right);
        break;
      case Op::kDivide:
        result = right == 0 ? kUnknown : finite(left / right);
        break;
      case Op::kMin:
        result = known ? std::min(left, right) : kUnknown;
        break;
      case Op::kMax:
        result = known ? std::max(left, right) : kUnknown;
        break;
      case Op::kLess:
        result = compared(left < right);
        break;
      case Op::kLessOrEqual:
        result = compared(left <= right);
        break;
      case Op::kGreater:
        result = compared(left > right);
        break;
      case Op::kGreaterOrEqual:
        result = compared(left >= right);
        break;
      case Op::kEqual:
        result = compared(left == right);
        break;
      case Op::kNotEqual:
        result = compared(left != right);
        break;
      case Op::kAnd:
        result = conjunction(left, right);
        break;
      case Op::kOr:
        result = disjunction(left, right);
        break;
      default:
        CS_CHECK(false);
    }
  }
  CS_CHECK(top == 1);
  return stack[0];
}

bool Expression::matches(Point point, const Features& features) const {
  return run(point, features, [](const Step&, double, double) {}) == 1;
}

std::vector<Figure> Expression::figures(Point point, const Features& features) const {
  std::vector<Figure> found;
  const auto add = [&](Feature feature, double value, double limit) {
    Figure figure{std::string(info(feature).name), value, limit};
    if (std::ranges::find(found, figure) == found.end()) found.push_back(std::move(figure));
  };
  for (const Step& step : steps_) {
    if (step.op != Op::kFeature) continue;
    const auto feature = static_cast<Feature>(step.what);
    const auto value = features.get(feature);
    if (is_truth(feature) && value) add(feature, *value, 1);
  }
  static_cast<void>(run(point, features, [&](const Step& step, double left, double right) {
    if (std::isnan(left) || std::isnan(right)) return;
    if (step.left && !is_truth(*step.left)) add(*step.left, left, right);
    if (step.right && !is_truth(*step.right)) add(*step.right, right, left);
  }));
  return found;
}

bool Expression::asks(Feature feature) const {
  return std::ranges::any_of(steps_, [&](const Step& step) {
    return (step.op == Op::kFeature || step.op == Op::kKnown) && static_cast<Feature>(step.what) == feature;
  });
}

bool Expression::asks(Word word) const {
  return std::ranges::any_of(steps_, [&](const Step& step) {
    return (step.op == Op::kWordIs || step.op == Op::kWordKnown) && static_cast<Word>(step.what) == word;
  });
}

bool Expression::says_the_same_as(const Expression& other) const {
  return steps_ == other.steps_ && literals_ == other.literals_;
}

bool Expression::matches_everybody(Point point) const {
  constexpr std::size_t kTries = 500;
  std::vector<double> numbers{0, 1};
  for (const Step& step : steps_) {
    if (step.op != Op::kNumber) continue;
    for (const int change : {-1, 0, 1}) numbers.push_back(step.number + change);
  }
  const auto [least, most] = std::ranges::minmax(numbers);
  Sequence sequence;
  const auto text = [&]() -> std::string {
    const std::size_t i = sequence.below(literals_.size() + 1);
    return i < literals_.size() ? literals_[i] : "another";
  };
  const auto asks_whether_known = [&](Op op, std::size_t what) {
    return std::ranges::any_of(steps_, [&](const Step& step) { return step.op == op && step.what == what; });
  };
  for (std::size_t i = 0; i < kTries; ++i) {
    Features features;
    for (std::size_t f = 0; f < kFeatures; ++f) {
      const auto feature = static_cast<Feature>(f);
      const double any = i == 0 ? least : i == 1 ? most : numbers[sequence.below(numbers.size())];
      if (asks_whether_known(Op::kKnown, f) && sequence.below(2) == 0) continue;
      features.set(feature, is_truth(feature) ? truth(any > 0) : any);
    }
    const auto word = [&](Word w) {
      const bool unknown = asks_whether_known(Op::kWordKnown, static_cast<std::size_t>(w)) && sequence.below(2) == 0;
      return unknown ? "" : text();
    };
    features.words = {word(Word::kService), word(Word::kType),     word(Word::kChannel),
                      word(Word::kCountry), word(Word::kCurrency), word(Word::kLineType)};
    if (!matches(point, features)) return false;
  }
  return true;
}

}  // namespace countersign::risk

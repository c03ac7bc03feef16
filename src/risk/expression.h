#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "risk/decision.h"
#include "risk/features.h"

namespace countersign::risk {

// The condition of a rule: `point == 'claim' && amount > 5000 && new_device && !established`.
//
//   or         := and (("||" | "or") and)*
//   and        := not (("&&" | "and") not)*
//   not        := ("!" | "not") not | comparison
//   comparison := sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum] | word "in" "(" text ("," text)* ")"
//   sum        := product (("+" | "-") product)*
//   product    := sign (("*" | "/") sign)*
//   sign       := "-" sign | number | "true" | "false" | text | name | "(" or ")"
//               | "known" "(" name ")" | ("min" | "max") "(" or "," or ")"
//
// Numbers are decimal; texts stand in '…' or "…". A name is a feature (features.h) or one of the words point, service,
// type, channel, country, currency and line_type. Words are only compared with texts.
//
// What is not known is neither true nor false: a comparison with it, its sum, its negation, a division by zero and a
// number too large to count are not known either. `a && b` is false as soon as one of them is, `a || b` true as soon
// as one is, whatever the other. A rule whose condition is not known does not match. known(x) is always true or false.

inline constexpr std::size_t kExpressionBytesMax = 1000;
inline constexpr std::size_t kExpressionStepsMax = 128;  ///< Names, numbers and operators.
inline constexpr std::size_t kExpressionDepthMax = 24;   ///< Parentheses and negations within each other.

struct ExpressionError {
  std::size_t column = 1;  ///< In characters, from 1.
  std::string sentence;    ///< What is wrong, and what mends it: "amont is not known; did you mean amount?"
  friend bool operator==(const ExpressionError&, const ExpressionError&) = default;
};
/// "column 12: amont is not known; did you mean amount?"
[[nodiscard]] std::string to_text(const ExpressionError& error);

/// What a word of an expression stands for.
enum class Word : std::uint8_t { kPoint, kService, kType, kChannel, kCountry, kCurrency, kLineType };
inline constexpr std::size_t kWords = static_cast<std::size_t>(Word::kLineType) + 1;
[[nodiscard]] std::string_view to_text(Word word);

class Expression {
 public:
  /// At most kExpressionBytesMax bytes. Never throws for what `text` says.
  [[nodiscard]] static Result<Expression, ExpressionError> parse(std::string_view text);

  /// Allocates nothing; at most kExpressionStepsMax steps.
  [[nodiscard]] bool matches(Point point, const Features& features) const;

  /// Every feature of the expression that is known and stands alone in a comparison, with the other side as its limit;
  /// and each that is true or false, with the limit 1. In the order of the text, each pair once.
  [[nodiscard]] std::vector<Figure> figures(Point point, const Features& features) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool asks(Feature feature) const;
  [[nodiscard]] bool asks(Word word) const;

  /// Whether they say the same, whatever the spaces, parentheses and ways to write an operator.
  [[nodiscard]] bool says_the_same_as(const Expression& other) const;

  /// Whether it matches everybody: judged by trying it with a few hundred sets of values, of which each has what the
  /// expression compares with, one less and one more.
  [[nodiscard]] bool matches_everybody(Point point) const;

 private:
  friend class ExpressionCompiler;

  enum class Op : std::uint8_t {
    kNumber,
    kFeature,
    kKnown,
    kWordIs,
    kWordKnown,
    kNegate,
    kNot,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kMin,
    kMax,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kEqual,
    kNotEqual,
    kAnd,
    kOr,
  };
  /// One step of the program: takes its operands from the stack, and puts its result there.
  struct Step {
    Op op = Op::kNumber;
    std::uint8_t what = 0;        ///< A Feature or a Word.
    std::uint16_t literal = 0;    ///< Of kWordIs: its place in literals_.
    std::optional<Feature> left;  ///< Of a comparison: the operand that is a feature alone.
    std::optional<Feature> right;
    double number = 0;
    friend bool operator==(const Step&, const Step&) = default;
  };

  Expression() = default;

  /// The result: 1, 0, or NaN where it is not known. `on_comparison(step, left, right)` sees each comparison.
  template <class OnComparison>
  [[nodiscard]] double run(Point point, const Features& features, const OnComparison& on_comparison) const;

  std::string text_;
  std::vector<Step> steps_;
  std::vector<std::string> literals_;
};

}  // namespace countersign::risk

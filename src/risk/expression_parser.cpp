#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/ascii.h"
#include "base/nearest.h"
#include "base/text.h"
#include "domain/method.h"
#include "risk/expression.h"

namespace countersign::risk {

namespace {

bool is_name_character(char c) { return is_letter_or_digit(c) || c == '_'; }
bool is_sign_of_two(std::string_view text) {
  constexpr std::array<std::string_view, 6> kPairs{"&&", "||", "<=", ">=", "==", "!="};
  return std::ranges::find(kPairs, text) != kPairs.end();
}

std::optional<Word> parse_word(std::string_view name) {
  for (std::size_t i = 0; i < kWords; ++i) {
    if (to_text(static_cast<Word>(i)) == name) return static_cast<Word>(i);
  }
  return std::nullopt;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names{"known", "min", "max", "true", "false"};
  for (std::size_t i = 0; i < kFeatures; ++i) names.emplace_back(info(static_cast<Feature>(i)).name);
  for (std::size_t i = 0; i < kWords; ++i) names.emplace_back(to_text(static_cast<Word>(i)));
  return names;
}

std::string unknown_name(std::string_view name, const std::vector<std::string>& candidates) {
  if (const auto meant = nearest(name, candidates))
    return fmt::format("{} is not known; did you mean {}?", name, *meant);
  return fmt::format("{} is not known; docs/fraud.md lists the names", name.substr(0, 64));
}

/// Why this word can never be `text`.
std::optional<std::string> text_fault(Word word, std::string_view text) {
  if (text.empty()) return fmt::format("an empty text is never equal; write !known({})", to_text(word));
  if (word == Word::kPoint && !parse_point(text)) {
    const auto meant = nearest(text, {"hold", "send", "enrol", "approve", "claim"});
    return fmt::format("{} is no point; did you mean {}?", text, meant.value_or("hold, send, enrol, approve or claim"));
  }
  // Of a message; at enrol what is added.
  if (word == Word::kChannel && !domain::parse_method(text))
    return fmt::format(
        "{} is no channel; write 'sms', 'call', 'whatsapp' or 'email', or at enrol 'totp', 'webauthn', 'push' or "
        "'recovery_code'",
        text);
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const bool capitals = std::ranges::all_of(text, is_capital);
  if (word == Word::kCountry && !(capitals && text.size() == 2))
    return fmt::format("{} is no country; write its two capital letters, as in 'BR'", text);
  if (word == Word::kCurrency && !(capitals && text.size() == 3))
    return fmt::format("{} is no currency; write its three capital letters, as in 'BRL'", text);
  return std::nullopt;
}

}  // namespace

/// Reads, checks types, and writes the program, in one pass. The first error ends it: each function returns early
/// where there is one.
class ExpressionCompiler {
 public:
  explicit ExpressionCompiler(std::string_view text) : text_(text) { out_.text_ = text; }

  Result<Expression, ExpressionError> compile() {
    if (text_.size() > kExpressionBytesMax)
      return fail(ExpressionError{1, fmt::format("is longer than {} bytes; make it two rules", kExpressionBytesMax)});
    if (!is_utf8(text_)) return fail(ExpressionError{1, "is not UTF-8"});
    advance();
    if (!error_ && token_.kind == TokenKind::kEnd) fault(0, "is empty; write a condition, as in amount > 5000");
    const Operand whole = read_or();
    if (!error_ && token_.kind != TokenKind::kEnd) cannot_follow();
    need(whole, Type::kTruth);
    if (error_) return fail(*std::move(error_));
    return std::move(out_);
  }

 private:
  enum class TokenKind : std::uint8_t { kNumber, kText, kName, kSign, kEnd };

  struct Token {
    TokenKind kind = TokenKind::kEnd;
    std::string_view text;  ///< Of a text: without its quotes.
    std::size_t at = 0;     ///< In bytes.
    double number = 0;
  };

  enum class Type : std::uint8_t { kNumber, kTruth, kWord, kText };

  using Op = Expression::Op;
  using Step = Expression::Step;

  struct Operand {
    Type type = Type::kTruth;
    std::size_t at = 0;
    std::string_view text;           ///< Of a text, and of a name that stands alone.
    std::optional<Feature> feature;  ///< A feature that stands alone.
    Word word = Word::kPoint;
  };

  /// Counts how deep the reading functions stand within each other.
  class Level {
   public:
    explicit Level(ExpressionCompiler& of) : of_(of) {
      if (++of_.depth_ > kExpressionDepthMax * 3)  // Three of them read what is in parentheses.
        of_.fault(of_.token_.at, "is nested too deeply; remove parentheses, or make it two rules");
    }
    ~Level() { --of_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    ExpressionCompiler& of_;
  };

  void fault(std::size_t at, std::string sentence) {
    if (!error_) error_ = ExpressionError{utf8_length(text_.substr(0, at)) + 1, std::move(sentence)};
    token_ = {TokenKind::kEnd, {}, at, 0};
  }

  void advance() {
    if (error_) return;
    while (next_ < text_.size() && (text_[next_] == ' ' || text_[next_] == '\t' || text_[next_] == '\n')) ++next_;
    const std::size_t at = next_;
    if (at == text_.size()) {
      token_ = {TokenKind::kEnd, {}, at, 0};
      return;
    }
    const char c = text_[at];
    if (c == '\'' || c == '"') return read_text(at);
    if (is_digit(c)) return read_number(at);
    if (is_name_character(c)) {
      while (next_ < text_.size() && is_name_character(text_[next_])) ++next_;
      token_ = {TokenKind::kName, text_.substr(at, next_ - at), at, 0};
      return;
    }
    const std::size_t size = is_sign_of_two(text_.substr(at, 2)) ? 2 : 1;
    const std::string_view sign = text_.substr(at, size);
    if (sign == "=") return fault(at, "write == to compare");
    if (sign == "&") return fault(at, "write &&");
    if (sign == "|") return fault(at, "write ||");
    if (sign == "%") return fault(at, "there is no %; write 30 % as 0.3");
    if (size == 1 && std::string_view("()<>!+-*/,").find(c) == std::string_view::npos)
      return fault(at, fmt::format("{} means nothing here; remove it",
                                   text_.substr(at, std::max<std::size_t>(1, code_point_size(text_.substr(at))))));
    next_ += size;
    token_ = {TokenKind::kSign, sign, at, 0};
  }

  void read_text(std::size_t at) {
    const std::size_t end = text_.find(text_[at], at + 1);
    if (end == std::string_view::npos)
      return fault(at, fmt::format("the text has no end; close it with {}", text_[at]));
    token_ = {TokenKind::kText, text_.substr(at + 1, end - at - 1), at, 0};
    next_ = end + 1;
  }

  void read_number(std::size_t at) {
    while (next_ < text_.size() && (is_name_character(text_[next_]) || text_[next_] == '.')) ++next_;
    const std::string_view digits = text_.substr(at, next_ - at);
    double number = 0;
    const auto [end, bad] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
    const bool whole = bad == std::errc() && end == digits.data() + digits.size() && is_digit(digits.back());
    if (!whole || !std::isfinite(number)) {
      return fault(
          at, fmt::format("{} is no number; write digits without a unit, as in 5000 or 0.3", digits.substr(0, 64)));
    }
    token_ = {TokenKind::kNumber, digits, at, number};
  }

  [[nodiscard]] bool is_sign(std::string_view sign) const {
    return token_.kind == TokenKind::kSign && token_.text == sign;
  }
  [[nodiscard]] bool is_name(std::string_view name) const {
    return token_.kind == TokenKind::kName && token_.text == name;
  }
  bool take(std::string_view sign) {
    if (!is_sign(sign)) return false;
    advance();
    return true;
  }
  void want(std::string_view sign, std::string_view otherwise) {
    if (!error_ && !take(sign)) fault(token_.at, std::string(otherwise));
  }

  void cannot_follow() {
    if (is_sign("<") || is_sign(">") || is_sign("<=") || is_sign(">=") || is_sign("==") || is_sign("!="))
      return fault(token_.at, "comparisons are not chained; write a < b && b < c");
    if (is_sign(")")) return fault(token_.at, "there is no ( for this ); remove it");
    fault(token_.at, fmt::format("{} cannot follow here; join conditions with && or ||", token_.text));
  }

  void emit(Step step, std::size_t at) {
    if (error_) return;
    if (out_.steps_.size() == kExpressionStepsMax)
      return fault(
          at, fmt::format("has more than {} names, numbers and operators; make it two rules", kExpressionStepsMax));
    out_.steps_.push_back(step);
  }
  void emit(Op op, std::size_t at) {
    Step step;
    step.op = op;
    emit(step, at);
  }
  void emit(Op op, std::size_t what, std::size_t at) {
    Step step;
    step.op = op;
    step.what = static_cast<std::uint8_t>(what);
    emit(step, at);
  }

  /// A fault unless the operand is of that type.
  void need(const Operand& operand, Type type) {
    if (error_ || operand.type == type) return;
    const std::string name(operand.text.empty() ? "it" : operand.text);
    if (operand.type == Type::kText)
      return fault(operand.at, "a text is only compared with a word, as in country == 'BR'");
    if (operand.type == Type::kWord)
      return fault(operand.at, fmt::format("{} is a word; compare it with a text, as in {} == '…'", name, name));
    if (type == Type::kTruth)
      return fault(operand.at, fmt::format("{} is a number; compare it, as in {} > 0", name, name));
    fault(operand.at, fmt::format("{} is true or false, and no number; write {} or !{} alone", name, name, name));
  }

  Operand read_or() {
    const Level level(*this);
    Operand left = read_and();
    while (!error_ && (is_sign("||") || is_name("or"))) left = joined(left, Op::kOr, &ExpressionCompiler::read_and);
    return left;
  }
  Operand read_and() {
    Operand left = read_not();
    while (!error_ && (is_sign("&&") || is_name("and"))) left = joined(left, Op::kAnd, &ExpressionCompiler::read_not);
    return left;
  }
  Operand joined(const Operand& left, Op op, Operand (ExpressionCompiler::*read)()) {
    const std::size_t at = token_.at;
    need(left, Type::kTruth);
    advance();
    need((this->*read)(), Type::kTruth);
    emit(op, at);
    return {Type::kTruth, left.at, {}, {}};
  }

  Operand read_not() {
    const Level level(*this);
    if (error_ || (!is_sign("!") && !is_name("not"))) return read_comparison();
    const std::size_t at = token_.at;
    advance();
    need(read_not(), Type::kTruth);
    emit(Op::kNot, at);
    return {Type::kTruth, at, {}, {}};
  }

  static std::optional<Op> comparison(std::string_view sign) {
    if (sign == "<") return Op::kLess;
    if (sign == "<=") return Op::kLessOrEqual;
    if (sign == ">") return Op::kGreater;
    if (sign == ">=") return Op::kGreaterOrEqual;
    if (sign == "==") return Op::kEqual;
    if (sign == "!=") return Op::kNotEqual;
    return std::nullopt;
  }

  Operand read_comparison() {
    const Operand left = read_sum();
    if (error_) return left;
    if (is_name("in")) return read_in(left);
    const auto op = token_.kind == TokenKind::kSign ? comparison(token_.text) : std::nullopt;
    if (!op) return left;
    const std::size_t at = token_.at;
    advance();
    const Operand right = read_sum();
    if (error_) return left;
    const bool equality = *op == Op::kEqual || *op == Op::kNotEqual;
    const bool words =
        left.type == Type::kWord || right.type == Type::kWord || left.type == Type::kText || right.type == Type::kText;
    if (words) {
      compare_words(left, right, equality, at);
      if (*op == Op::kNotEqual) emit(Op::kNot, at);
    } else {
      if (!equality || left.type != right.type) {
        need(left, Type::kNumber);
        need(right, Type::kNumber);
      }
      Step step;
      step.op = *op;
      step.left = left.feature;
      step.right = right.feature;
      emit(step, at);
    }
    return {Type::kTruth, left.at, {}, {}};
  }

  void compare_words(const Operand& left, const Operand& right, bool equality, std::size_t at) {
    const Operand& word = left.type == Type::kWord ? left : right;
    const Operand& literal = left.type == Type::kWord ? right : left;
    if (!equality) return fault(at, "texts are only equal or not; write == or !=");
    if (word.type != Type::kWord) return need(literal.type == Type::kText ? literal : word, Type::kNumber);
    if (literal.type != Type::kText) return need(word, Type::kTruth);
    is_text(word, literal);
  }

  void is_text(const Operand& word, const Operand& literal) {
    if (error_) return;
    if (auto bad = text_fault(word.word, literal.text)) return fault(literal.at, *std::move(bad));
    Step step;
    step.op = Op::kWordIs;
    step.what = static_cast<std::uint8_t>(word.word);
    const auto known = std::ranges::find(out_.literals_, literal.text);
    step.literal = static_cast<std::uint16_t>(known - out_.literals_.begin());
    if (known == out_.literals_.end()) out_.literals_.emplace_back(literal.text);
    emit(step, literal.at);
  }

  Operand read_in(const Operand& word) {
    const std::size_t at = token_.at;
    if (word.type != Type::kWord) fault(word.at, "only words can be in a list, as in country in ('BR', 'PT')");
    advance();
    want("(", "a list must follow, as in ('BR', 'PT')");
    for (bool first = true; !error_; first = false) {
      if (token_.kind != TokenKind::kText) {
        fault(token_.at, "a list has texts, as in ('BR', 'PT')");
        break;
      }
      is_text(word, {Type::kText, token_.at, token_.text, {}});
      if (!first) emit(Op::kOr, at);
      advance();
      if (!take(",")) break;
    }
    want(")", "the list has no end; close it with )");
    return {Type::kTruth, word.at, {}, {}};
  }

  Operand read_sum() {
    Operand left = read_product();
    while (!error_ && (is_sign("+") || is_sign("-")))
      left = calculated(left, is_sign("+") ? Op::kAdd : Op::kSubtract, &ExpressionCompiler::read_product);
    return left;
  }
  Operand read_product() {
    Operand left = read_signed();
    while (!error_ && (is_sign("*") || is_sign("/")))
      left = calculated(left, is_sign("*") ? Op::kMultiply : Op::kDivide, &ExpressionCompiler::read_signed);
    return left;
  }
  Operand calculated(const Operand& left, Op op, Operand (ExpressionCompiler::*read)()) {
    const std::size_t at = token_.at;
    need(left, Type::kNumber);
    advance();
    need((this->*read)(), Type::kNumber);
    emit(op, at);
    return {Type::kNumber, left.at, {}, {}};
  }

  Operand read_signed() {
    const Level level(*this);
    if (error_ || !is_sign("-")) return read_primary();
    const std::size_t at = token_.at;
    advance();
    need(read_signed(), Type::kNumber);
    emit(Op::kNegate, at);
    return {Type::kNumber, at, {}, {}};
  }

  Operand read_primary() {
    const Token token = token_;
    if (error_) return {};
    if (token.kind == TokenKind::kEnd) {
      fault(token.at, "something is missing at the end");
      return {};
    }
    if (token.kind == TokenKind::kSign) {
      if (take("(")) {
        Operand inside = read_or();
        want(")", "a ( has no end; close it with )");
        return inside;
      }
      fault(token.at, token.text == "!" ? "put parentheses around it, as in (!established)"
                                        : fmt::format("a name or a number must come before {}", token.text));
      return {};
    }
    advance();
    if (token.kind == TokenKind::kText) return {Type::kText, token.at, token.text, {}};
    if (token.kind == TokenKind::kNumber) return number(token, token.number, Type::kNumber);
    return read_name(token);
  }

  Operand number(const Token& token, double value, Type type) {
    Step step;
    step.number = value;
    emit(step, token.at);
    return {type, token.at, token.text, {}};
  }

  Operand read_name(const Token& name) {
    if (name.text == "true" || name.text == "false") return number(name, name.text == "true" ? 1 : 0, Type::kTruth);
    if (name.text == "known") return read_known(name);
    if (name.text == "min" || name.text == "max") return read_extreme(name);
    if (const auto word = parse_word(name.text)) return {Type::kWord, name.at, name.text, {}, *word};
    const auto feature = parse_feature(name.text);
    if (!feature) {
      fault(name.at, unknown_name(name.text, all_names()));
      return {};
    }
    emit(Op::kFeature, static_cast<std::size_t>(*feature), name.at);
    const bool truth = info(*feature).unit == "yes or no";
    return {truth ? Type::kTruth : Type::kNumber, name.at, name.text, feature};
  }

  Operand read_known(const Token& at) {
    want("(", "a name must follow, as in known(amount)");
    if (!error_ && token_.kind != TokenKind::kName) fault(token_.at, "known() takes a name, as in known(amount)");
    const Token name = token_;
    advance();
    want(")", "close known( with )");
    if (error_) return {};
    const auto feature = parse_feature(name.text);
    const auto word = parse_word(name.text);
    if (feature) {
      emit(Op::kKnown, static_cast<std::size_t>(*feature), at.at);
    } else if (word) {
      emit(Op::kWordKnown, static_cast<std::size_t>(*word), at.at);
    } else {
      fault(name.at, unknown_name(name.text, all_names()));
    }
    return {Type::kTruth, at.at, {}, {}};
  }

  Operand read_extreme(const Token& name) {
    want("(", fmt::format("two numbers must follow, as in {}(20, 0.3 * country_verified_max)", name.text));
    need(read_or(), Type::kNumber);
    want(",", fmt::format("{} takes two numbers; put a comma between them", name.text));
    need(read_or(), Type::kNumber);
    want(")", fmt::format("{} takes two numbers; close it with )", name.text));
    emit(name.text == "min" ? Op::kMin : Op::kMax, name.at);
    return {Type::kNumber, name.at, {}, {}};
  }

  std::string_view text_;
  std::size_t next_ = 0;  ///< The first byte after token_.
  Token token_;
  std::size_t depth_ = 0;
  std::optional<ExpressionError> error_;
  Expression out_;
};

Result<Expression, ExpressionError> Expression::parse(std::string_view text) {
  return ExpressionCompiler(text).compile();
}

}  // namespace countersign::risk

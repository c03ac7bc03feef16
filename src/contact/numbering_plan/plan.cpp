#include "contact/numbering_plan/plan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

namespace countersign::contact::numbering_plan {

namespace {

struct Label {
  std::uint16_t region;  // 0 for the calling code's main country, otherwise 1 + the index among the regions.
  LineKind kind;
};

#include "contact/numbering_plan/table.inc"

constexpr std::size_t kStates = std::size(kStateRuns);
static_assert(std::size(kStateLabels) == kStates);
static_assert(std::size(kTargets) <= UINT16_MAX);

/// Where each state's targets begin: the total of the runs of earlier states.
consteval std::array<std::uint16_t, kStates> bases() {
  std::array<std::uint16_t, kStates> out{};
  unsigned sum = 0;
  for (std::size_t i = 0; i < kStates; ++i) {
    out[i] = static_cast<std::uint16_t>(sum);
    sum += static_cast<unsigned>(std::popcount(kStateRuns[i]));
  }
  return out;
}
constexpr auto kBases = bases();

std::uint16_t step(std::uint16_t state, unsigned digit) {
  const auto runs_up_to_digit = static_cast<std::uint16_t>(kStateRuns[state] & ((2U << digit) - 1));
  return kTargets[kBases[state] + std::popcount(runs_up_to_digit) - 1];
}

// --- The matcher for prefixes: backtracking, over programs without backward jumps (program.mjs). ---

enum class Operation : std::uint8_t { kDigit, kEither, kJump, kSave, kEnd, kMatch };

constexpr std::uint8_t kUnset = 0xFF;

struct Match {
  std::size_t end = 0;
  std::array<std::uint8_t, 4> slots{kUnset, kUnset, kUnset, kUnset};  // Start and end of groups 1 and 2.
};

bool run(std::size_t at, std::string_view digits, std::size_t position, Match& match) {
  for (;;) {
    const std::uint16_t word = kPrograms[at++];
    const unsigned operand = word & 0xFFFU;
    switch (static_cast<Operation>(word >> 12)) {
      case Operation::kDigit:
        if (position == digits.size() || (operand >> (digits[position] - '0') & 1U) == 0) return false;
        ++position;
        break;
      case Operation::kEither: {
        Match first = match;
        if (run(at, digits, position, first)) {
          match = first;
          return true;
        }
        at += operand;
        break;
      }
      case Operation::kJump:
        at += operand;
        break;
      case Operation::kSave:
        match.slots[operand] = static_cast<std::uint8_t>(position);
        break;
      case Operation::kEnd:
        if (position != digits.size()) return false;
        break;
      case Operation::kMatch:
        match.end = position;
        return true;
    }
  }
}

std::optional<Match> match_prefix(std::uint16_t program, std::string_view digits) {
  Match match;
  if (program == 0 || !run(program, digits, 0, match)) return std::nullopt;
  return match;
}

}  // namespace

const CallingCode* find_calling_code(std::string_view digits) {
  unsigned code = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, digits.size()); ++i) {
    code = code * 10 + static_cast<unsigned>(digits[i] - '0');
    const auto* found = std::ranges::lower_bound(kCallingCodes, code, {}, &CallingCode::code);
    if (found != std::end(kCallingCodes) && found->code == code) return digits[0] == '0' ? nullptr : found;
  }
  return nullptr;
}

std::size_t length_of(const CallingCode& code) { return code.code < 10 ? 1 : code.code < 100 ? 2 : 3; }

const Region* find_region(std::string_view name) {
  const auto name_of = [](const Region& region) { return std::string_view(region.name); };
  const auto* found = std::ranges::lower_bound(kRegions, name, {}, name_of);
  return found != std::end(kRegions) && name_of(*found) == name ? found : nullptr;
}

const Region* main_region(const CallingCode& code) { return code.region == 0 ? nullptr : &kRegions[code.region - 1]; }

const CallingCode& calling_code_of(const Region& region) { return kCallingCodes[region.calling_code]; }

std::optional<Line> look_up(const CallingCode& code, std::string_view national) {
  std::uint16_t state = code.start;
  for (const char digit : national) state = step(state, static_cast<unsigned>(digit - '0'));
  if (kStateLabels[state] == 0) return std::nullopt;
  const Label& label = kLabels[kStateLabels[state]];
  const unsigned region = label.region == 0 ? code.region : label.region;
  return Line{region == 0 ? std::string_view() : std::string_view(kRegions[region - 1].name), label.kind};
}

std::optional<std::string_view> without_international_prefix(const Region& region, std::string_view digits) {
  const auto match = match_prefix(region.international_prefix, digits);
  if (!match) return std::nullopt;
  return digits.substr(match->end);
}

std::optional<std::string> without_trunk_prefix(const Region& region, std::string_view digits) {
  const auto match = match_prefix(region.trunk_prefix, digits);
  if (!match || match->end == 0) return std::nullopt;
  std::string out;
  const std::size_t slot = region.kept == 0 ? 0 : 2U * (region.kept - 1U);
  if (region.kept != 0 && match->slots[slot] != kUnset) {
    out = region.insert;
    out += digits.substr(match->slots[slot], static_cast<std::size_t>(match->slots[slot + 1] - match->slots[slot]));
  }
  out += digits.substr(match->end);
  return out;
}

}  // namespace countersign::contact::numbering_plan

#include "contact/unicode/composed.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>

#include "base/text.h"
#include "contact/unicode/utf8.h"

namespace countersign::contact {

namespace {

struct Decomposition {
  char32_t whole;
  char32_t first;
  char32_t second;  ///< 0: it is only another name of `first`.
  bool composes;    ///< The two become the whole again.
};
struct ClassRun {
  char32_t first;
  char32_t last;
  std::uint8_t of;
};
struct LowerRun {
  char32_t first;
  char32_t last;
  char32_t step;
  std::int32_t by;
};

#include "contact/unicode/table.inc"

// Hangul syllables are computed. [Unicode 15, 3.12]
constexpr char32_t kSyllables = 0xAC00;
constexpr char32_t kLeads = 0x1100;
constexpr char32_t kVowels = 0x1161;
constexpr char32_t kTails = 0x11A7;
constexpr char32_t kLeadCount = 19;
constexpr char32_t kVowelCount = 21;
constexpr char32_t kTailCount = 28;
constexpr char32_t kSyllableCount = kLeadCount * kVowelCount * kTailCount;

template <class Run>
const Run* run_of(std::span<const Run> runs, char32_t c) {
  const auto found = std::ranges::lower_bound(runs, c, {}, &Run::last);
  return found != runs.end() && found->first <= c ? &*found : nullptr;
}

int class_of(char32_t c) {
  const auto* run = run_of<ClassRun>(kClasses, c);
  return run == nullptr ? 0 : run->of;
}

void decompose(char32_t c, std::u32string& out) {
  if (c >= kSyllables && c < kSyllables + kSyllableCount) {
    const char32_t index = c - kSyllables;
    out += kLeads + index / (kVowelCount * kTailCount);
    out += kVowels + index / kTailCount % kVowelCount;
    if (index % kTailCount != 0) out += kTails + index % kTailCount;
    return;
  }
  const auto* const found = std::ranges::lower_bound(kDecompositions, c, {}, &Decomposition::whole);
  if (found == std::end(kDecompositions) || found->whole != c) {
    out += c;
    return;
  }
  decompose(found->first, out);
  if (found->second != 0) decompose(found->second, out);
}

/// The code point that the two make; 0 if none.
char32_t composite(char32_t first, char32_t second) {
  if (is_between(first, kLeads, kLeads + kLeadCount - 1) && is_between(second, kVowels, kVowels + kVowelCount - 1))
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTailCount;
  const bool open =
      is_between(first, kSyllables, kSyllables + kSyllableCount - 1) && (first - kSyllables) % kTailCount == 0;
  if (open && is_between(second, kTails + 1, kTails + kTailCount - 1)) return first + (second - kTails);
  for (const auto& one : kDecompositions) {
    if (one.composes && one.first == first && one.second == second) return one.whole;
  }
  return 0;
}

void put_marks_in_order(std::u32string& text) {
  for (auto from = text.begin(); from != text.end();) {
    if (class_of(*from) == 0) {
      ++from;
      continue;
    }
    const auto to = std::find_if(from, text.end(), [](char32_t c) { return class_of(c) == 0; });
    std::stable_sort(from, to, [](char32_t a, char32_t b) { return class_of(a) < class_of(b); });
    from = to;
  }
}

/// [UAX 15, 3.11.6] A mark joins the starter before it unless one between them has the same class, or none.
void compose(std::u32string& text) {
  std::u32string out;
  std::size_t starter = std::u32string::npos;
  int last_class = -1;  // Of what stands between the starter and the next; -1: nothing does.
  for (const char32_t c : text) {
    const int of = class_of(c);
    if (starter != std::u32string::npos && last_class < of) {
      if (const char32_t whole = composite(out[starter], c); whole != 0) {
        out[starter] = whole;
        continue;
      }
    }
    if (of == 0) {
      starter = out.size();
      last_class = -1;
    } else {
      last_class = of;
    }
    out += c;
  }
  text = std::move(out);
}

std::string utf8(const std::u32string& text) {
  std::string out;
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

char32_t small(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  const auto* run = run_of<LowerRun>(kLower, c);
  if (run == nullptr || (c - run->first) % run->step != 0) return c;
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + run->by);
}

}  // namespace

std::string composed(std::string_view text) {
  std::u32string points;
  while (!text.empty()) decompose(take_code_point(text), points);
  put_marks_in_order(points);
  compose(points);
  return utf8(points);
}

std::string in_small_letters(std::string_view text) {
  std::u32string points;
  while (!text.empty()) points += small(take_code_point(text));
  return composed(utf8(points));
}

}  // namespace countersign::contact

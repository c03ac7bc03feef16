#include "contact/gsm7_likeness.h"

#include <algorithm>
#include <span>

#include "base/text.h"

namespace countersign::contact {

namespace {

struct Replacement {
  char32_t from;
  std::string_view to;
};

constexpr Replacement kReplacements[] = {
    {'`', "'"},         {'\t', " "},        {U'\u00A0', " "},    {U'\u00A2', "c"},  {U'\u00A6', "|"},
    {U'\u00A8', "\""},  {U'\u00A9', "(c)"}, {U'\u00AA', "a"},    {U'\u00AB', "\""}, {U'\u00AC', "-"},
    {U'\u00AE', "(r)"}, {U'\u00AF', "-"},   {U'\u00B0', "o"},    {U'\u00B1', "+-"}, {U'\u00B4', "'"},
    {U'\u00B5', "u"},   {U'\u00B6', ""},    {U'\u00B7', "."},    {U'\u00B8', ","},  {U'\u00BA', "o"},
    {U'\u00BB', "\""},  {U'\u00D7', "x"},   {U'\u00F7', "/"},    {U'\u02BB', "'"},  {U'\u02BC', "'"},
    {U'\u02BE', "'"},   {U'\u02BF', "'"},   {U'\u2018', "'"},    {U'\u2019', "'"},  {U'\u201A', "'"},
    {U'\u201B', "'"},   {U'\u201C', "\""},  {U'\u201D', "\""},   {U'\u201E', "\""}, {U'\u201F', "\""},
    {U'\u2022', "-"},   {U'\u2026', "..."}, {U'\u2030', "o/oo"}, {U'\u2032', "'"},  {U'\u2033', "\""},
    {U'\u2039', "<"},   {U'\u203A', ">"},   {U'\u2044', "/"},    {U'\u20A8', "Rs"}, {U'\u20B9', "Rs"},
    {U'\u2116', "No"},  {U'\u2122', "TM"},  {U'\u2190', "<-"},   {U'\u2192', "->"}, {U'\u2212', "-"},
    {U'\u3000', " "},
};

/// A run of letters from `first` on, without their diacritics. Blanks are in kLongerLetters or in GSM-7.
struct Run {
  char32_t first;
  std::string_view letters;
};

constexpr Run kRuns[] = {
    // Latin-1 and Latin Extended-A.
    {0xC0, "AAAAAA CEEEEIIIIDNOOOOO OUUUUY  aaaaaa ceeeeiiiidnooooo ouuuuy y"},
    {0x100,
     "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi  JjKkkLlLlLlLlLlNnNnNnnNnOoOoOo  "
     "RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"},
    // Latin Extended-B.
    {0x180,
     "bBBbbbOCcDDDddEEEFfGG IIKkllMNnOOo  Pp SsSstTtTUuUVYyZzZZzz   sw| |!         AaIiOoUuUuUuUuUueAa"
     "Aa  GgGgKkOoOoZzj   Gg WNnAa    AaAaEeEeIiIiOoOoRrRrUuUuSsTtYyHhNd  ZzAaEeOoOoOoOoYylntj  ACcLTs"
     "z''BUVEeJjQqRrYy"},
    // Latin Extended Additional, with the letters of Vietnamese.
    {0x1E00,
     "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRr"
     "SsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXxXxYyZzZzZzhtwy sss dAaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"
     "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy  VvYy"},
    // Greek capitals that look like Latin ones; the others are in GSM-7.
    {0x391, "AB  EZH IK MN O P  TY X  IY"},
};
static_assert(kRuns[0].letters.size() == 0x40 && kRuns[1].letters.size() == 0x80 && kRuns[2].letters.size() == 0xD0 &&
              kRuns[3].letters.size() == 0x100 && kRuns[4].letters.size() == 0x1B);

constexpr Replacement kLongerLetters[] = {
    {U'\u00DE', "Th"},     {U'\u00FE', "th"},     {U'\u0132', "IJ"},     {U'\u0133', "ij"},     {U'\u0152', "OE"},
    {U'\u0153', "oe"},     {U'\u0195', "hv"},     {U'\u01A2', "OI"},     {U'\u01A3', "oi"},     {U'\u01A6', "YR"},
    {U'\u01C1', "||"},     {U'\u01C4', "DZ"},     {U'\u01C5', "Dz"},     {U'\u01C6', "dz"},     {U'\u01C7', "LJ"},
    {U'\u01C8', "Lj"},     {U'\u01C9', "lj"},     {U'\u01CA', "NJ"},     {U'\u01CB', "Nj"},     {U'\u01CC', "nj"},
    {U'\u01E2', "\u00C6"}, {U'\u01E3', "\u00E6"}, {U'\u01F1', "DZ"},     {U'\u01F2', "Dz"},     {U'\u01F3', "dz"},
    {U'\u01F6', "HV"},     {U'\u01FC', "\u00C6"}, {U'\u01FD', "\u00E6"}, {U'\u01FE', "\u00D8"}, {U'\u01FF', "\u00F8"},
    {U'\u0222', "OU"},     {U'\u0223', "ou"},     {U'\u0238', "db"},     {U'\u0239', "qp"},     {U'\u0253', "b"},
    {U'\u0254', "o"},      {U'\u0256', "d"},      {U'\u0257', "d"},      {U'\u0259', "e"},      {U'\u025B', "e"},
    {U'\u0260', "g"},      {U'\u0263', "g"},      {U'\u0268', "i"},      {U'\u0269', "i"},      {U'\u026F', "m"},
    {U'\u0272', "n"},      {U'\u0275', "o"},      {U'\u0283', "s"},      {U'\u0288', "t"},      {U'\u0289', "u"},
    {U'\u028A', "u"},      {U'\u028B', "v"},      {U'\u0292', "z"},      {U'\u0386', "A"},      {U'\u0388', "E"},
    {U'\u0389', "H"},      {U'\u038A', "I"},      {U'\u038C', "O"},      {U'\u038E', "Y"},      {U'\u038F', "\u03A9"},
    {U'\u1E9A', "a'"},     {U'\u1E9E', "SS"},     {U'\u1EFA', "LL"},     {U'\u1EFB', "ll"},     {U'\uFB00', "ff"},
    {U'\uFB01', "fi"},     {U'\uFB02', "fl"},     {U'\uFB03', "ffi"},    {U'\uFB04', "ffl"},    {U'\uFB05', "st"},
    {U'\uFB06', "st"},
};

/// ASCII, for its wide forms.
constexpr std::string_view kAscii =
    " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_'abcdefghijklmnopqrstuvwxyz{|}~";

/// Strikes through or encloses the preceding character: without it the text would read as if it were valid.
bool is_overlay(char32_t c) { return is_between(c, 0x0334, 0x0338) || is_between(c, 0x20D0, 0x20FF); }

std::optional<std::string_view> find_replacement(std::span<const Replacement> table, char32_t c) {
  const auto found = std::ranges::find(table, c, &Replacement::from);
  return found == table.end() ? std::nullopt : std::optional(found->to);
}

constexpr std::optional<std::string_view> in_a_run(char32_t c) {
  for (const Run& run : kRuns) {
    if (c < run.first || c - run.first >= run.letters.size()) continue;
    const auto letter = run.letters.substr(c - run.first, 1);
    return letter == " " ? std::nullopt : std::optional(letter);
  }
  return std::nullopt;
}

constexpr bool has_one_in_a_run(std::span<const Replacement> table) {
  return std::ranges::any_of(table, [](const Replacement& one) { return in_a_run(one.from).has_value(); });
}
static_assert(!has_one_in_a_run(kReplacements) && !has_one_in_a_run(kLongerLetters));

}  // namespace

bool is_space(char32_t c) {
  if (is_between(c, 0x21, 0x7F)) return false;
  return c == ' ' || is_between(c, '\t', '\r') || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         is_between(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x2800 ||
         c == 0x3000;
}

bool is_combining(char32_t c) {
  return is_between(c, 0x0300, 0x036F) || is_between(c, 0x0483, 0x0489) || is_between(c, 0x0591, 0x05BD) ||
         is_between(c, 0x064B, 0x065F) || is_between(c, 0x1AB0, 0x1AFF) || is_between(c, 0x1DC0, 0x1DFF) ||
         is_between(c, 0x20D0, 0x20FF) || is_between(c, 0xFE20, 0xFE2F);
}

bool is_invisible(char32_t c) {
  return c < 0x20 || is_between(c, 0x7F, 0x9F) || c == 0xAD || c == 0x034F || c == 0x061C ||
         is_between(c, 0x115F, 0x1160) || is_between(c, 0x17B4, 0x17B5) || is_between(c, 0x180B, 0x180F) ||
         is_between(c, 0x200B, 0x200F) || is_between(c, 0x202A, 0x202E) || is_between(c, 0x2060, 0x206F) ||
         c == 0x3164 || is_between(c, 0xFE00, 0xFE0F) || c == 0xFEFF || c == 0xFFA0 || is_between(c, 0xFFF0, 0xFFFB) ||
         is_between(c, 0x1D173, 0x1D17A) || is_between(c, 0xE0000, 0xE0FFF) || (c & 0xFFFE) == 0xFFFE;
}

bool is_picture(char32_t c) {
  if (is_between(c, 0x2776, 0x2793) || is_between(c, 0x1F100, 0x1F10C) || c == 0x1F51F) return false;  // Numbers.
  return is_between(c, 0x2600, 0x27BF) || is_between(c, 0x2B00, 0x2BFF) || is_between(c, 0x1F000, 0x1FAFF);
}

std::optional<std::string_view> gsm7_likeness(char32_t c) {
  if (const auto found = in_a_run(c)) return found;  // First: most are letters.
  if (const auto found = find_replacement(kReplacements, c)) return found;
  if (const auto found = find_replacement(kLongerLetters, c)) return found;
  if (is_between(c, 0x2010, 0x2015)) return "-";
  if (is_space(c)) return " ";
  if (is_between(c, 0xFF01, 0xFF5E)) return kAscii.substr(c - 0xFF00, 1);
  if (is_invisible(c) || (is_combining(c) && !is_overlay(c))) return "";
  return std::nullopt;
}

}  // namespace countersign::contact

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace countersign::testing::carriers {

// A population that is sent codes by providers that fail, from a seed. The rules are the product's (domain/routing,
// delivery/breaker, delivery/backoff); the providers, the people and the queue between them are a model, in which time
// is a number. docs/carriers.md shows its table.

enum class Trouble {
  kNone,
  kRefuses,     ///< The first provider has no connection, or answers 503.
  kHangs,       ///< It does not answer, and sends nothing.
  kSwallows,    ///< It accepts everything and delivers nothing.
  kOneCountry,  ///< It does so for one country of two.
  kHalf,        ///< It accepts everything and delivers half of it.
  kThird,       ///< And loses one of three.
};
[[nodiscard]] std::string name_of(Trouble trouble);

enum class Way {
  kOneProvider,
  kInOrder,  ///< Two, the second for want of the first; reports are not used.
  kReports,  ///< The same, and what is not reported in time is sent once more to lines that were proved.
  kKnown,    ///< Whoever chooses knows of the trouble from its first second: no rule can do better.
};
[[nodiscard]] std::string name_of(Way way);

struct Terms {
  std::uint64_t seed = 1;
  Trouble trouble = Trouble::kNone;
  Way way = Way::kOneProvider;
  int people = 6000;        ///< Within the twenty minutes of the trouble.
  int proved_percent = 90;  ///< Of them, who have proved their line before.
};

struct Figures {
  int reachable = 0;        ///< People whose telephone is on.
  int in_time = 0;          ///< Of these, with a code within 60 s, without asking again.
  int messages = 0;         ///< That a provider accepted.
  int twice = 0;            ///< People who got the code twice.
  std::int64_t micros = 0;  ///< Paid, in millionths of a dollar.

  [[nodiscard]] double percent() const { return 100.0 * in_time / reachable; }
};
[[nodiscard]] Figures simulate(const Terms& terms);

}  // namespace countersign::testing::carriers

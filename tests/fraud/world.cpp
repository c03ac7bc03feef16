#include "fraud/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <set>
#include <utility>

namespace countersign::testing::fraud {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kDaysAfter = 2;
constexpr int kPoisonDays = 60;
const WallTime kBegin = from_micros(1'798'761'600'000'000);  // 2027-01-01.

struct Country {
  std::string_view name;
  std::string_view code;
  int digits;          ///< Behind the code and what all its mobile numbers begin with.
  double part;         ///< Of honest people.
  int known_each_day;  ///< Established people who come back.
};
constexpr std::array<Country, 8> kCountries = {{{"BR", "+55", 8, 0.94, 3'000},
                                                {"PT", "+3519", 8, 0.015, 60},
                                                {"US", "+1", 10, 0.015, 120},
                                                {"AR", "+549", 10, 0.015, 90},
                                                {"DE", "+491", 10, 0.005, 12},
                                                {"FR", "+336", 8, 0.005, 12},
                                                {"ES", "+346", 8, 0.004, 8},
                                                {"UY", "+5989", 7, 0.001, 2}}};
constexpr int kBrazilianAreas = 67;
constexpr int kPrefixesOfArea = 2'500;

struct Ask {
  WallTime at;
  Person person;
  std::optional<Duration> typed_after;
  enum class Whose : std::uint8_t { kHonest, kAttacker, kVictim } whose = Whose::kHonest;
  int tries = 0;
};
struct Later {
  WallTime at;
  std::uint64_t order = 0;
  Ask ask;
  bool types = false;  ///< Else asks.
  friend bool operator>(const Later& a, const Later& b) { return std::pair(a.at, a.order) > std::pair(b.at, b.order); }
};

std::string digest(std::string_view kind, std::uint64_t number) {
  std::string text = fmt::format("{}{:016x}", kind, number);
  text.resize(16);
  return text;
}

class World {
 public:
  World(Engine& engine, const Terms& terms) : engine_(engine), terms_(terms), random_(terms.seed) {}

  Figures run() {
    const int days = terms_.attack == Attack::kPoison ? sale_day() + kPoisonDays : sale_day() + kDaysAfter;
    make_victim();
    for (int day = 0; day < days; ++day) {
      honest_day(day);
      if (day >= sale_day()) attack_on(day);
      run_until(kBegin + hours(24) * (day + 1));
    }
    return figures_;
  }

 private:
  [[nodiscard]] int sale_day() const { return terms_.days_before; }
  double uniform() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  std::uint64_t below(std::uint64_t end) { return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(random_); }
  std::string digits(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += static_cast<char>('0' + below(10));
    return text;
  }
  Duration within(double hours_long) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(uniform() * hours_long * 3600));
  }

  /// Of a number of that country.
  void give_number(risk::Keys& keys, const Country& country) {
    std::string number(country.code);
    if (country.name == "BR") {
      // A few areas have most of the people.
      const auto area = static_cast<int>(kBrazilianAreas * uniform() * uniform());
      number += fmt::format("{:02}9{:04}", 11 + area, 2'000 + below(kPrefixesOfArea)) + digits(4);
    } else {
      number += digits(country.digits);
    }
    take_number(keys, country.name, number);
  }
  static void take_number(risk::Keys& keys, std::string_view country, const std::string& number) {
    keys.country = country;
    keys.prefix = number.substr(0, number.size() - 4);
    keys.range = number.substr(0, number.size() - 6);
  }
  /// Most are behind addresses that carriers share, some at school or work, the rest at home.
  void give_address(risk::Keys& keys) {
    const double where = uniform();
    std::uint64_t address = 0;
    if (where < 0.6)
      address = static_cast<std::uint64_t>(1'500 * uniform() * uniform());
    else if (where < 0.7)
      address = 10'000 + below(2'000);
    else
      address = 1'000'000 + below(1'000'000'000);
    keys.address = digest("a", address);
    keys.network = digest("n", address / 64);
  }

  Person somebody(const Country& country, bool proved) {
    Person person;
    person.number = ++people_;
    person.proved = proved;
    give_number(person.keys, country);
    give_address(person.keys);
    return person;
  }

  /// When an honest person types: most soon, some late, some never (a wrong number, another window).
  std::optional<Duration> when_typed() {
    const double fate = uniform();
    if (fate < 0.13) return std::nullopt;
    if (fate < 0.18) return minutes(3) + within(0.1);
    return seconds(8) + within(0.015);
  }

  void honest_day(int day) {
    const WallTime midnight = kBegin + hours(24) * day;
    const bool sale = day == sale_day();
    for (const auto& country : kCountries) {
      const int known = sale ? country.known_each_day * 2 : country.known_each_day;
      for (int i = 0; i < known; ++i) {
        // The same people come back: their numbers repeat, so that places have a history.
        Person person = known_person(country, i);
        add({midnight + hours(7) + within(16), std::move(person), when_typed()});
      }
      const double crowd = (sale ? terms_.new_on_sale : 400) * country.part;
      const auto newcomers = static_cast<int>(crowd) + (uniform() < crowd - std::floor(crowd) ? 1 : 0);
      for (int i = 0; i < newcomers; ++i) {
        // Half of them in the hour in which the sale opens.
        const Duration at = sale && uniform() < 0.5 ? hours(10) + within(1) : hours(7) + within(16);
        add({midnight + at, somebody(country, false), when_typed()});
      }
    }
    company_day(midnight);
  }

  Person known_person(const Country& country, int which) {
    auto& people = known_[std::string(country.name)];
    while (static_cast<int>(people.size()) <= which * 3 + 2) people.push_back(somebody(country, true));
    return people[static_cast<std::size_t>(which) * 3 + below(3)];
  }

  /// A hundred people of one company, whose telephones have one prefix.
  void company_day(WallTime midnight) {
    if (company_.empty()) {
      for (int i = 0; i < 100; ++i) {
        Person person = somebody(kCountries.front(), true);
        take_number(person.keys, "BR", fmt::format("+55119{}{:04}", kCompanyPrefix, i));
        company_.push_back(std::move(person));
      }
    }
    for (const auto& person : company_) add({midnight + hours(8) + within(9), person, when_typed()});
  }

  void make_victim() {
    victim_ = somebody(kCountries.front(), true);
    take_number(victim_.keys, "BR", "+5511977771234");
    for (int day = 0; day < sale_day() + kDaysAfter; ++day) {
      for (int i = 0; i < 6; ++i)
        add({kBegin + hours(24) * day + hours(8) + within(12), victim_, seconds(20), Ask::Whose::kVictim});
    }
  }

  // ---- Attacks ----

  Person attacker(std::string_view country, const std::string& number) {
    Person person;
    person.number = ++people_;
    take_number(person.keys, country, number);
    // From addresses of other people's houses, each used a few times.
    const auto address = 5'000'000'000 + below(3'000);
    person.keys.address = digest("x", address);
    person.keys.network = digest("y", address / 4);
    return person;
  }
  void attack(WallTime at, Person person, std::optional<Duration> typed_after = std::nullopt) {
    attacked_.insert(person.keys.prefix);
    if (is_attacked_country(person.keys.country)) attacked_.insert(person.keys.country);
    add({at, std::move(person), typed_after, Ask::Whose::kAttacker});
  }
  static bool is_attacked_country(const std::string& country) {
    return std::ranges::none_of(kCountries, [&](const Country& one) { return one.name == country; });
  }

  void attack_on(int day) {
    const WallTime from = kBegin + hours(24) * day;
    switch (terms_.attack) {
      case Attack::kNone:
        return;
      case Attack::kNewCountry:
        for (int i = 0; i < 3'000; ++i) attack(from + within(24), attacker("TJ", "+99290" + digits(7)));
        return;
      case Attack::kSomeTyped:
        for (int i = 0; i < 3'000; ++i)
          attack(from + within(24), attacker("TJ", "+99290" + digits(7)),
                 uniform() < 0.03 ? std::optional<Duration>(seconds(30)) : std::nullopt);
        return;
      case Attack::kOwnApp:
        for (int i = 0; i < 3'000; ++i) attack(from + within(24), attacker("TJ", "+99290" + digits(7)), seconds(15));
        return;
      case Attack::kNewPrefix:
        for (int i = 0; i < 3'000; ++i) attack(from + within(24), attacker("BR", "+55119888" + ("80" + digits(4))));
        return;
      case Attack::kUsedPrefix:
        for (int i = 0; i < 3'000; ++i)
          attack(from + within(24), attacker("BR", fmt::format("+55119{}", kCompanyPrefix) + digits(4)));
        return;
      case Attack::kManyCountries:
        for (int country = 0; country < 40; ++country) {
          for (int i = 0; i < 48; ++i)
            attack(from + within(24),
                   attacker(fmt::format("Z{}", country), fmt::format("+9{:02}", country) + digits(9)));
        }
        return;
      case Attack::kSpreadInCountry:
        for (int i = 0; i < 3'000; ++i) attack(from + within(24), attacker("BR", "+5551" + digits(9)));
        return;
      case Attack::kResend:
      case Attack::kLockOut:
        for (int i = 0; i < 2'000; ++i) {
          Person person = attacker(
              "BR", i % 2 == 0 || terms_.attack == Attack::kResend ? "+5511977771234" : "+551197777" + digits(4));
          if (terms_.attack == Attack::kLockOut) {
            person.keys.address = victim_.keys.address;
            person.keys.network = victim_.keys.network;
          }
          attacked_.insert(person.keys.address);
          attack(from + within(24), std::move(person));
        }
        return;
      case Attack::kPoison:
        poison(from);
        return;
    }
  }

  /// Types all his codes, and comes back each day with the numbers that he has: so that his country looks used.
  void poison(WallTime from) {
    for (const auto& own : owned_) {
      Person person = own;
      person.proved = true;
      add({from + within(24), person, seconds(15), Ask::Whose::kAttacker});
    }
    for (int i = 0; i < 200; ++i) attack(from + within(24), attacker("TJ", "+99290" + digits(7)), seconds(15));
  }

  // ---- Time ----

  void add(Ask ask) {
    const WallTime at = ask.at;
    waiting_.push({at, ++order_, std::move(ask), false});
  }

  void run_until(WallTime end) {
    while (!waiting_.empty() && waiting_.top().at < end) {
      Later next = waiting_.top();
      waiting_.pop();
      if (next.types)
        types(next);
      else
        asks(std::move(next.ask), next.at);
    }
  }

  void types(const Later& next) {
    engine_.typed(next.ask.person, next.at);
    if (terms_.attack == Attack::kPoison && next.ask.whose == Ask::Whose::kAttacker && !next.ask.person.proved)
      owned_.push_back(next.ask.person);
  }

  void asks(Ask ask, WallTime now) {
    const Answer answer = engine_.ask(ask.person, now);
    note(ask, answer, now);
    if (answer == Answer::kSent) {
      if (ask.typed_after) {
        waiting_.push({now + *ask.typed_after, ++order_, ask, true});
      } else if (ask.whose == Ask::Whose::kHonest && ask.tries < 2 && uniform() < 0.4) {
        // Asks once more; some had mistyped the number, and correct it.
        ++ask.tries;
        ask.typed_after = uniform() < 0.7 ? std::optional<Duration>(seconds(15)) : std::nullopt;
        if (!ask.person.proved && uniform() < 0.3) {
          Person corrected = somebody(kCountries.front(), false);
          corrected.keys.address = ask.person.keys.address;
          corrected.keys.network = ask.person.keys.network;
          if (ask.person.keys.country == "BR") ask.person.keys = corrected.keys;
        }
        waiting_.push({now + seconds(60), ++order_, std::move(ask), false});
      }
    }
  }

  void note(const Ask& ask, Answer answer, WallTime now) {
    const bool stopped = answer != Answer::kSent;
    switch (ask.whose) {
      case Ask::Whose::kAttacker: {
        if (ask.person.proved) {
          ++figures_.proved;
          if (stopped) ++figures_.proved_stopped;
          ++poisoned_;
          return;
        }
        ++figures_.tried;
        if (stopped) return;
        ++figures_.paid;
        const bool by_country = is_attacked_country(ask.person.keys.country);
        auto& paid = paid_[by_country ? ask.person.keys.country : ask.person.keys.prefix];
        paid.push_back(now);
        while (paid.front() <= now - hours(24)) paid.pop_front();
        figures_.paid_in_a_day = std::max(figures_.paid_in_a_day, static_cast<std::int64_t>(paid.size()));
        return;
      }
      case Ask::Whose::kVictim:
        ++figures_.victim;
        if (stopped) ++figures_.victim_stopped;
        ++figures_.proved;
        if (stopped) ++figures_.proved_stopped;
        return;
      case Ask::Whose::kHonest:
        if (ask.person.proved) {
          ++figures_.proved;
          if (stopped) ++figures_.proved_stopped;
          return;
        }
        if (attacked_.contains(ask.person.keys.prefix) || attacked_.contains(ask.person.keys.country) ||
            attacked_.contains(ask.person.keys.address))
          return;
        if (ask.tries == 0) ++figures_.newcomers;
        if (stopped) ++figures_.asked_for_more;
        return;
    }
  }

  static constexpr std::string_view kCompanyPrefix = "5550";

  Engine& engine_;
  const Terms terms_;
  std::mt19937_64 random_;
  Figures figures_;
  std::uint64_t people_ = 0;
  std::uint64_t order_ = 0;
  std::priority_queue<Later, std::vector<Later>, std::greater<>> waiting_;
  std::map<std::string, std::vector<Person>, std::less<>> known_;
  std::vector<Person> company_;
  std::vector<Person> owned_;
  Person victim_;
  std::set<std::string, std::less<>> attacked_;
  std::map<std::string, std::deque<WallTime>, std::less<>> paid_;
  std::int64_t poisoned_ = 0;
};

}  // namespace

std::string_view name_of(Attack attack) {
  switch (attack) {
    case Attack::kNone:
      return "none";
    case Attack::kNewCountry:
      return "one country without a history";
    case Attack::kNewPrefix:
      return "one prefix, in a country that is used";
    case Attack::kUsedPrefix:
      return "one prefix with a hundred people a day";
    case Attack::kManyCountries:
      return "forty countries, two an hour";
    case Attack::kSomeTyped:
      return "one country, 3 % typed";
    case Attack::kOwnApp:
      return "one country, all typed, with an app of his own";
    case Attack::kSpreadInCountry:
      return "a country that is used, each in another prefix";
    case Attack::kResend:
      return "codes to one victim";
    case Attack::kLockOut:
      return "one victim's number, prefix and address";
    case Attack::kPoison:
      return "sixty days of numbers of his own that come back";
  }
  return "";
}

Figures simulate(Engine& engine, const Terms& terms) { return World(engine, terms).run(); }

std::map<std::string, std::int64_t, std::less<>> expected_of(const Terms& terms) {
  std::map<std::string, std::int64_t, std::less<>> expected;
  for (const auto& country : kCountries) {
    const auto crowd = static_cast<std::int64_t>(terms.new_on_sale * country.part);
    if (crowd > 10) expected[std::string(country.name)] = crowd;
  }
  return expected;
}

}  // namespace countersign::testing::fraud

#include <algorithm>

#include "base/encoding.h"
#include "simulation/game/table.h"

// Authenticator apps and lists of recovery codes; the binding of both, and of keys.
namespace countersign::simulation::game {

namespace {

std::string_view outcome(const Answered& answered) {
  return answered.yes ? std::string_view("yes") : std::string_view(answered.why);
}

}  // namespace

std::size_t Table::keep_app(std::size_t owner, const FactorId& id, const SecretString& secret_base32) {
  const std::size_t app = make(Thing::kApp, owner);
  at(app).factor = id;
  at(app).seed = *from_base32(secret_base32.expose());
  return app;
}

std::size_t Table::enrol(std::size_t person, Who who, bool verify) {
  const auto& whom = persons[person];
  const std::size_t owner = who == Who::kPerson ? person : kNone;
  if (verify) {
    const auto made = product.create_factor(whom.service, whom.identity);
    say("{} begins an app for {} by the Verify API: {}", name_of(who), whom.identity, made ? "yes" : "no");
    return made ? keep_app(owner, made->enrolment.id, made->enrolment.secret_base32) : kNone;
  }
  const auto made = product.enrol({whom.identity, whom.service});
  say("{} begins an app for {}: {}", name_of(who), whom.identity, made ? "yes" : "no");
  return made ? keep_app(owner, made->id, made->secret_base32) : kNone;
}

std::size_t Table::keep_codes(std::size_t owner, const usecase::NewCodes& made) {
  const std::size_t codes = make(Thing::kCodes, owner);
  at(codes).factor = made.id;
  for (const auto& code : made.codes) at(codes).codes.push_back(code.expose());
  return codes;
}

std::size_t Table::make_codes(std::size_t person, Who who) {
  const auto& whom = persons[person];
  const auto made = product.make_codes({whom.identity, whom.service});
  say("{} has codes made for {}: {}", name_of(who), whom.identity, made ? "yes" : "no");
  return made ? keep_codes(who == Who::kPerson ? person : kNone, *made) : kNone;
}

void Table::bind_factor(std::size_t person, Who who, std::size_t factor, std::string service, std::string how,
                        const Deal* on_page, bool vouched) {
  at(factor).confirmed = true;
  // The product decided before it, a moment ago at most.
  fraud.bound(at(factor), vouched, on_page != nullptr, now());
  Bound bound{factor, persons[person].identity, std::move(service), now()};
  bound.by_him = who == Who::kAdversary || at(factor).owner == kNone;
  bound.how = std::move(how);
  bound.on_page = on_page != nullptr;
  bound.vouched = vouched;
  if (on_page != nullptr) {
    for (const auto& accepted : on_page->accepted) {
      // What she told him of it she has approved.
      if ((accepted.held || on_page->approved) && referee.living(bound.identity, accepted.source, now()) != nullptr)
        bound.added_with.push_back(accepted.source);
    }
    std::ranges::stable_sort(bound.added_with, {}, [&](std::size_t s) { return is_weak(at(s).thing); });
    bound.adder_verified = std::ranges::any_of(on_page->accepted, [&](const Accepted& accepted) {
      return !bound.added_with.empty() && accepted.source == bound.added_with.front() && accepted.verified;
    });
    referee.added_on_page(*on_page, factor);
  }
  referee.added(std::move(bound));
  work();
}

bool Table::confirm(std::size_t person, Who who, std::size_t factor, bool verify, bool vouch) {
  const auto& whom = persons[person];
  const auto confirm = [&] {
    if (at(factor).thing == Thing::kKey)
      return product.confirm_key(whom.identity, at(factor).factor, new_key_answer(factor), vouch);
    if (is_asked(at(factor).thing)) return confirm_device(whom, factor, vouch);
    if (at(factor).thing == Thing::kCodes) return product.confirm_codes(whom.identity, at(factor).factor, vouch);
    const auto code = product.app_code(at(factor).seed);
    return verify ? product.verify_factor(whom.service, whom.identity, at(factor).factor, code)
                  : product.confirm(whom.identity, at(factor).factor, code, vouch);
  };
  const auto answered = confirm();
  say("{} confirms {}: {}", name_of(who), at(factor).name, outcome(answered));
  if (answered.yes && !at(factor).confirmed)
    bind_factor(person, who, factor, whom.service, fmt::format("{} had the application enrol it", name_of(who)),
                nullptr, vouch);
  return answered.yes;
}

bool Table::remove_app(const Person& person, Who who, std::size_t app, bool verify) {
  const bool by_verify = verify && at(app).thing == Thing::kApp;
  const auto answered = by_verify ? product.delete_factor(person.service, person.identity, at(app).factor)
                                  : product.remove_factor(person.identity, at(app).factor);
  say("{} removes {}: {}", name_of(who), at(app).name, outcome(answered));
  if (answered.yes) referee.gone(person, app, now());
  work();
  return answered.yes;
}

std::size_t Table::enrol_here(Deal& deal, Who who, Thing thing) {
  const bool proved = deal.proved_in.contains(who);
  const std::size_t owner = who == Who::kPerson ? deal.person : kNone;
  const auto note = [&](bool made) {
    static constexpr std::array<std::string_view, 5> kWhat{"", "", "an app", "codes", "a key"};
    say("{} begins {} on the page of {}: {}", name_of(who), kWhat[static_cast<std::size_t>(thing)],
        deal.id.text().substr(26), made ? "yes" : "no");
  };
  if (thing == Thing::kKey) {
    const auto made = product.enrol_key_here(deal.id, deal.link, proved);
    note(made.has_value());
    return made ? keep_key(owner, *made) : kNone;
  }
  if (thing == Thing::kCodes) {
    const auto made = product.make_codes_here(deal.id, deal.link, proved);
    note(made.has_value());
    return made ? keep_codes(owner, *made) : kNone;
  }
  const auto made = product.enrol_here(deal.id, deal.link, proved);
  note(made.has_value());
  return made ? keep_app(owner, made->id, made->secret_base32) : kNone;
}

bool Table::confirm_here(Deal& deal, Who who, std::size_t factor) {
  const bool is_app = at(factor).thing == Thing::kApp;
  const bool proved_here = deal.proved_in.contains(who);
  const auto answered =
      at(factor).thing == Thing::kKey
          ? product.confirm_key_here(deal.id, deal.link, proved_here, at(factor).factor, new_key_answer(factor))
          : product.confirm_here(deal.id, deal.link, proved_here, at(factor).factor,
                                 is_app ? std::optional(product.app_code(at(factor).seed)) : std::nullopt);
  say("{} confirms {} on the page of {}: {}", name_of(who), at(factor).name, deal.id.text().substr(26),
      outcome(answered));
  if (answered.yes && deal.person != kNone && !at(factor).confirmed) {
    const bool proved = !deal.accepted.empty();
    bind_factor(deal.person, who, factor, deal.service,
                fmt::format("{} added it on the page {}", name_of(who), proved ? "after a proof" : "by the link alone"),
                &deal);
  }
  return answered.yes;
}

}  // namespace countersign::simulation::game

#include <algorithm>
#include <stdexcept>

#include "domain/limits.h"
#include "domain/push.h"
#include "rule_file.h"
#include "standing_world.h"
#include "transition_words.h"

namespace countersign::domain {

namespace {

std::vector<std::string> parts_of(const std::string& text, char between) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, between);) parts.push_back(part);
  return parts;
}

Method method_in(const std::string& word) {
  const auto method = parse_method(word);
  if (!method) throw std::runtime_error("no such method: " + word);
  return *method;
}

MethodSet methods_in(const std::string& words, char between) {
  MethodSet set;
  for (const auto& word : parts_of(words, between)) set.add(method_in(word));
  return set;
}

bool yes_in(const std::string& word) {
  if (word != "yes" && word != "no") throw std::runtime_error("is yes or no: " + word);
  return word == "yes";
}

const std::set<std::string> kPolicyKeys{"any_of",     "min_kinds",   "user_verification",  "device_bound",
                                        "totp_alone", "email_alone", "trust_on_first_use", "enrol",
                                        "wait"};

Policy policy_in(const std::map<std::string, std::string>& values) {
  Policy policy;
  for (const auto& [key, value] : values) {
    if (key == "any_of") policy.any_of = methods_in(value, ',');
    if (key == "min_kinds") policy.min_kinds = std::stoi(value);
    if (key == "user_verification") policy.user_verification = yes_in(value);
    if (key == "device_bound") policy.device_bound = yes_in(value);
    if (key == "totp_alone") policy.totp_alone = yes_in(value);
    if (key == "email_alone") policy.email_alone = yes_in(value);
    if (key == "trust_on_first_use") policy.trust_on_first_use = yes_in(value);
    if (key == "enrol") policy.enrol = methods_in(value, ',');
    if (key == "wait") policy.wait = value.starts_with('-') ? -duration_of(value.substr(1)) : duration_of(value);
  }
  return policy;
}

std::string judgement_text(const standing::Judgement& judgement) {
  std::string text = judgement.met() ? "met" : "misses " + std::string(standing::to_text(judgement.missing));
  text += ", " + std::to_string(judgement.kinds_proven) + " of " + std::to_string(judgement.kinds_needed) + " kinds";
  if (judgement.counts_from) text += ", counts from " + duration_text(*judgement.counts_from - kNoon);
  return text;
}

/// What a policy asks for, what meets it, and what it waits for.
class PolicyScene : public RuleScene {
 public:
  PolicyScene() {
    know("policy (.*)", [this](const auto& m) { return take_policy(m[1]); });
    know("proved (.*)", [this](const auto& m) { return judgement_text(standing::judge(policy_, proofs_in(m[1]))); });
    know("nothing proved", [this](const auto&) { return judgement_text(standing::judge(policy_, {})); });
    know("offered (.*?)( with numbers)?", [this](const auto& m) {
      const auto push = m[2].matched ? PushAnswers::kWithNumber : PushAnswers::kBare;
      return can_be_met(policy_, methods_in(m[1], ' '), push) ? "can be met" : "cannot be met";
    });
    // Sources as a service knows them, named by their kind: phone-1, mailbox-1, app-1.
    know("given (\\S+)", [this](const auto& m) { return refused(world_.give(m[1])); });
    know("the link binds (\\S+)", [this](const auto& m) {
      return refused(
          world_.take(standing::found_by_link(world_.history, world_.offer(m[1]), world_.rules, world_.now)));
    });
    know("held", [this](const auto&) {
      held_ = world_.hold();
      return std::string();
    });
    know("approved with (.*)", [this](const auto& m) { return approve(words_of(m[1].str())); });
  }

 private:
  void on_time() override { world_.at(now_); }

  static std::string refused(const std::optional<standing::Refused>& why) {
    return why ? "refused: " + std::string(standing::to_text(*why)) : "";
  }

  std::string take_policy(const std::string& text) {
    policy_ = policy_in(values_of(text, kPolicyKeys));
    if (const auto fault = policy_fault(policy_)) return "fault: " + std::string(*fault);
    return "fine";
  }

  std::string approve(const std::vector<std::string>& sources) {
    standing::HeldOne held = held_ ? *held_ : world_.hold();
    for (const auto& source : sources) {
      const auto terms = standing::terms_of(policy_);
      if (world_.prove(held, source, terms)) held.proofs.push_back(world_.proof(source));
    }
    return judgement_text(world_.judgement(held, policy_));
  }

  /// `totp`, `push+number` with the number typed, `sms#2` of another source, `totp:repeats:sms`, `sms:waits:50h`.
  static std::vector<standing::JudgedProof> proofs_in(const std::string& words) {
    std::vector<standing::JudgedProof> proofs;
    for (const auto& word : words_of(words)) {
      const auto parts = parts_of(word, ':');
      const auto name = parts_of(parts.front(), '#');
      const bool typed = name.front() == "push+number";
      standing::JudgedProof proof{typed ? Method::kPush : method_in(name.front()), {}, {}};
      proof.push.number_typed = typed;
      proof.source.raw.front() = static_cast<std::uint8_t>(proof.method);
      proof.source.raw.back() = static_cast<std::uint8_t>(name.size() > 1 ? std::stoi(name[1]) : 1);
      proof.counts.counted = standing::Counted::kFounding;
      if (parts.size() == 3 && parts[1] == "repeats") {
        proof.counts.counted = standing::Counted::kRepeat;
        proof.counts.repeat_of = method_in(parts[2]);
      } else if (parts.size() == 3 && parts[1] == "waits") {
        proof.counts.counted = standing::Counted::kNot;
        proof.counts.why_not = standing::WhyNot::kWaits;
        proof.counts.counts_from = kNoon + duration_of(parts[2]);
      } else if (parts.size() != 1) {
        throw std::runtime_error("no such proof: " + word);
      }
      proofs.push_back(proof);
    }
    return proofs;
  }

  Policy policy_;
  standing::StandingWorld world_;
  std::optional<standing::HeldOne> held_;
};

/// One verification of one line: sendings, guesses, a provider's verdicts, its end. A code is its own digest.
class VerificationScene : public RuleScene {
 public:
  VerificationScene() {
    know("rules (.*)", [this](const auto& m) { return take_rules(m[1]); });
    know("starts, ends at (\\S+)", [this](const auto& m) {
      one_ = {};
      one_.created_at = now_;
      one_.expires_at = kNoon + duration_of(m[1]);
      return std::string();
    });
    know("send (\\d+)", [this](const auto& m) { return send(m[1].str()); });
    know("send by a provider", [this](const auto&) { return send(std::nullopt); });
    know("sent by another channel", [this](const auto&) {
      others_ = together(others_, {1, now_});
      return std::string();
    });
    know("goes on by (\\S+)", [this](const auto& m) {
      one_ = by_channel(one_, ContactId{id_of(2)}, contact::parse_channel(m[1].str()).value());
      return "by " + std::string(contact::to_text(one_.channel)) + ", " + state();
    });
    know("guess (\\d+)", [this](const auto& m) { return guess(m[1]); });
    know("ask the provider", [this](const auto&) {
      const auto next = reserve_attempt(one_, rules_, now_);
      return next ? take(next) : "nothing is left";
    });
    know("provider says (.*)",
         [this](const auto& m) { return take(with_provider_verdict(one_, verdict_in(m[1]), rules_)); });
    know("the application reports it approved", [this](const auto&) { return take(approved_by_report(one_, now_)); });
    know("cancel", [this](const auto&) { return take(canceled(one_, now_)); });
    know("state", [this](const auto&) { return state(); });
  }

 private:
  std::string take_rules(const std::string& text) {
    for (const auto& [key, value] : values_of(text, {"attempts", "sends", "code_life", "waits"})) {
      if (key == "attempts") rules_.attempts_max = std::stoi(value);
      if (key == "sends") rules_.sends_max = std::stoi(value);
      if (key == "code_life") rules_.code_ttl = duration_of(value);
      if (key != "waits") continue;
      waits_.clear();
      for (const auto& wait : parts_of(value, ',')) waits_.push_back(duration_of(wait));
    }
    return {};
  }

  std::string send(std::optional<std::string> code) {
    if (status_at(one_, now_) != VerificationStatus::kPending) return "refused: " + state();
    const auto before = together(others_, sendings_of(one_));
    const auto why_not = why_not_sent(before, one_.sends > 0, rules_, waits_, now_);
    if (why_not == NotSent::kSendsSpent) return "refused: as often as allowed";
    if (why_not) return "refused: not before " + duration_text(next_send_at(before, waits_) - kNoon);
    one_ = with_new_code(one_, std::move(code), rules_, now_);
    return state();
  }

  std::string guess(const std::string& code) {
    const auto checked = check_code(one_, code, rules_, now_);
    if (checked.outcome == CheckOutcome::kNotPending) return "not looked at, " + state();
    one_ = checked.next;
    return checked.outcome == CheckOutcome::kApproved ? state() : "wrong, " + state();
  }

  static ProviderVerdict verdict_in(const std::string& words) {
    static const std::map<std::string, ProviderVerdict> kVerdicts{{"right", ProviderVerdict::kRight},
                                                                  {"wrong", ProviderVerdict::kWrong},
                                                                  {"over", ProviderVerdict::kOver},
                                                                  {"exhausted", ProviderVerdict::kExhausted},
                                                                  {"it was not asked", ProviderVerdict::kNotAsked},
                                                                  {"nothing", ProviderVerdict::kUnknown}};
    const auto found = kVerdicts.find(words);
    if (found == kVerdicts.end()) throw std::runtime_error("no such verdict: " + words);
    return found->second;
  }

  std::string take(const std::optional<Verification>& next) {
    if (!next) return "changes nothing, " + state();
    one_ = *next;
    return state();
  }

  /// The status, and while it is pending how often it was sent, what is spent, and how many more guesses there are.
  [[nodiscard]] std::string state() const {
    const auto status = status_at(one_, now_);
    std::string text(to_text(status));
    if (status != VerificationStatus::kPending) return text;
    return text + ", sent " + std::to_string(one_.sends) + ", spent " + std::to_string(one_.attempts) + ", left " +
           std::to_string(guesses_left(one_, rules_, now_));
  }

  VerificationRules rules_;
  std::vector<Duration> waits_{seconds(30), minutes(1), minutes(2), minutes(5)};
  SentBefore others_;
  Verification one_;
};

/// The life of one transaction. Every source counts as its own.
class TransactionScene : public RuleScene {
 public:
  TransactionScene() {
    know("held (.*)", [this](const auto& m) { return hold(m[1]); });
    know("prove (\\S+)", [this](const auto& m) {
      const Method method = method_in(m[1]);
      const Proof proof = proof_of(method, static_cast<std::uint8_t>(method));
      return take(with_own_proof(one_, proof, now_, claim_within_));
    });
    know("claim", [this](const auto&) { return take(claimed(one_, now_)); });
    know("acknowledge", [this](const auto&) { return take(acknowledged(one_, now_)); });
    know("give up", [this](const auto&) { return take(given_up(one_, now_)); });
    know("complete", [this](const auto&) { return take(completed_without_release(one_, now_)); });
    know("cannot be carried out", [this](const auto&) { return take(not_carried_out(one_, now_)); });
    know("cancel", [this](const auto&) { return take(canceled(one_, now_)); });
    know("a proof is voided", [this](const auto&) { return take(voided(one_, now_)); });
    know("deny", [this](const auto&) { return take(denied(one_, now_)); });
    know("the sweeper comes", [this](const auto&) { return take(expired(one_, now_)); });
    know("state", [this](const auto&) { return state(); });
  }

 private:
  std::string hold(const std::string& text) {
    auto keys = kPolicyKeys;
    keys.insert({"until", "claim_within", "purpose"});
    const auto values = values_of(text, keys);
    one_ = domain::held(policy_in(values));
    one_.created_at = now_;
    one_.expires_at = kNoon + duration_of(values.at("until"));
    if (values.contains("claim_within")) claim_within_ = duration_of(values.at("claim_within"));
    if (values.contains("purpose")) one_.purpose = purpose_in(values.at("purpose"));
    return {};
  }

  static Purpose purpose_in(const std::string& word) {
    static const std::map<std::string, Purpose> kPurposes{{"release", Purpose::kRelease},
                                                          {"standalone_code", Purpose::kStandaloneCode},
                                                          {"add_source", Purpose::kAddSource},
                                                          {"decide_change", Purpose::kDecideChange}};
    const auto found = kPurposes.find(word);
    if (found == kPurposes.end()) throw std::runtime_error("no such purpose: " + word);
    return found->second;
  }

  std::string take(Result<Transaction, TransactionError> next) {
    if (!next) return "refused: " + std::string(word_of(next.error()));
    one_ = *std::move(next);
    return state();
  }

  [[nodiscard]] std::string state() const {
    const auto status = status_at(one_, now_);
    return status == one_.status ? state_word(one_) : std::string(to_text(status));
  }

  Duration claim_within_ = minutes(5);
  Transaction one_;
};

/// What one device is asked, by whom, and what the person does about it.
class PromptScene : public RuleScene {
 public:
  PromptScene() {
    know("(\\S+) asks( with a proof)?", [this](const auto& m) {
      const auto why = why_not_prompted(history_, m[1].str(), m[2].matched, now_);
      if (!why) {
        history_ = after_prompt(std::move(history_), now_);
        return std::string("asked");
      }
      const std::string until =
          why->retry_after ? "until " + duration_text(now_ + *why->retry_after - kNoon) : "for good";
      return std::string(to_text(why->why)) + ", " + until;
    });
    know("approved", [this](const auto&) { return take(after_approval(std::move(history_))); });
    know("denied to (\\S+)",
         [this](const auto& m) { return take(after_denial(std::move(history_), m[1].str(), now_)); });
    know("proved otherwise from (\\S+)",
         [this](const auto& m) { return take(after_other_proof(std::move(history_), m[1].str())); });
  }

 private:
  std::string take(PromptHistory next) {
    history_ = std::move(next);
    return {};
  }

  PromptHistory history_;
};

}  // namespace

const std::vector<RuleBook>& rule_books() {
  static const std::vector<RuleBook> kBooks{{"policy", [] { return std::make_unique<PolicyScene>(); }},
                                            {"transaction", [] { return std::make_unique<TransactionScene>(); }},
                                            {"verification", [] { return std::make_unique<VerificationScene>(); }},
                                            {"prompts", [] { return std::make_unique<PromptScene>(); }}};
  return kBooks;
}

}  // namespace countersign::domain

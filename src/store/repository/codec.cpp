#include "store/repository/codec.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "base/number.h"
#include "store/error.h"

namespace countersign::store {

namespace {

[[noreturn]] void unreadable(std::string_view what) {
  throw StoreFailure({StoreError::Code::kUnreadable, fmt::format("unreadable {} in a transaction", what)});
}

/// Takes the text up to `separator` off the front.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

std::int64_t number(std::string_view text, std::string_view what) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) unreadable(what);
  return value;
}

std::string join(const domain::MethodSet& methods) {
  std::string out;
  for (const domain::Method method : methods.list()) {
    if (!out.empty()) out += ',';
    out += domain::to_text(method);
  }
  return out;
}

domain::MethodSet split_methods(std::string_view text) {
  domain::MethodSet set;
  while (!text.empty()) {
    const auto method = domain::parse_method(take(text, ','));
    if (!method) unreadable("policy");
    set.add(*method);
  }
  return set;
}

Id read_id(std::string_view hex) {
  const auto id = Id::from_hex(hex);
  if (!id) unreadable("proof");
  return *id;
}

constexpr std::string_view kBy = "by=";
constexpr std::string_view kVerified = "+verified";
constexpr std::string_view kBound = "+bound";
constexpr std::string_view kNumber = "+number";

/// Takes them off the end of a proof's method.
domain::PasskeyFacts take_facts(std::string_view& method) {
  domain::PasskeyFacts facts;
  for (const auto& [text, fact] : {std::pair{kBound, &facts.device_bound}, {kVerified, &facts.user_verified}}) {
    *fact = method.ends_with(text);
    if (*fact) method.remove_suffix(text.size());
  }
  return facts;
}

std::string join(const std::vector<contact::Channel>& channels) {
  std::string out;
  for (const auto channel : channels) {
    if (!out.empty()) out += ',';
    out += contact::to_text(channel);
  }
  return out;
}

std::vector<contact::Channel> split_channels(std::string_view text) {
  std::vector<contact::Channel> channels;
  while (!text.empty()) {
    const auto channel = contact::parse_channel(take(text, ','));
    if (!channel) unreadable("proof");
    channels.push_back(*channel);
  }
  return channels;
}

/// The same, of a push.
domain::PushFacts take_push_facts(std::string_view& method) {
  const bool typed = method.ends_with(kNumber);
  if (typed) method.remove_suffix(kNumber.size());
  return {typed};
}

void read_how(domain::Proof& proof, std::string_view contact, std::string_view rest) {
  if (contact != "-") proof.contact = ContactId{read_id(contact)};
  const auto counted = domain::standing::parse_counted(take(rest, ' '));
  if (!counted) unreadable("proof");
  proof.how = {*counted, from_micros(number(take(rest, ' '), "proof")), std::nullopt, {}};
  if (rest.starts_with(kBy)) proof.channels = split_channels(take(rest, ' ').substr(kBy.size()));
  if (rest.empty()) return;
  if (rest.starts_with('@')) {
    proof.how.shared_by = rest.substr(1);
    return;
  }
  proof.how.repeat_of = domain::parse_method(rest);
  if (!proof.how.repeat_of) unreadable("proof");
}

}  // namespace

// policy := words with a space between, each name=value, in this order; a name that is missing has its default
//    any_of                methods with a comma between
//    min_kinds             a number
//    user_verification     0 or 1
//    totp_alone            0 or 1
//    email_alone           0 or 1
//    trust_on_first_use    0 or 1
//    enrol                 methods with a comma between; none: nothing behind the sign
//    wait                  microseconds; called `quiet` before there was a history
//    device_bound          1; only where it is so
//    display_required      0; only where it is not
//    also                  methods with a comma between; only where the fraud rules ask for another kind
std::string encode_policy(const domain::Policy& p) {
  return fmt::format(
      "any_of={} min_kinds={} user_verification={:d} totp_alone={:d} email_alone={:d} trust_on_first_use={:d} enrol={} "
      "wait={}{}{}{}{}",
      join(p.any_of), p.min_kinds, p.user_verification, p.totp_alone, p.email_alone, p.trust_on_first_use,
      join(p.enrol), p.wait.count(), p.device_bound ? " device_bound=1" : "",
      p.display_required ? "" : " display_required=0", p.also.empty() ? "" : " also=", join(p.also));
}

namespace {

domain::Policy parse_policy(std::string_view text) {
  domain::Policy policy;
  while (!text.empty()) {
    std::string_view value = take(text, ' ');
    const std::string_view name = take(value, '=');
    const auto flag = [&] { return number(value, "policy") != 0; };
    if (name == "any_of")
      policy.any_of = split_methods(value);
    else if (name == "min_kinds")
      policy.min_kinds = static_cast<int>(number(value, "policy"));
    else if (name == "user_verification")
      policy.user_verification = flag();
    else if (name == "device_bound")
      policy.device_bound = flag();
    else if (name == "display_required")
      policy.display_required = flag();
    else if (name == "totp_alone")
      policy.totp_alone = flag();
    else if (name == "email_alone")
      policy.email_alone = flag();
    else if (name == "trust_on_first_use")
      policy.trust_on_first_use = flag();
    else if (name == "enrol")
      policy.enrol = split_methods(value);
    else if (name == "also")
      policy.also = split_methods(value);
    else if (name == "wait" || name == "quiet")  // Its name before there was a history.
      policy.wait = Duration(number(value, "policy"));
    else
      unreadable("policy");
  }
  return policy;
}

}  // namespace

// Nearly all transactions have one of a few: the thread keeps the last.
domain::Policy decode_policy(std::string_view text) {
  struct Last {
    std::string text;
    domain::Policy policy;
  };
  thread_local Last last{"", {}};
  if (last.text != text) {
    last.policy = parse_policy(text);
    last.text = text;
  }
  return last.policy;
}

// proofs := a line for each, ended by a line feed, with a space between its words
//    method                sms, voice, whatsapp, email, totp, … (domain::to_text); of a passkey that verified the
//                          person with +verified, and of one that is bound to its device with +bound behind it; of
//                          a push into which the number was typed, with +number
//    source                32 hex digits
//    proven at             microseconds since the epoch
//    contact               32 hex digits, or -
//    how it counted        domain::standing::to_text
//    since                 microseconds since the epoch
//    channels              by= and the channels of its codes with a comma between; only where they are more, or
//    another,
//                          than that of the method
//    of                    the method that it repeats, or @ and the service that shares it; only where there is one
// Lines from before sources had a history have `established` or `fresh` in place of the contact, and end there. The
// first kind is read with nothing said about how it counted; the second kind proved nothing, and is left out.
std::string encode_proofs(const std::vector<domain::Proof>& proofs) {
  std::string out;
  for (const auto& proof : proofs) {
    out += domain::to_text(proof.method);
    if (proof.passkey.user_verified) out += kVerified;
    if (proof.passkey.device_bound) out += kBound;
    if (proof.push.number_typed) out += kNumber;
    out += ' ';
    append_hex(out, proof.source.bytes());
    append_number(out += ' ', to_micros(proof.proven_at));
    out += ' ';
    if (proof.contact)
      append_hex(out, proof.contact->bytes());
    else
      out += '-';
    out.append(" ").append(domain::standing::to_text(proof.how.counted));
    append_number(out += ' ', to_micros(proof.how.since));
    if (!proof.channels.empty()) out.append(" ").append(kBy).append(join(proof.channels));
    if (proof.how.repeat_of) out.append(" ").append(domain::to_text(*proof.how.repeat_of));
    if (!proof.how.shared_by.empty()) out.append(" @").append(proof.how.shared_by);
    out += '\n';
  }
  return out;
}

std::vector<domain::Proof> decode_proofs(std::string_view text) {
  std::vector<domain::Proof> proofs;
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    std::string_view word = take(line, ' ');
    const domain::PasskeyFacts passkey = take_facts(word);
    const domain::PushFacts push = take_push_facts(word);
    const auto method = domain::parse_method(word);
    if (!method) unreadable("proof");
    domain::Proof proof{*method, read_id(take(line, ' ')), from_micros(number(take(line, ' '), "proof"))};
    const std::string_view contact = take(line, ' ');
    if (contact == "fresh") continue;
    if (contact != "established") read_how(proof, contact, line);
    proof.passkey = passkey;
    proof.push = push;
    proofs.push_back(proof);
  }
  return proofs;
}

}  // namespace countersign::store

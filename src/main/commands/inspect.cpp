#include "main/commands/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>
#include <vector>

#include "crypto/digest.h"
#include "crypto/sealing.h"
#include "main/config/keys.h"
#include "main/open_store.h"
#include "main/settings.h"
#include "store/sqlite/sqlite_store.h"
#include "usecase/transaction/inspect.h"

namespace countersign::main {

namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const json::value& value = object.at({name.data(), name.size()});
  if (value.is_string()) return std::string(value.get_string());
  return value.is_null() ? std::string() : canonical_json(value);
}

/// `, name value`, if there is a value.
std::string and_also(const json::object& object, std::string_view key, std::string_view name) {
  const std::string value = text_of(object, key);
  return value.empty() ? value : fmt::format(", {}{}{}", name, name.empty() ? "" : " ", value);
}

/// One line of the timeline. The text form of times sorts by time.
struct Line {
  std::string at;
  std::string text;
};

void add_events(const json::object& document, std::vector<Line>& lines) {
  for (const auto& entry : document.at("events").as_array()) {
    const auto& event = entry.as_object();
    std::string text = fmt::format("{} by {}", text_of(event, "type"), text_of(event, "actor"));
    text += and_also(event, "request_id", "request");
    for (const auto& [name, value] : event.at("data").as_object())
      text += fmt::format(", {} {}", std::string_view(name.data(), name.size()),
                          value.is_string() ? std::string(value.get_string()) : canonical_json(value));
    lines.push_back({text_of(event, "created_at"), std::move(text)});
  }
}

/// Each provider's turn at the message; none where there was but one, without a price.
void add_tries(const json::object& message, std::vector<Line>& lines) {
  for (const auto& entry : message.at("tries").as_array()) {
    const auto& one = entry.as_object();
    lines.push_back(
        {text_of(one, "at"),
         fmt::format("message {} handed to {}: {}{}{}{}", text_of(message, "id"), text_of(one, "provider"),
                     text_of(one, "outcome"), and_also(one, "code", "code"),
                     one.at("doubtful").as_bool() ? ", may have been sent" : "", and_also(one, "cost", "cost"))});
  }
}

void add_messages(const json::object& document, std::vector<Line>& lines) {
  for (const auto& entry : document.at("verifications").as_array()) {
    for (const auto& sent : entry.as_object().at("messages").as_array()) {
      const auto& message = sent.as_object();
      add_tries(message, lines);
      if (text_of(message, "finished_at").empty()) continue;
      lines.push_back({text_of(message, "finished_at"),
                       fmt::format("message {} {}{}{}", text_of(message, "id"), text_of(message, "status"),
                                   and_also(message, "provider_ref", "provider's reference"),
                                   and_also(message, "error_code", "error"))});
    }
  }
}

void add_webhook_attempts(const json::object& document, std::vector<Line>& lines) {
  for (const auto& entry : document.at("webhooks").as_array()) {
    const auto& webhook = entry.as_object();
    for (const auto& tried : webhook.at("attempts").as_array()) {
      const auto& attempt = tried.as_object();
      lines.push_back({text_of(attempt, "attempted_at"),
                       fmt::format("webhook {} of {}, attempt {}{}{}, {} ms", text_of(webhook, "id"),
                                   text_of(webhook, "event_type"), text_of(attempt, "number"),
                                   and_also(attempt, "http_status", "answered"), and_also(attempt, "error", "failed:"),
                                   text_of(attempt, "duration_ms"))});
    }
  }
}

std::string head_text(const json::object& d) {
  const auto& needs = d.at("requirements").as_object();
  std::string out = fmt::format("{} {}{}, service {}, account {}, subject {}\n", text_of(d, "id"), text_of(d, "status"),
                                and_also(d, "end_reason", "because"), text_of(d, "service"), text_of(d, "account"),
                                text_of(d, "subject"));
  out += fmt::format("  type {}, held {}, expires {}{}{}\n", text_of(d, "type"), text_of(d, "created_at"),
                     text_of(d, "expires_at"), and_also(d, "verified_at", "verified"),
                     and_also(d, "claimable_until", "claimable until"));
  if (!text_of(d, "claimed_at").empty() || !text_of(d, "ended_at").empty()) {
    std::string ends = and_also(d, "claimed_at", "claimed") + and_also(d, "claimed_by", "by") +
                       and_also(d, "ended_at", text_of(d, "status") == "released" ? "acknowledged" : "ended");
    if (text_of(d, "end_reason") == "unacknowledged")
      ends = and_also(d, "claimed_at", "claimed") + and_also(d, "claimed_by", "by") +
             and_also(d, "ended_at", "given up, never acknowledged,");
    out += "  " + ends.substr(2) + '\n';
  }
  if (const std::string waits = text_of(d, "waits_for"); !waits.empty()) out += fmt::format("  waits for: {}\n", waits);
  out += fmt::format("  proved {} of {} kinds, missing: {}{}\n", text_of(needs, "kinds_proven"),
                     text_of(needs, "kinds_needed"), text_of(needs, "missing"),
                     and_also(needs, "counts_from", "a source counts for what is held from"));
  if (const std::string cost = text_of(d, "cost"); !cost.empty()) out += fmt::format("  its messages cost {}\n", cost);
  for (const auto& entry : d.at("proofs").as_array()) {
    const auto& proof = entry.as_object();
    out += fmt::format("  proof {} at {}{}\n", text_of(proof, "method"), text_of(proof, "proven_at"),
                       and_also(proof, "counted", "counted as"));
  }
  return out;
}

std::string verifications_text(const json::object& d) {
  std::string out;
  for (const auto& entry : d.at("verifications").as_array()) {
    const auto& v = entry.as_object();
    out += fmt::format("\n{} {} to {} by {}: {}{}{}\n", text_of(v, "id"), text_of(v, "channel"),
                       text_of(v, "to").empty() ? "a contact that is gone" : text_of(v, "to"), text_of(v, "provider"),
                       text_of(v, "status"), and_also(v, "send_error", "the last message failed:"),
                       and_also(v, "provider_ref", "provider's reference"));
    out += fmt::format("  sent {} times, {} attempts spent, {} left, from {} to {}\n", text_of(v, "sends"),
                       text_of(v, "attempts"), text_of(v, "attempts_left"), text_of(v, "created_at"),
                       text_of(v, "expires_at"));
    for (const auto& sent : v.at("messages").as_array()) {
      const auto& m = sent.as_object();
      out += fmt::format("  message {} {} by {}, attempt {}{}{}{}\n", text_of(m, "id"), text_of(m, "status"),
                         text_of(m, "provider"), text_of(m, "attempts"),
                         and_also(m, "provider_ref", "provider's reference"), and_also(m, "error_code", "error"),
                         and_also(m, "next_attempt_at", "next attempt") + and_also(m, "stage", "reported:") +
                             and_also(m, "reason", "because") + and_also(m, "cost", "cost"));
    }
  }
  return out;
}

std::string webhooks_text(const json::object& d) {
  std::string out;
  for (const auto& entry : d.at("webhooks").as_array()) {
    const auto& w = entry.as_object();
    out += fmt::format("\n{} webhook {} to {} ({}): {}{}\n", text_of(w, "id"), text_of(w, "event_type"),
                       text_of(w, "endpoint"), text_of(w, "endpoint_status"), text_of(w, "status"),
                       and_also(w, "next_attempt_at", "next attempt"));
  }
  return out;
}

int refuse(std::ostream& err, std::string_view sentence) {
  err << "countersign: " << sentence << '\n';
  return 1;
}

}  // namespace

std::string timeline_text(const json::object& document) {
  std::vector<Line> lines;
  add_events(document, lines);
  add_messages(document, lines);
  add_webhook_attempts(document, lines);
  std::ranges::stable_sort(lines, {}, &Line::at);
  std::string out = head_text(document) + verifications_text(document) + webhooks_text(document) + '\n';
  for (const auto& line : lines) out += fmt::format("{}  {}\n", line.at, line.text);
  return out;
}

int run_inspect_command(const Config& config, const InspectCommand& command, Clock& clock, Random& random,
                        std::ostream& out, std::ostream& err) {
  auto store = open_store_to_look(config, clock, random);
  if (!store) return refuse(err, store.error().sentence);
  const auto keyring = keyring_of(config.secrets);
  const crypto::Sealer sealer(keyring);
  const crypto::Digester digester(keyring);
  store::EventIds no_events;
  const auto found = (*store)->read_now([&](store::Tx& tx) -> std::optional<json::object> {
    const usecase::Settings settings = settings_of_known(config, tx, random);
    const usecase::Context context{settings, store::Vault(sealer, digester), no_events};
    for (const auto& [account, known] : settings.accounts) {
      if (const auto row = usecase::find_by_any_id(tx, account, command.id))
        return usecase::inspect(tx, context, *row, clock.now());
    }
    return std::nullopt;
  });
  if (!found) return refuse(err, found.error().detail);
  if (!*found)
    return refuse(err, fmt::format("nothing is known of {}: give the whole id of a transaction (TX), a verification "
                                   "(VE), a message (VL) or a webhook's delivery (WD)",
                                   command.id));
  out << (command.json ? canonical_json(**found) + '\n' : timeline_text(**found));
  return 0;
}

int run_vacuum_command(const Config& config, std::ostream& out, std::ostream& err) {
  if (!config.store.postgres_url.expose().empty())
    return refuse(err, "the store is PostgreSQL, whose autovacuum does it (docs/operations.md)");
  if (const auto missing = missing_file(config)) return refuse(err, *missing);
  const auto done = store::vacuum_sqlite(config.store.sqlite_path);
  if (!done) {
    const bool in_use = done.error().code == store::StoreError::Code::kInUse;
    return refuse(err, done.error().detail + (in_use ? "; stop it first: vacuum needs the database to itself" : ""));
  }
  constexpr double kMegabyte = 1e6;
  out << fmt::format("{} had {:.1f} MB and has {:.1f} MB. From now on it shrinks while a server runs.\n",
                     config.store.sqlite_path.string(), static_cast<double>(done->bytes_before) / kMegabyte,
                     static_cast<double>(done->bytes_after) / kMegabyte);
  return 0;
}

}  // namespace countersign::main

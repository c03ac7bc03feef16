#include "store/repository/history_codec.h"

#include <array>
#include <charconv>

#include "base/encoding.h"
#include "store/error.h"

namespace countersign::store {

namespace {

using domain::standing::AddedWith;
using domain::standing::Binding;
using domain::standing::History;
using domain::standing::Waiting;

constexpr std::size_t kLineGuess = 320;  ///< Bytes of an ordinary binding.

constexpr std::array<std::string_view, 6> kKindNames{"phone",   "email",  "authenticator",
                                                     "passkey", "device", "recovery"};

[[noreturn]] void unreadable_history() {
  throw StoreFailure({StoreError::Code::kUnreadable, "unreadable content in standings"});
}

/// Takes the text up to `separator` off the front.
std::string_view take_part(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

std::int64_t read_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) unreadable_history();
  return value;
}

WallTime read_time(std::string_view text) { return from_micros(read_number(text)); }

std::optional<WallTime> read_optional_time(std::string_view text) {
  return text == "-" ? std::nullopt : std::optional(read_time(text));
}

Id read_hex_id(std::string_view text) {
  const auto id = Id::from_hex(text);
  if (!id) unreadable_history();
  return *id;
}

template <class T>
T known(std::optional<T> value) {
  if (!value) unreadable_history();
  return *value;
}

// content := a head, then a line for each binding, the oldest first; a line ends with a line feed, and has a space
//            between its words. What is absent is not written. Times and durations are microseconds, ids 32 hex digits.
// head :=
//    1                     the version
//    first_proof=time      when the subject first proved anything at the service
//    closed=time           when it stopped founding
//    until=time            until when it founds
// binding := in this order
//    id=id  source=id  kind=word  by=word  at=time
//    founding
//    with=source:method    with a comma between several
//    wait=waiting
//    vouched=waiting
//    told=id               with a comma between several
//    anew=time
//    stopped=time/id       - in place of the id where nobody said it
//    objected
//    objectors=id          with a comma between several
//    kept=time
//    replaced=id/time
//    gone=word/time
//    proved=time
//    leaving=waiting       the next three only after it
//    removal=id
//    asked=id              with a comma between several
//    heard=id              who was told of the removal; with a comma between several
//    stays=time
//    unremoved=time
//    renamed=time
//    woken=time
//    used=time             of recovery codes; with a comma between several
// waiting := since/wait/wait alone/tell until/told at/webhook at; - for one of the last two that is absent

/// Appends words and values to one line.
class Line {
 public:
  explicit Line(std::string& out) : out_(out) {}
  Line& word(std::string_view word) {
    if (!out_.empty() && out_.back() != '\n') out_ += ' ';
    out_ += word;
    return *this;
  }
  Line& begin(std::string_view name) { return word(name).more("="); }
  Line& text(std::string_view name, std::string_view value) { return begin(name).more(value); }
  Line& id(std::string_view name, const Id& id) { return begin(name).more(id); }
  Line& time(std::string_view name, std::optional<WallTime> time) { return time ? begin(name).more(*time) : *this; }
  Line& waiting(std::string_view name, const Waiting& w) {
    begin(name).more(w.since).more("/").more(w.wait.count()).more("/").more(w.wait_alone.count()).more("/");
    return more(w.tell_until).more("/").or_dash(w.told_at).more("/").or_dash(w.webhook_at);
  }
  Line& more(std::string_view text) {
    out_ += text;
    return *this;
  }
  Line& more(const Id& id) {
    append_hex(out_, id.bytes());
    return *this;
  }
  Line& more(std::int64_t number) {
    std::array<char, 24> digits{};
    return more(std::string_view(digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr));
  }
  Line& more(WallTime time) { return more(to_micros(time)); }
  template <class T>
  Line& or_dash(const std::optional<T>& value) {
    return value ? more(*value) : more("-");
  }

 private:
  std::string& out_;
};

Waiting read_waiting(std::string_view text) {
  Waiting w;
  w.since = read_time(take_part(text, '/'));
  w.wait = Duration(read_number(take_part(text, '/')));
  w.wait_alone = Duration(read_number(take_part(text, '/')));
  w.tell_until = read_time(take_part(text, '/'));
  w.told_at = read_optional_time(take_part(text, '/'));
  w.webhook_at = read_optional_time(text);
  return w;
}

/// Nothing where there are none.
void write_ids(Line& line, std::string_view name, const std::vector<Id>& ids) {
  if (ids.empty()) return;
  line.begin(name);
  for (std::size_t i = 0; i < ids.size(); ++i) line.more(i > 0 ? "," : "").more(ids[i]);
}

std::vector<Id> read_ids(std::string_view text) {
  std::vector<Id> ids;
  while (!text.empty()) ids.push_back(read_hex_id(take_part(text, ',')));
  return ids;
}

void write_binding(std::string& out, const Binding& b) {
  Line line(out);
  line.id("id", b.id.id).id("source", b.source).text("kind", kKindNames.at(static_cast<std::size_t>(b.kind)));
  line.text("by", domain::standing::to_text(b.by)).time("at", b.bound_at);
  if (b.founding) line.word("founding");
  if (!b.added_with.empty()) {
    line.begin("with");
    for (std::size_t i = 0; i < b.added_with.size(); ++i) {
      if (i > 0) line.more(",");
      line.more(b.added_with[i].source).more(":").more(domain::to_text(b.added_with[i].method));
    }
  }
  line.waiting("wait", b.waiting);
  if (b.vouched) line.waiting("vouched", *b.vouched);
  write_ids(line, "told", b.told);
  line.time("anew", b.waits_anew_since);
  if (b.stopped) line.begin("stopped").more(b.stopped->since).more("/").or_dash(b.stopped->by);
  if (b.objected_once) line.word("objected");
  write_ids(line, "objectors", b.objectors);
  line.time("kept", b.kept_at);
  if (b.replaced) line.begin("replaced").more(b.replaced->by.id).more("/").more(b.replaced->since);
  if (b.gone) line.begin("gone").more(domain::standing::to_text(b.gone->why)).more("/").more(b.gone->at);
  line.time("proved", b.proved_at);
  if (b.leaving) {
    line.waiting("leaving", b.leaving->waiting);
    line.id("removal", b.leaving->id.id);
    write_ids(line, "asked", b.leaving->asked_with);
    write_ids(line, "heard", b.leaving->told);
  }
  line.time("stays", b.stays_since).time("unremoved", b.not_removed_at);
  line.time("renamed", b.renamed_at).time("woken", b.woken_at);
  for (std::size_t i = 0; i < b.codes_used.size(); ++i)
    (i == 0 ? line.begin("used") : line.more(",")).more(b.codes_used[i]);
  line.more("\n");
}

std::vector<AddedWith> read_adders(std::string_view text) {
  std::vector<AddedWith> out;
  while (!text.empty()) {
    std::string_view one = take_part(text, ',');
    const Id source = read_hex_id(take_part(one, ':'));
    out.push_back({source, known(domain::parse_method(one))});
  }
  return out;
}

domain::Kind read_kind(std::string_view text) {
  for (std::size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames.at(i) == text) return static_cast<domain::Kind>(i);
  }
  unreadable_history();
}

void read_leaving_word(domain::standing::Leaving& leaving, std::string_view name, std::string_view value) {
  if (name == "removal")
    leaving.id = {read_hex_id(value)};
  else
    (name == "asked" ? leaving.asked_with : leaving.told) = read_ids(value);
}

void read_word(Binding& b, std::string_view name, std::string_view value) {
  using namespace domain::standing;
  if (name == "id") {
    b.id = {read_hex_id(value)};
  } else if (name == "source") {
    b.source = read_hex_id(value);
  } else if (name == "kind") {
    b.kind = read_kind(value);
  } else if (name == "by") {
    b.by = known(parse_bound_by(value));
  } else if (name == "at") {
    b.bound_at = read_time(value);
  } else if (name == "founding") {
    b.founding = true;
  } else if (name == "with") {
    b.added_with = read_adders(value);
  } else if (name == "wait") {
    b.waiting = read_waiting(value);
  } else if (name == "vouched") {
    b.vouched = read_waiting(value);
  } else if (name == "told") {
    b.told = read_ids(value);
  } else if (name == "anew") {
    b.waits_anew_since = read_time(value);
  } else if (name == "stopped") {
    const WallTime since = read_time(take_part(value, '/'));
    b.stopped = Stopped{since, value == "-" ? std::nullopt : std::optional(read_hex_id(value))};
  } else if (name == "objected") {
    b.objected_once = true;
  } else if (name == "objectors") {
    b.objectors = read_ids(value);
  } else if (name == "kept") {
    b.kept_at = read_time(value);
  } else if (name == "replaced") {
    const BindingId by{read_hex_id(take_part(value, '/'))};
    b.replaced = Replaced{by, read_time(value)};
  } else if (name == "gone") {
    const GoneWhy why = known(parse_gone_why(take_part(value, '/')));
    b.gone = Gone{why, read_time(value)};
  } else if (name == "proved") {
    b.proved_at = read_time(value);
  } else if (name == "leaving") {
    b.leaving = Leaving{{}, read_waiting(value), {}, {}};
  } else if (name == "removal" || name == "asked" || name == "heard") {
    if (!b.leaving) unreadable_history();
    read_leaving_word(*b.leaving, name, value);
  } else if (name == "stays") {
    b.stays_since = read_time(value);
  } else if (name == "unremoved") {
    b.not_removed_at = read_time(value);
  } else if (name == "renamed") {
    b.renamed_at = read_time(value);
  } else if (name == "woken") {
    b.woken_at = read_time(value);
  } else if (name == "used") {
    while (!value.empty()) b.codes_used.push_back(read_time(take_part(value, ',')));
  } else {
    unreadable_history();
  }
}

/// Without these it is none; in the order in which they are written.
constexpr std::array<std::string_view, 6> kRequired{"id", "source", "kind", "by", "at", "wait"};

Binding read_binding(std::string_view line) {
  Binding b;
  std::size_t has = 0;
  while (!line.empty()) {
    std::string_view value = take_part(line, ' ');
    const std::string_view name = take_part(value, '=');
    read_word(b, name, value);
    if (has < kRequired.size() && name == kRequired.at(has)) ++has;
  }
  if (has != kRequired.size()) unreadable_history();
  return b;
}

void read_head(History& history, std::string_view line) {
  if (take_part(line, ' ') != "1") unreadable_history();
  while (!line.empty()) {
    std::string_view value = take_part(line, ' ');
    const std::string_view name = take_part(value, '=');
    if (name == "first_proof") {
      history.first_proof_at = read_time(value);
    } else if (name == "closed") {
      history.founding_closed_at = read_time(value);
    } else if (name == "until") {
      history.founding_until = read_time(value);
    } else {
      unreadable_history();
    }
  }
}

}  // namespace

std::string encode_history(const History& history) {
  std::string out;
  out.reserve(kLineGuess * (history.bindings.size() + 1));
  Line line(out);
  line.word("1").time("first_proof", history.first_proof_at).time("closed", history.founding_closed_at);
  line.time("until", history.founding_until).more("\n");
  for (const Binding& binding : history.bindings) write_binding(out, binding);
  return out;
}

History decode_history(std::string_view text) {
  History history;
  read_head(history, take_part(text, '\n'));
  while (!text.empty()) history.bindings.push_back(read_binding(take_part(text, '\n')));
  return history;
}

}  // namespace countersign::store

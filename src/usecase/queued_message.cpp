#include "usecase/queued_message.h"

#include <algorithm>

#include "base/ascii.h"
#include "store/error.h"

namespace countersign::usecase {

namespace {

// content, which is sealed := fields one after another
//    "message"
//    channel               contact::to_text
//    to                    E.164 or the e-mail address
//    subject               of an e-mail; empty otherwise
//    body
//    code
//    locale
//    expires at            microseconds since the epoch, in decimal
//    status callback       a URL, or empty
//    and only where the product chooses the channel, or it was refused:
//    number                of the channels by which it may go, in decimal; and of each, the preferred one first:
//       channel            as above
//       contact            16 bytes; empty: none yet
//       body               for that channel
//    display required      1 or 0
//    number                of those that refused a notice for good, in decimal; and of each:
//       channel, name      of the provider
// or
//    "start"               a provider makes the code itself
//    channel, to, locale   as above
//    amount                optional
//    payee                 optional
//    friendly name         optional
// optional := the fields "1" and the value, or "0" and an empty one
// field :=
//    length                4 bytes, little-endian
//    bytes
//
// JSON would do as well, at several times the cost on a path where every message passes.
void append(std::string& out, std::string_view field) {
  const auto size = static_cast<std::uint32_t>(field.size());
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(size >> shift & 0xFF));
  out += field;
}

/// Written by another version, or a bug of ours: the unit fails, the process goes on.
[[noreturn]] void unreadable_content() {
  throw store::StoreFailure({store::StoreError::Code::kUnreadable, "a message's content cannot be read"});
}

std::string take(std::string_view& in) {
  if (in.size() < 4) unreadable_content();
  std::uint32_t size = 0;
  for (unsigned i = 0; i < 4; ++i) size |= static_cast<std::uint32_t>(static_cast<unsigned char>(in[i])) << (8 * i);
  if (in.size() - 4 < size) unreadable_content();
  std::string field(in.substr(4, size));
  in.remove_prefix(4 + size);
  return field;
}

void append_optional(std::string& out, const std::optional<std::string>& field) {
  append(out, field ? "1" : "0");
  append(out, field.value_or(""));
}

std::optional<std::string> take_optional(std::string_view& in) {
  const bool there = take(in) == "1";
  std::string field = take(in);
  return there ? std::optional(std::move(field)) : std::nullopt;
}

contact::Channel take_channel(std::string_view& in) {
  const auto channel = contact::parse_channel(take(in));
  if (!channel) unreadable_content();
  return *channel;
}

/// At most two digits.
int take_number(std::string_view& in) {
  const std::string digits = take(in);
  if (digits.empty() || digits.size() > 2 || !std::ranges::all_of(digits, is_digit)) unreadable_content();
  return std::stoi(digits);
}

/// Nothing of a message whose channel is fixed.
void take_channels(std::string_view& in, delivery::OutgoingMessage& m) {
  if (in.empty()) return;
  for (int left = take_number(in); left > 0; --left) {
    const auto channel = take_channel(in);
    const std::string contact = take(in);
    auto id = ContactId::from_bytes(contact);
    if (!contact.empty() && !id) unreadable_content();
    m.channels.push_back({channel, id, take(in)});
  }
  m.display_required = take(in) == "1";
  for (int left = take_number(in); left > 0; --left) {
    const auto channel = take_channel(in);
    m.refused_by.emplace_back(channel, take(in));
  }
}

struct Encoder {
  std::string operator()(const delivery::OutgoingMessage& m) const {
    std::string out;
    append(out, "message");
    append(out, contact::to_text(m.channel));
    append(out, m.to);
    append(out, m.subject);
    append(out, m.body);
    append(out, m.code.expose());
    append(out, m.locale);
    append(out, std::to_string(to_micros(m.expires_at)));
    append(out, m.status_callback_url);
    if (m.channels.empty() && m.refused_by.empty()) return out;
    append(out, std::to_string(m.channels.size()));
    for (const auto& other : m.channels) {
      append(out, contact::to_text(other.channel));
      append(out, other.contact ? std::string(other.contact->bytes()) : std::string());
      append(out, other.body);
    }
    append(out, m.display_required ? "1" : "0");
    append(out, std::to_string(m.refused_by.size()));
    for (const auto& [channel, provider] : m.refused_by) {
      append(out, contact::to_text(channel));
      append(out, provider);
    }
    return out;
  }
  std::string operator()(const delivery::VerificationStart& s) const {
    std::string out;
    append(out, "start");
    append(out, contact::to_text(s.channel));
    append(out, s.to);
    append(out, s.locale);
    append_optional(out, s.amount);
    append_optional(out, s.payee);
    append_optional(out, s.friendly_name);
    return out;
  }
};

}  // namespace

void go_by_channel(delivery::OutgoingMessage& message, contact::Channel channel) {
  const auto other = std::ranges::find(message.channels, channel, &delivery::ChannelOfLine::channel);
  if (other == message.channels.end() || channel == message.channel) return;
  message.channel = channel;
  message.body = other->body;
  message.call = {};
}

std::string seal_content(const store::Vault& vault, const MessageId& id, const MessageContent& content,
                         Random& random) {
  SecretString plain(std::visit(Encoder{}, content));
  return vault.seal(plain.expose(), "messages", id.bytes(), "content", random);
}

MessageContent open_content(const store::Vault& vault, const MessageId& id, std::string_view sealed) {
  const SecretString plain = vault.open(sealed, "messages", id.bytes(), "content");
  std::string_view in = plain.expose();
  const std::string kind = take(in);
  const auto channel = take_channel(in);
  if (kind == "message") {
    delivery::OutgoingMessage m;
    m.id = id;
    m.channel = channel;
    m.to = take(in);
    m.subject = take(in);
    m.body = take(in);
    m.code = SecretString(take(in));
    m.locale = take(in);
    m.expires_at = from_micros(std::stoll(take(in)));
    m.status_callback_url = take(in);
    take_channels(in, m);
    return m;
  }
  if (kind != "start") unreadable_content();
  delivery::VerificationStart s;
  s.id = id;
  s.channel = channel;
  s.to = take(in);
  s.locale = take(in);
  s.amount = take_optional(in);
  s.payee = take_optional(in);
  s.friendly_name = take_optional(in);
  return s;
}

}  // namespace countersign::usecase

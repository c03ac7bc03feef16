#include "store/repository/verification_codec.h"

#include <cstdint>

#include "base/check.h"
#include "store/error.h"
#include "store/repository/packed_number.h"

namespace countersign::store {

namespace {

// content := version, then the verifications, the highest id first: they are in the order of time
//    version          one byte, 1
//    verification     its size in two bytes, the higher first, and then:
//       id            16 bytes
//       contact       16 bytes
//       channel       one letter: s, c, w, e, p (sms, call, whatsapp, email, push)
//       status        one letter: p, a, c, e, x (pending, approved, canceled, expired, exhausted)
//       attempts, sends                    numbers
//       created at                         number: microseconds since the epoch
//       last sent at, expires at           times
//       provider                           text
//       provider's reference, send fault   optional texts
//       code, previous code                optional text, the digest; after one that is there, the time until which it
//                                          is valid
//       sendings      number of them, and of each, oldest first: the message's id in 16 bytes, the letter of its
//                     channel, its time. Only a standalone code records them, and what has its channel chosen by us
//
// number := as in packed_number.h
// time   := number: microseconds since `created at`, doubled; and for an earlier one, doubled less one of the distance
// text   := its size as a number, its bytes; an optional one: the size and one, or 0 where there is none
constexpr char kContentVersion = 1;
constexpr std::string_view kChannelLetters = "scwep";
constexpr std::string_view kStatusLetters = "pacex";
constexpr std::size_t kPackedSizeBytes = 2;
constexpr std::size_t kPackedIdBytes = 16;

[[noreturn]] void unreadable_verifications() {
  throw StoreFailure({StoreError::Code::kUnreadable, "unreadable verifications in a transaction"});
}

class VerificationPacker {
 public:
  explicit VerificationPacker(WallTime epoch) : epoch_(epoch) { out_.reserve(160); }
  void bytes(std::string_view bytes) { out_ += bytes; }
  void letter(std::string_view letters, std::size_t at) { out_ += letters[at]; }
  void number(std::uint64_t value) { append_packed_number(out_, value); }
  void time(WallTime time) {
    const std::int64_t since = (time - epoch_).count();
    number(since < 0 ? static_cast<std::uint64_t>(-since) * 2 - 1 : static_cast<std::uint64_t>(since) * 2);
  }
  void text(std::string_view text) {
    number(text.size());
    bytes(text);
  }
  void optional_text(const std::optional<std::string>& text) {
    if (!text) return number(0);
    number(text->size() + 1);
    bytes(*text);
  }
  void code(const std::optional<domain::SentCode>& code) {
    if (!code) return number(0);
    number(code->digest.size() + 1);
    bytes(code->digest);
    time(code->valid_until);
  }
  [[nodiscard]] const std::string& packed() const { return out_; }

 private:
  WallTime epoch_;
  std::string out_;
};

class VerificationUnpacker {
 public:
  explicit VerificationUnpacker(std::string_view rest) : rest_(rest) {}
  std::string_view bytes(std::uint64_t size) {
    if (size > rest_.size()) unreadable_verifications();
    const std::string_view head = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return head;
  }
  template <class AnyId>
  AnyId id() {
    return *AnyId::from_bytes(bytes(kPackedIdBytes));
  }
  template <class Enum>
  Enum letter(std::string_view letters) {
    const std::size_t at = letters.find(bytes(1).front());
    if (at == std::string_view::npos) unreadable_verifications();
    return static_cast<Enum>(at);
  }
  std::uint64_t number() {
    const auto value = take_packed_number(rest_);
    if (!value) unreadable_verifications();
    return *value;
  }
  void count_from(WallTime epoch) { epoch_ = epoch; }
  WallTime time() {
    const std::uint64_t value = number();
    const auto distance = static_cast<std::int64_t>((value >> 1) + (value & 1));
    return epoch_ + Duration((value & 1) != 0 ? -distance : distance);
  }
  std::string text() { return std::string(bytes(number())); }
  std::optional<std::string> optional_text() {
    const std::uint64_t size = number();
    if (size == 0) return std::nullopt;
    return std::string(bytes(size - 1));
  }
  std::optional<domain::SentCode> code() {
    auto digest = optional_text();
    if (!digest) return std::nullopt;
    return domain::SentCode{*std::move(digest), time()};
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  WallTime epoch_{};
};

std::string pack_verification(const VerificationRow& v) {
  const auto& s = v.state;
  VerificationPacker out(s.created_at);
  out.bytes(s.id.bytes());
  out.bytes(s.contact.bytes());
  out.letter(kChannelLetters, static_cast<std::size_t>(s.channel));
  out.letter(kStatusLetters, static_cast<std::size_t>(s.status));
  out.number(static_cast<std::uint64_t>(s.attempts));
  out.number(static_cast<std::uint64_t>(s.sends));
  out.number(static_cast<std::uint64_t>(to_micros(s.created_at)));
  out.time(s.last_sent_at);
  out.time(s.expires_at);
  out.text(v.provider);
  out.optional_text(v.provider_ref);
  out.optional_text(v.send_fault);
  out.code(s.code);
  out.code(s.previous_code);
  out.number(v.sendings.size());
  for (const auto& sending : v.sendings) {
    out.bytes(sending.message.bytes());
    out.letter(kChannelLetters, static_cast<std::size_t>(sending.channel));
    out.time(sending.sent_at);
  }
  return out.packed();
}

VerificationRow unpack_verification(std::string_view packed, const AccountId& account,
                                    const TransactionId& transaction) {
  VerificationUnpacker in(packed);
  VerificationRow v;
  auto& s = v.state;
  s.account = account;
  s.transaction = transaction;
  s.id = in.id<VerificationId>();
  s.contact = in.id<ContactId>();
  s.channel = in.letter<contact::Channel>(kChannelLetters);
  s.status = in.letter<domain::VerificationStatus>(kStatusLetters);
  s.attempts = static_cast<int>(in.number());
  s.sends = static_cast<int>(in.number());
  s.created_at = from_micros(static_cast<std::int64_t>(in.number()));
  in.count_from(s.created_at);
  s.last_sent_at = in.time();
  s.expires_at = in.time();
  v.provider = in.text();
  v.provider_ref = in.optional_text();
  v.send_fault = in.optional_text();
  s.code = in.code();
  s.previous_code = in.code();
  for (std::uint64_t left = in.number(); left > 0; --left) {
    const auto message = in.id<MessageId>();
    const auto channel = in.letter<contact::Channel>(kChannelLetters);
    v.sendings.push_back({message, channel, in.time()});
  }
  if (!in.at_end()) unreadable_verifications();
  return v;
}

/// Takes what packs one off the front.
std::string_view take_packed(std::string_view& rest) {
  if (rest.size() < kPackedSizeBytes) unreadable_verifications();
  const std::size_t size = std::size_t{static_cast<std::uint8_t>(rest[0])} << 8 | static_cast<std::uint8_t>(rest[1]);
  if (size < kPackedIdBytes || rest.size() < kPackedSizeBytes + size) unreadable_verifications();
  const std::string_view packed = rest.substr(kPackedSizeBytes, size);
  rest.remove_prefix(kPackedSizeBytes + size);
  return packed;
}

std::string_view without_version(std::string_view content) {
  if (!content.starts_with(kContentVersion)) unreadable_verifications();
  return content.substr(1);
}

}  // namespace

std::string no_verifications() { return {kContentVersion}; }

std::vector<VerificationRow> decode_verifications(std::string_view content, const AccountId& account,
                                                  const TransactionId& transaction) {
  std::vector<VerificationRow> rows;
  for (std::string_view rest = without_version(content); !rest.empty();)
    rows.push_back(unpack_verification(take_packed(rest), account, transaction));
  return rows;
}

std::optional<VerificationRow> decode_verification(std::string_view content, const AccountId& account,
                                                   const TransactionId& transaction, const VerificationId& id) {
  for (std::string_view rest = without_version(content); !rest.empty();) {
    const std::string_view packed = take_packed(rest);
    if (packed.starts_with(id.bytes())) return unpack_verification(packed, account, transaction);
  }
  return std::nullopt;
}

std::string with_verification(std::string_view content, const VerificationRow& v) {
  const std::string packed = pack_verification(v);
  CS_CHECK(packed.size() <= 0xFFFF);
  const std::string_view all = without_version(content);
  std::string_view before = all;  // What stays in front of it,
  std::string_view after;         // and behind it.
  bool placed = false;
  int number = 0;
  for (std::string_view rest = all; !rest.empty();) {
    const std::size_t at = all.size() - rest.size();
    const std::string_view id = take_packed(rest).substr(0, kPackedIdBytes);
    if (id == v.state.id.bytes()) {
      before = all.substr(0, at);
      after = rest;
      break;
    }
    if (!placed && id < v.state.id.bytes()) {
      before = all.substr(0, at);
      after = all.substr(at);
      placed = true;
    }
    if (++number == kVerificationsMax) (placed ? after : before).remove_suffix(all.size() - at);
  }
  std::string out;
  out.reserve(1 + before.size() + kPackedSizeBytes + packed.size() + after.size());
  out += kContentVersion;
  out += before;
  out += static_cast<char>(packed.size() >> 8);
  out += static_cast<char>(packed.size() & 0xFF);
  out += packed;
  out += after;
  return out;
}

}  // namespace countersign::store
